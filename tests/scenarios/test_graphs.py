"""Graphs of many shapes, of tasks of lawnix and of plain law."""

import pytest

from tests.scenarios.table import scenario

PLAIN = """
def text(target):
    return target.load(formatter="text")

class One(lawnix.Task):
    def output(self):
        return self.target("one.txt")

    def run(self):
        ran("One")
        self.output().dump("1", formatter="text")

class Plain(law.Task):
    def requires(self):
        return One()

    def output(self):
        return law.LocalFileTarget(os.path.abspath("plain.txt"))

    def run(self):
        ran("Plain")
        self.output().dump(text(self.input()) + "2", formatter="text")

class Three(lawnix.Task):
    def requires(self):
        return Plain()

    def output(self):
        return self.target("three.txt")

    def run(self):
        ran("Three")
        self.output().dump(text(self.input()) + "3", formatter="text")

class PlainRoot(law.Task):
    def requires(self):
        return Three()

    def output(self):
        return law.LocalFileTarget(os.path.abspath("root.txt"))

    def run(self):
        ran("PlainRoot")
        self.output().dump(text(self.input()) + "4", formatter="text")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_tasks_of_law_and_of_lawnix_require_each_other(project, workers):
    project.tasks(PLAIN)
    assert project.run("PlainRoot", "--workers", workers).bodies == ("One", "Plain", "Three", "PlainRoot")
    assert (project.root / "root.txt").read_text() == "1234"
    assert project.run("PlainRoot", "--workers", workers).ran == ""
    assert project.run("Three").ran == ""


def test_a_task_of_law_is_complete_when_its_output_exists(project):
    project.tasks(PLAIN)
    project.write("plain.txt", "0")
    assert project.run("Three").ran == "Three"
    assert project.text("Three/*/three.txt") == "03"
    (project.root / "plain.txt").unlink()
    assert project.run("Three").ran == "One Plain Three"
    assert project.text("Three/*/three.txt") == "123"


@scenario(126, "A → task of plain law, which fails → B", "cold", runs="A, it; exit code 40", stays="B")
def test_a_failure_of_a_task_of_law_stops_what_reads_it(project):
    project.tasks(PLAIN)
    project.edit(
        'self.output().dump(text(self.input()) + "2", formatter="text")', 'raise ValueError("plain failure")'
    )
    run = project.run("PlainRoot", code=40)
    assert run.ran == "One Plain"
    assert "plain failure" in run.output


def test_graphs_without_lawnix_are_left_to_luigi(project):
    project.tasks("""
class Plain(law.Task):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("plain.txt"))

    def run(self):
        ran("Plain")
        self.output().touch()
""")  # fmt: skip
    assert project.run("Plain").ran == "Plain"
    assert project.run("Plain").ran == ""


LADDER = """
class Step(lawnix.Task):
    number = luigi.IntParameter()
    side = luigi.Parameter(default="a")

    def requires(self):
        return [Step(number=self.number - 1, side=side) for side in "ab"] if self.number else []

    def output(self):
        return self.target("step.txt")

    def run(self):
        ran(f"{self.number}{self.side}")
        self.output().dump("x", formatter="text")
"""


def test_a_ladder_of_diamonds_is_walked_once(project):
    project.tasks(LADDER)
    run = project.run("Step", "--number", "30", "--workers", "2")
    assert sorted(run.bodies) == sorted([f"{n}{side}" for n in range(30) for side in "ab"] + ["30a"])
    assert project.run("Step", "--number", "30").ran == ""


@pytest.mark.parametrize("question", ["status", "deps", "output"])
def test_questions_about_a_ladder_of_diamonds_are_answered(project, question):
    project.tasks(LADDER)
    project.run("Step", "--number", "3")
    run = project.run("Step", "--number", "30", f"--print-{question}", "-1")
    assert run.ran == ""
    assert "Step" in run.output


@scenario(76, "T, by chance → l, r → J", "T forgotten", runs="T, l, r, J; both arms saw one T")
def test_both_arms_of_a_diamond_see_one_realization(project):
    project.tasks("""
class Chance(lawnix.Task):
    def output(self):
        return self.target("chance.txt")

    def run(self):
        ran("Chance")
        self.output().dump(os.urandom(8).hex(), formatter="text")

class Arm(lawnix.Task):
    side = luigi.Parameter()

    def requires(self):
        return Chance()

    def output(self):
        return self.target("arm.txt")

    def run(self):
        ran(self.side)
        self.output().dump(self.input().load(formatter="text") + self.side, formatter="text")

class Join(lawnix.Task):
    def requires(self):
        return [Arm(side=side) for side in "lr"]

    def output(self):
        return self.target("join.txt")

    def run(self):
        ran("Join")
        self.output().dump(" ".join(arm.load(formatter="text") for arm in self.input()), formatter="text")
""")  # fmt: skip
    assert project.run("Join", "--workers", "2").ran == "Chance Join l r"
    left, right = project.text("Join/*/join.txt").split()
    assert left[:-1] == right[:-1]
    # forgotten and built anew, it is another; the latest is what everything is made from
    project.run("Chance", "--remove-output", "0,a")
    assert project.run("Join", "--workers", "2").ran == "Chance Join l r"
    other, right = project.text("Join/*/join.txt").split()
    assert other[:-1] == right[:-1] != left[:-1]


CHAIN = """
class Link(lawnix.Task):
    number = luigi.IntParameter()

    def requires(self):
        return Link(number=self.number - 1) if self.number else []

    def output(self):
        return self.target("link.txt")

    def run(self):
        if self.number % 500 == 0:
            ran(f"Link{self.number}")
        if self.number == int(os.environ.get("FAIL_AT", "-1")):
            raise ValueError("broken link")
        self.output().dump("x", formatter="text")
"""


def test_a_chain_of_2000_tasks_meets_no_limit(project):
    project.tasks(CHAIN)
    project.patience *= 3
    assert project.run("Link", "--number", "1999", "--workers", "2").ran == "Link0 Link1000 Link1500 Link500"
    assert project.run("Link", "--number", "1999").ran == ""
    assert project.verify().objects == 1  # all of them have written the same


def test_a_failure_at_the_end_of_a_chain_of_2000_tasks_is_told(project):
    project.tasks(CHAIN)
    run = project.run("Link", "--number", "1999", code=40, FAIL_AT="0")
    assert run.ran == "Link0"
    assert "1999 had failed dependencies" in run.output


@scenario(93, "A with a `complete()` of its own", "it says True; False", runs="nothing; A")
def test_complete_is_honoured_if_the_author_says_it(project):
    project.tasks("""
class A(lawnix.Task):
    def complete(self):
        return os.path.exists("done")

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump("a", formatter="text")
""")  # fmt: skip
    (project.root / "done").touch()
    assert project.run("A").ran == ""
    (project.root / "done").unlink()
    assert project.run("A").ran == "A"


@scenario(
    125,
    "A that declares the variable COLOUR",
    "COLOUR; another variable; COLOUR back",
    runs="A; nothing; nothing",
)
def test_a_declared_variable_of_the_environment_decides_the_result(project):
    project.tasks("""
class A(lawnix.Task):
    environment = ["COLOUR"]

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(os.environ.get("COLOUR", "none"), formatter="text")
""")  # fmt: skip
    assert project.run("A", COLOUR="red").ran == "A"
    assert project.run("A", COLOUR="red", SHAPE="round").ran == ""
    assert project.run("A", COLOUR="blue").ran == "A"
    assert project.run("A").ran == "A"
    assert project.run("A", COLOUR="red").ran == ""
    assert project.text("A/*/a.txt") == "red"


def test_removed_outputs_are_built_again_and_the_latest_counts(project):
    project.tasks("""
class A(lawnix.Task):
    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        with open("tries.txt", "a") as file:
            file.write("x")
        self.output().dump(open("tries.txt").read(), formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A()

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(self.input().load(formatter="text"), formatter="text")
""")  # fmt: skip
    assert project.run("B").ran == "A B"
    removed = project.run("A", "--remove-output", "0,a")
    assert "remov" in removed.output
    assert "absent" in project.run("A", "--print-status", "0").output
    assert project.run("B").ran == "A B"
    assert project.text("B/*/b.txt") == "xx"
    assert project.run("B").ran == ""
    assert project.verify().is_clean
