"""Pipelines in which computing, keeping and showing are tasks of their own: what one edit leaves alone."""

import pytest

from tests.scenarios.table import scenario

PLOTS = """
VALUES = [3, 1, 2]

def computed():
    return sorted(VALUES)

class Calc(lawnix.Task):
    def output(self):
        return self.target("values.json")

    def run(self):
        ran("calc")
        self.output().dump(computed(), formatter="json")

class Table(lawnix.Task):
    def requires(self):
        return Calc()

    def output(self):
        return self.target("table.txt")

    def run(self):
        ran("table")
        self.output().dump(", ".join(map(str, self.input().load(formatter="json"))), formatter="text")

class Plot(lawnix.Task):
    colour = luigi.Parameter(default="red")

    def requires(self):
        return Calc()

    def output(self):
        return self.target("plot.txt")

    def run(self):
        ran("plot")
        self.output().dump(f"{self.colour} {self.input().load(formatter='json')}", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Table(), Plot()]
"""


@pytest.fixture
def plots(project):
    project.tasks(PLOTS)
    assert project.run("All", "--workers", "2").ran == "calc plot table"
    return project


@scenario(66, "calc → plot, table", "the plot's output deleted", runs="plot", stays="calc, table")
def test_a_plot_that_is_gone(plots):
    path = plots.result("Plot/*/plot.txt").resolve() if plots.run("Plot").code == 0 else None
    path.parent.chmod(0o755)
    path.unlink()
    assert plots.run("All").ran == "plot"


@scenario(67, "calc → plot, table", "calc's code, same values", runs="calc", stays="plot, table")
def test_a_calculation_that_gives_the_same(plots):
    plots.edit("return sorted(VALUES)", "return sorted(VALUES[::-1])")
    assert plots.run("All").ran == "calc"


@scenario(
    68,
    "calc → plot, table",
    "the colour of the plot, a parameter; back",
    runs="plot; nothing",
    stays="calc, table",
)
def test_a_plot_in_another_colour(plots):
    assert plots.run("All", "--Plot-colour", "blue").ran == "plot"
    assert plots.run("All").ran == ""


@scenario(69, "calc → plot, table", "the plot's code", runs="plot", stays="calc, table")
def test_a_plot_that_was_edited(plots):
    plots.edit('f"{self.colour} ', 'f"in {self.colour} ')
    assert plots.run("All").ran == "plot"


@scenario(70, "calc → plot, table", "calc gives other values", runs="calc, plot, table")
def test_a_calculation_that_gives_other_values(plots):
    plots.edit("VALUES = [3, 1, 2]", "VALUES = [3, 1, 4]")
    assert plots.run("All").ran == "calc plot table"


GENERATOR = """
class Part(lawnix.Task):
    number = luigi.IntParameter()

    def output(self):
        return self.target("part.txt")

    def run(self):
        ran(f"g{self.number}")
        self.output().dump(str(self.number), formatter="text")

class Generator(lawnix.Task):
    n = luigi.IntParameter()

    def output(self):
        return self.target("all.txt")

    def run(self):
        parts = yield [Part(number=number) for number in range(self.n)]
        ran("G")
        self.output().dump("".join(part.load(formatter="text") for part in parts), formatter="text")
"""


@scenario(61, "G yields n tasks", "cold, n = 2; again", runs="G, g0, g1; nothing")
@scenario(
    62, "G yields n tasks, built for n = 2", "n = 3; n = 1; n = 2", runs="G, g2; G; nothing", stays="g0, g1"
)
def test_a_generator_of_tasks(project):
    project.tasks(GENERATOR)
    assert project.run("Generator", "--n", "2").ran == "G g0 g1"
    assert project.run("Generator", "--n", "2").ran == ""
    assert project.run("Generator", "--n", "3").ran == "G g2"
    assert project.run("Generator", "--n", "1").ran == "G"
    assert project.run("Generator", "--n", "2").ran == ""
    assert project.text("Generator/n=2/all.txt") == "01"
    assert project.run("Part", "--number", "1").ran == ""  # what nobody asks for is not removed


ROOTS = """
class T(lawnix.Task):
    name = luigi.Parameter()

    def output(self):
        return self.target("t.txt")

    def run(self):
        ran(self.name)
        self.output().dump(self.name, formatter="text")

class Top(lawnix.Task):
    name = luigi.Parameter()

    def requires(self):
        return T(name=self.name.lower())

    def output(self):
        return self.target("top.txt")

    def run(self):
        ran(self.name)
        self.output().dump(self.input().load(formatter="text"), formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Top(name=name) for name in "BCZ"]
"""


@scenario(
    91,
    "a → A, b → B, c → C, nothing built",
    "B asked for; all asked for",
    runs="b, B; a, A, c, C",
    stays="first a, A, c, C",
)
def test_only_what_was_asked_for(project):
    project.tasks(ROOTS.replace("BCZ", "ABC"))
    assert project.run("Top", "--name", "B").ran == "B b"
    assert project.run("All").ran == "A C a c"
