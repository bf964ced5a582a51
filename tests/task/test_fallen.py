"""Where something does not stand, that alone is planned; what comes of it is what a plan of all would have made of it."""

import sqlite3

import pytest

import lawnix.task.fallen
import lawnix.task.planned
from tests.conftest import Playground

TASKS = """
WIDTH = 10
UNIT = "u"


class Source(lawnix.ExternalTask):
    number = luigi.IntParameter()

    def output(self):
        return law.LocalFileTarget(os.path.abspath(f"sources/{self.number}.txt"))


class Leaf(lawnix.Task):
    number = luigi.IntParameter()

    def requires(self):
        return Source(number=self.number)

    def output(self):
        return {"value": self.target("leaf.txt"), "note": self.target("note.txt")}

    def run(self):
        ran(f"Leaf{self.number}")
        value, *note = self.input().load(formatter="text").split()
        assert value != "bad"
        self.output()["value"].dump(value + UNIT, formatter="text")
        self.output()["note"].dump(" ".join(note) + "!", formatter="text")


class Calibration(lawnix.Task):
    def requires(self):
        return [Leaf(number=0), lawnix.only(Leaf(number=1), "value")]

    def output(self):
        return self.target("c.txt")

    def run(self):
        ran("Calibration")
        first, second = self.input()
        self.output().dump(first["value"].load(formatter="text") + second.load(formatter="text"), formatter="text")


class Branches(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {number: f"b{number}" for number in range(WIDTH)}

    def workflow_requires(self):
        return {"calibration": Calibration()}

    def requires(self):
        return {"own": lawnix.only(Leaf(number=self.branch), "value"), "next": Leaf(number=(self.branch + 1) % WIDTH)}

    def output(self):
        return self.target("branch.txt")

    def run(self):
        ran(f"Branches{self.branch}")
        own, other = self.input()["own"], self.input()["next"]["value"]
        text = own.load(formatter="text") + other.load(formatter="text")
        self.output().dump(self.branch_data + text, formatter="text")


class Pairs(lawnix.WrapperTask):
    first = luigi.IntParameter()

    def requires(self):
        return [Leaf(number=self.first), Leaf(number=self.first + 1)]


class Sum(lawnix.Task):
    first = luigi.IntParameter()

    def requires(self):
        return {"pairs": Pairs(first=self.first), "calibration": Calibration()}

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran(f"Sum{self.first}")
        pairs = luigi.task.flatten(self.input()["pairs"])
        text = "".join(each.load(formatter="text") for each in pairs) + self.input()["calibration"].load(formatter="text")
        self.output().dump(text, formatter="text")


class Plot(lawnix.Task):
    def requires(self):
        return Branches()

    def output(self):
        return self.target("plot.txt")

    def run(self):
        ran("Plot")
        found = self.input()["collection"].targets
        self.output().dump("".join(found[n].load(formatter="text") for n in sorted(found)), formatter="text")


class All(lawnix.WrapperTask):
    def requires(self):
        return {"sums": [Sum(first=n) for n in range(0, WIDTH, 2)], "branches": Branches(), "plot": Plot()}
"""


class Project(Playground):
    """The project, in which `All` was built."""

    def __init__(self, root):
        root.mkdir()
        super().__init__(root)
        self.tasks(TASKS)
        (root / "sources").mkdir()
        for number in range(10):
            self.write(number, f"{number} as it was")
        self.run()

    def write(self, number, text):
        (self.root / f"sources/{number}.txt").write_text(text)

    def run(self, *arguments, code=0):
        """What ran, and how it was planned: "stands", "partly" or "wholly"."""
        said = self.law("run", "play.All", *arguments, code=code)
        planned = self.asked() or ["stands"]
        return self.ran(), planned[-1], said

    def forget_how_it_ended(self):
        with sqlite3.connect(self.store / "files.sqlite") as database:
            database.execute("DELETE FROM standing")

    def recorded(self):
        """What the store knows: derivations, groups, and the keys and derivations of realizations."""
        self.lawnix("gc", "--dry-run")  # takes the journals in
        with sqlite3.connect(self.store / "index.sqlite") as database:
            return {
                "derivations": set(database.execute("SELECT digest FROM derivations")),
                "groups": set(database.execute("SELECT digest FROM groups")),
                "realizations": set(database.execute("SELECT key, derivation FROM realizations")),
            }

    def shown(self):
        """The texts that people find."""
        results = self.root / "results"
        return {str(place.relative_to(results)): place.read_text() for place in results.rglob("*.txt")}


@pytest.fixture(autouse=True)
def _telling(monkeypatch):
    """Let runs say how they were planned, where `asked()` finds it."""
    import os

    for module, word in ((lawnix.task.planned, "wholly"), (lawnix.task.fallen, "partly")):

        def make_plan(*args, plan=module.make_plan, word=word, **kwargs):
            with open(os.environ["ASKED"], "a") as file:
                file.write(f"{word}\n")
            return plan(*args, **kwargs)

        monkeypatch.setattr(module, "make_plan", make_plan)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "project")


def _source(number, text):
    return lambda play: play.write(number, text)


def _edit(old, new):
    return lambda play: play.edit(old, new)


def _again(*task):
    return lambda play: play.law("run", *task, "--remove-output", "0,a,y")


def _forget(play):
    play.law("run", "play.Leaf", "--number", "9", "--remove-output", "0,a")


def _lose(family):
    """Remove the objects of what a family has put out."""

    def lose(play):
        for place in play.store.glob(f"objects/*/*-{family}.txt"):
            place.unlink()

    return lose


STEPS = {
    "a source": (_source(5, "50 as it was"), "partly", "Branches4 Branches5 Leaf5 Plot Sum4"),
    "a comment in a source": (_source(6, "6 with a remark"), "partly", "Branches5 Leaf6 Sum6"),
    "two sources": (lambda play: (play.write(2, "2 ?"), play.write(3, "3 ?")), "partly", "Branches1 Branches2 Leaf2 Leaf3 Sum2"),
    "what ends all": (_edit('ran("Plot")', 'ran("Plot"); print("plot")'), "partly", "Plot"),
    "code of branches": (_edit("self.branch_data + text", "self.branch_data + text + ';'"), "partly",
                         "Branches0 Branches1 Branches2 Branches3 Branches4 Branches5 Branches6 Branches7 Branches8 Branches9 Plot"),
    "a branch that was built again": (_again("play.Branches", "--branch", "7"), "stands", ""),
    "a leaf that was built again": (_again("play.Leaf", "--number", "8"), "stands", ""),
    "a leaf that was forgotten": (_forget, "partly", "Leaf9"),
    "the source as it was": (_source(5, "5 as it was"), "partly", "Branches4 Branches5 Plot"),
    "the branches as they were": (_edit("self.branch_data + text + ';'", "self.branch_data + text"), "partly", "Branches5 Plot"),
    "what all read": (_edit("UNIT = \"u\"", "UNIT = \"v\""), "wholly", None),
    "the width": (_edit("WIDTH = 10", "WIDTH = 8"), "wholly", None),
}  # fmt: skip


def test_whatever_changes_the_run_makes_of_it_what_a_plan_of_all_makes(tmp_path):
    partly, wholly = Project(tmp_path / "partly"), Project(tmp_path / "wholly")
    for name, (step, how, runs) in STEPS.items():
        for each in (partly, wholly):
            step(each)
            each.ran(), each.asked()
        wholly.forget_how_it_ended()
        ran, planned, _ = partly.run()
        assert (name, planned) == (name, how)
        assert (name, ran) == (name, wholly.run()[0])
        assert runs is None or (name, " ".join(ran)) == (name, runs)
        assert (name, partly.shown()) == (name, wholly.shown())
        assert (name, partly.recorded()) == (name, wholly.recorded())
        assert (name, partly.run()[:2]) == (name, ([], "stands"))


def test_after_an_edit_that_changed_no_content_the_rest_still_stands(project):
    project.write(6, "6   as it was")
    assert project.run()[:2] == (["Leaf6"], "partly")
    project.edit('ran("Plot")', 'ran("Plot"); print("plot")')  # it leans on what was reused just now
    assert project.run()[:2] == (["Plot"], "partly")


def test_what_is_there_is_told_of_all(project):
    project.write(5, "50 as it was")
    _, planned, said = project.run()
    assert planned == "partly"
    assert "22 results are there; to build: 1 Leaf" in said.err
    assert "nothing to build, 27 results are there" in project.run()[2].err


@pytest.mark.parametrize("lost", ["leaf", "c"])
def test_what_is_read_and_gone_is_built_by_a_plan_of_all(project, lost):
    _lose(lost)(project)
    assert project.run()[:2] == ([], "stands")  # nobody reads it
    project.edit('ran(f"Sum{self.first}")', 'ran(f"Sum{self.first}"); print()')
    ran, planned, _ = project.run()
    assert planned == "wholly"
    assert "Sum0" in ran


def test_a_run_that_fails_in_the_part_is_gone_on_with(project):
    project.write(2, "2 with a remark")
    project.write(5, "bad")
    ran, planned, said = project.run(code=40)
    assert (ran, planned) == (["Branches1", "Leaf2", "Leaf5", "Sum2"], "partly")
    assert "1 Plot" not in said.err.partition("ran successfully")[2].partition("failed")[0]
    assert project.run(code=40)[:2] == (["Leaf5"], "partly")
    project.write(5, "50 as it was")
    assert project.run()[:2] == (["Branches4", "Branches5", "Leaf5", "Plot", "Sum4"], "partly")
    assert project.run()[:2] == ([], "stands")


def test_a_source_that_is_gone_is_told_by_a_plan_of_all(project):
    (project.root / "sources/5.txt").unlink()
    _, planned, said = project.run(code=20)
    assert planned == "wholly"
    assert "sources/5.txt" in said.err


def test_a_root_beside_others_is_planned_with_them(project):
    project.tasks(
        TASKS
        + "\nclass Both(lawnix.WrapperTask):\n    def requires(self):\n        return [All(), Sum(first=1)]\n"
    )
    project.write(5, "50 as it was")
    assert project.run()[1] == "partly"
    project.law("run", "play.Both")
    assert project.asked() == ["wholly"]


def test_what_a_part_requires_while_it_runs_is_found(project):
    project.write(12, "12 as it was")
    project.edit('ran("Calibration")', 'ran("Calibration"); yield Leaf(number=12)')
    ran, planned, _ = project.run()
    assert (ran, planned) == (["Calibration", "Calibration", "Leaf12"], "partly")
    project.write(5, "50 as it was")
    assert set(project.run()[0]) >= {"Leaf5", "Sum4"}
    assert project.run()[0] == []


def test_a_source_that_says_that_it_is_not_complete_is_believed(project):
    project.edit(
        "class Source(",
        """class Whole(law.LocalFileTarget):
    def complete(self):
        return os.path.exists("whole")


class Source(""",
    )
    project.edit("law.LocalFileTarget(os.path.abspath", "Whole(os.path.abspath")
    (project.root / "whole").touch()
    assert project.run()[:2] == ([], "stands")
    (project.root / "whole").unlink()
    _, planned, said = project.run(code=20)
    assert planned == "wholly"
    assert "10 were missing external dependencies" in said.err


COPY = """

class Copy(lawnix.Task):
    def requires(self):
        return Source(number=5)

    def output(self):
        return self.target("copy.txt")

    def run(self):
        ran("Copy")
        self.output().dump(self.input().load(formatter="text"), formatter="text")
"""


def _with_copy(project, requires="Source(number=5)"):
    project.tasks(TASKS + COPY.replace("Source(number=5)", requires))
    project.edit('"plot": Plot()', '"plot": Plot(), "copy": Copy()')


def test_parts_of_what_has_fallen_are_found_whatever_the_whole_requires(project):
    project.edit("return Source(number=self.number)", 'return {"own": Source(number=self.number)}')
    project.edit("*note = self.input().load", '*note = self.input()["own"].load')
    project.edit('UNIT = "u"', 'UNIT = "w"')
    project.run()
    project.write(5, "50 as it was")
    assert project.run()[:2] == (["Branches4", "Branches5", "Leaf5", "Plot", "Sum4"], "partly")


def test_a_source_that_changes_after_it_was_compared_is_seen_by_all_who_read_it(project, monkeypatch):
    _with_copy(project)
    project.run()
    project.edit('ran("Copy")', 'ran("Copy"); print()')
    fallen_of = lawnix.task.planned.fallen_of

    def late(*args):
        project.write(5, "50 as it was")
        return fallen_of(*args)

    monkeypatch.setattr(lawnix.task.planned, "fallen_of", late)
    ran, planned, _ = project.run()
    assert (ran, planned) == (["Branches4", "Branches5", "Copy", "Leaf5", "Plot", "Sum4"], "wholly")
    assert project.run()[:2] == ([], "stands")


def test_of_equal_tasks_the_one_that_was_met_first_is_asked(project):
    _with_copy(project, 'Source(number=5, place="elsewhere")')
    project.edit(
        "    number = luigi.IntParameter()\n\n    def output(self):\n        return law",
        "    number = luigi.IntParameter()\n    place = luigi.Parameter(default='sources', significant=False)\n\n"
        "    def output(self):\n        return law",
    )
    project.edit('f"sources/{', 'f"{self.place}/{')
    (project.root / "elsewhere").mkdir()
    (project.root / "elsewhere/5.txt").write_text("elsewhere")
    project.run()
    project.edit('ran("Copy")', 'ran("Copy"); print()')
    assert project.run()[:2] == (["Copy"], "partly")
    project.forget_how_it_ended()
    assert project.run()[:2] == ([], "wholly")


def test_what_is_lost_while_others_are_built_is_built_by_the_next_run(project, monkeypatch):
    project.write(5, "50 as it was")
    run_plan = lawnix.task.planned.run_plan

    def losing(*args):
        _lose("leaf")(project)
        return run_plan(*args)

    with monkeypatch.context() as lost:
        lost.setattr(lawnix.task.planned, "run_plan", losing)
        ran, planned, _ = project.run(code=40)
    assert planned == "partly"
    assert [name for name in ran if name.startswith("Leaf")] == [
        "Leaf5"
    ]  # others cannot: what they read is not planned
    assert {"Leaf4", "Sum4"} <= set(project.run()[0])
    assert project.run()[:2] == ([], "stands")


def test_a_graph_that_another_run_has_kept_is_not_taken_for_the_own(project):
    with sqlite3.connect(project.store / "files.sqlite") as database:
        (graph,) = database.execute("SELECT name, text FROM standing WHERE name LIKE '% graph'").fetchall()
    project.write(5, "50 as it was")
    assert project.run()[1] == "partly"
    with sqlite3.connect(project.store / "files.sqlite") as database:
        database.execute("UPDATE standing SET text = ? WHERE name = ?", graph[::-1])
    project.write(6, "60 as it was")
    assert project.run()[1] == "wholly"
    project.write(6, "61 as it was")
    assert project.run()[1] == "partly"


def test_roots_are_walked_in_their_order_whatever_stands_of_them(project):
    def build(*leaves):
        def call():
            import luigi
            import play

            luigi.build(
                [play.Leaf(number=5, unit=unit) for unit in leaves[:1]]
                + [play.Twice(unit=u) for u in leaves[1:]]
            )

        project._call(call, 0)

    project.edit("    number = luigi.IntParameter()\n\n    def requires", "    number = luigi.IntParameter()\n"
                 "    unit = luigi.Parameter(default='u', significant=False)\n\n    def requires")  # fmt: skip
    project.edit("dump(value + UNIT", "dump(value + self.unit")
    project.tasks(
        (project.root / "play.py").read_text()
        + """
class Twice(lawnix.WrapperTask):
    unit = luigi.Parameter()

    def requires(self):
        return Leaf(number=5, unit=self.unit)
"""
    )
    build("first")
    project.write(5, "50 as it was")
    build("first", "second")
    assert project.shown()["Leaf/number=5/leaf.txt"] == "50first"


FAR = '''
class Copied(luigi.Target):
    """A file that has to be copied before it can be read."""

    def __init__(self, place):
        self.place = self.uri = place

    def exists(self):
        return True

    complete = exists

    def localize(self, mode):
        ran(f"copy{os.path.basename(self.place)}")
        return law.LocalFileTarget(self.place).localize(mode)

    def __str__(self):
        return self.place


class Far(lawnix.ExternalTask):
    number = luigi.IntParameter()

    def output(self):
        return Copied(os.path.abspath(f"sources/{self.number}.txt"))


class Reader(lawnix.Task):
    number = luigi.IntParameter()

    def requires(self):
        return Far(number=self.number)

    def output(self):
        return self.target("r.txt")

    def run(self):
        ran(f"Reader{self.number}")
        self.output().dump(f"{self.number}", formatter="text")


class Readers(lawnix.WrapperTask):
    def requires(self):
        return [Reader(number=number) for number in range(5)]
'''


@pytest.mark.parametrize("again", ["partly", "wholly"])
def test_what_lies_elsewhere_is_copied_once_in_a_run(project, again):
    with (project.root / "play.py").open("a") as file:
        file.write(FAR)
    copies = [f"copy{number}.txt" for number in range(5)]
    readers = [f"Reader{number}" for number in range(5)]
    project.law("run", "play.Readers")
    assert project.ran() == [*readers, *copies]
    project.asked()
    touched = range(1 if again == "partly" else 5)
    for number in touched:
        project.write(number, "edited")
    project.law("run", "play.Readers")
    assert (project.ran(), project.asked()[-1]) == ([*readers[: len(touched)], *copies], again)
