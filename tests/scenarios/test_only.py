"""`lawnix.only()`: who reads some outputs of a task does not depend on the others."""

import pytest

from tests.scenarios.table import scenario

TASKS = """
class Fit(lawnix.Task):
    def output(self):
        return {
            "histograms": self.target("histograms.json"),
            "log": self.target("log.txt"),
            "plots": {"mass": self.target("mass.txt"), "pt": self.target("pt.txt")},
        }

    def run(self):
        ran("Fit")
        self.output()["histograms"].dump([1, 2], formatter="json")
        self.output()["log"].dump("first log", formatter="text")
        self.output()["plots"]["mass"].dump("first mass", formatter="text")
        self.output()["plots"]["pt"].dump("first pt", formatter="text")

class Plot(lawnix.Task):
    def requires(self):
        return lawnix.only(Fit.req(self), "histograms")

    def output(self):
        return self.target("plot.txt")

    def run(self):
        ran("Plot")
        self.output().dump(str(self.input().load(formatter="json")), formatter="text")

class Page(lawnix.Task):
    def requires(self):
        return {"fit": lawnix.only(Fit.req(self), "histograms", "plots.mass")}

    def output(self):
        return self.target("page.txt")

    def run(self):
        ran("Page")
        read = self.input()["fit"]
        text = f"{sorted(read)} {read['plots.mass'].load(formatter='text')}"
        self.output().dump(text, formatter="text")

class Parts(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b"}

    def output(self):
        return {"value": self.target("value.txt"), "log": self.target("log.txt")}

    def run(self):
        ran(self.branch_data)
        self.output()["value"].dump(self.branch_data, formatter="text")
        self.output()["log"].dump("first part", formatter="text")

class Sum(lawnix.Task):
    def requires(self):
        return lawnix.only(Parts.req(self), "value")

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        targets = self.input()["collection"].targets
        self.output().dump("".join(targets[n].load(formatter="text") for n in sorted(targets)), formatter="text")

class Wrong(lawnix.Task):
    def requires(self):
        return lawnix.only(Fit.req(self), "hist")

    def output(self):
        return self.target("wrong.txt")

    def run(self):
        ran("Wrong")
"""


@pytest.fixture
def fits(project):
    project.tasks(TASKS)
    assert project.run("Plot").ran == "Fit Plot"
    assert project.text("Plot/*/plot.txt") == "[1, 2]"
    return project


@scenario(
    133, "M with several outputs → U, by `only()`", "an output that U does not name", runs="M", stays="U"
)
@pytest.mark.parametrize("other", ["first log", "first mass"])
def test_what_is_not_read_may_change(fits, other):
    fits.edit(other, "second")
    assert fits.run("Plot").ran == "Fit"
    assert fits.run("Plot").ran == ""


@scenario(96, "M with several outputs → U, by `only()`", "the output that U names", runs="M, U")
def test_what_is_read_may_not(fits):
    fits.edit("[1, 2]", "[1, 2, 3]")
    assert fits.run("Plot").ran == "Fit Plot"
    assert fits.text("Plot/*/plot.txt") == "[1, 2, 3]"


def test_several_outputs_come_by_their_places(fits):
    assert fits.run("Page").ran == "Page"
    assert fits.text("Page/*/page.txt") == "['histograms', 'plots.mass'] first mass"
    fits.edit("first pt", "second pt")
    assert fits.run("Page").ran == "Fit"
    fits.edit("first mass", "second mass")
    assert fits.run("Page").ran == "Fit Page"


@scenario(60, "branches a, b → Sum, by `only()`", "another output of each branch", runs="a, b", stays="Sum")
def test_of_a_workflow_it_is_an_output_of_each_branch(project):
    project.tasks(TASKS)
    assert project.run("Sum", "--workers", "2").ran == "Sum a b"
    assert project.text("Sum/*/sum.txt") == "ab"
    project.edit("first part", "second part")
    assert project.run("Sum").ran == "a b"


def test_reading_another_output_is_another_input(fits):
    fits.edit('lawnix.only(Fit.req(self), "histograms")', 'lawnix.only(Fit.req(self), "log")')
    fits.edit('str(self.input().load(formatter="json"))', 'self.input().load(formatter="text")')
    assert fits.run("Plot").ran == "Plot"
    assert fits.text("Plot/*/plot.txt") == "first log"


def test_why_speaks_of_the_task_itself(fits):
    fits.edit("first log", "second log")
    said = fits.run("Plot", "--why", "1").output
    assert "runs if `Fit` comes out with other content" in said
    assert "code of `Fit.run` (proj/tasks.py:" in said


def test_an_output_that_is_not_there_is_refused(fits):
    run = fits.run("Wrong", code=None)
    assert run.code != 0
    assert run.ran == ""
    assert "Fit has outputs histograms, log, plots.mass, plots.pt, not hist" in run.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lawnix.only(Fit.req(self), "hist")', "lawnix.only(Fit.req(self))", "names no outputs"),
        (
            'lawnix.only(Fit.req(self), "hist")',
            'lawnix.only(Other(), "x")',
            "is none; derive it from lawnix.Task",
        ),
    ],
)
def test_what_cannot_be_read_in_part_is_refused(fits, old, new, said):
    fits.edit(old, new)
    text = (fits.root / "proj/tasks.py").read_text()
    (fits.root / "proj/tasks.py").write_text(f"{text}\nclass Other(law.ExternalTask):\n    pass\n")
    run = fits.run("Wrong", code=None)
    assert run.code != 0
    assert said in run.output
