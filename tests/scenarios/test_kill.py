"""A run is killed, at every change that it makes in the store and at random moments: what is there is whole, and the
next run goes on from it."""

import random
from pathlib import Path

import pytest

from tests.scenarios.table import scenario

KILLER = Path(__file__).with_name("killer.py")

GRAPH = """
class Numbers(lawnix.Task):
    def output(self):
        return self.target("numbers.json")

    def run(self):
        ran("Numbers")
        print("some numbers")
        self.output().dump([3, 4], formatter="json")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    many = luigi.IntParameter(default=1)

    def create_branch_map(self):
        return {number: number for number in range(self.many)}

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return {"value": self.target("square.txt"), "tree": self.target("tree", type="d")}

    def run(self):
        ran(f"Squares{self.branch_data}")
        square = str(self.input().load(formatter="json")[self.branch_data % 2] ** 2)
        self.output()["value"].dump(square, formatter="text")
        for number in range(2):
            self.output()["tree"].child(f"{number}.txt", type="f").dump(square, formatter="text")

class Sum(lawnix.Task):
    many = luigi.IntParameter(default=1)

    def requires(self):
        return Squares.req(self)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        squares = self.input()["collection"].targets.values()
        self.output().dump(str(sum(int(t["value"].load(formatter="text")) for t in squares)), formatter="text")
"""


def whole(project):
    """Nothing in the store is torn, and nothing is known without being there."""
    verified = project.verify()
    assert verified.is_clean, verified
    assert not verified.missing, verified


@scenario(
    75,
    "a run killed by SIGKILL at any change of the store",
    "again",
    runs="what was not finished; at most one task twice",
)
@pytest.mark.parametrize(
    ("executor", "root", "first", "stride"),
    [
        ("inline", "Squares", 1, 2),  # every change of two builds
        ("inline", "Squares", 2, 2),
        ("fork", "Sum", 1, 5),  # as users run it, and with a workflow below
    ],
)
def test_killed_at_any_change_of_the_store_the_next_run_goes_on(project, executor, root, first, stride):
    project.tasks(GRAPH)
    wanted = {"Numbers", "Squares0", *(["Sum"] if root == "Sum" else [])}
    points = project.root / "points.txt"
    for number in range(first, 1000, stride):
        project.store, project.results = project.root / f"store-{number}", project.root / f"results-{number}"
        settings = {
            "LAW__lawnix__executor": executor,
            "LAW__lawnix__store": str(project.store),
            "LAW__lawnix__results": str(project.results),
            "STORE": str(project.store),
            "POINTS": str(points),
            "KILL_AT": str(number),
        }
        points.write_text("")
        killed = project.law("run", f"proj.tasks.{root}", prelude=KILLER, code=None, **settings)
        if killed.code == 0:
            break
        where = points.read_text()
        assert killed.code == -9, f"{killed.output}\n{where}"
        if (project.store / "format").exists():
            whole(project)
        for path in project.results.rglob("*.txt"):  # what can be seen is complete
            assert path.read_text() == "9"
        again = project.run(root, **settings)
        both = killed.counts + again.counts
        assert set(both) == wanted, where
        # only what was in flight, and not yet written down, ran twice
        assert both.total() <= len(wanted) + 1, where
        assert {path.read_text() for path in project.results.rglob("*.txt")} == {"9"}
        whole(project)
    assert number > 60
    assert project.run(root, **settings).ran == ""


def test_killed_at_random_moments_a_run_with_two_workers_goes_on(project):
    """One graph, killed again and again until it is done, with results of earlier runs in place."""
    project.tasks(GRAPH)
    project.configure("lawnix", "durability", "grouped")
    chance = random.Random(20120704)
    bodies, kills = [], 0
    for _ in range(12):
        command = project.start("run", "proj.tasks.Sum", "--many", "60", "--workers", "2")
        run = command.end_after(chance.uniform(0.05, 0.25))
        bodies.extend(run.bodies)
        kills += run.code == -9
        assert command.leftovers() == []
        if (project.store / "format").exists():
            whole(project)
    assert kills > 3
    bodies.extend(project.run("Sum", "--many", "60", "--workers", "2").bodies)
    assert set(bodies) == {"Numbers", "Sum", *(f"Squares{number}" for number in range(60))}
    assert len(bodies) <= 62 + 2 * kills  # what was in flight
    assert project.text("Sum/*/sum.txt") == str(30 * 9 + 30 * 16)
    whole(project)
    assert project.run("Sum", "--many", "60").ran == ""
