"""Projects that share a store, and what their garbage is; what luigi would do, and lawnix does not."""

import json
import shutil

import pytest

from tests.scenarios.table import scenario

TASKS = """
class A(lawnix.Task):
    cut = luigi.IntParameter(default=10)

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(str(self.cut // 10), formatter="text")

class B(lawnix.Task):
    cut = luigi.IntParameter(default=10)

    def requires(self):
        return A.req(self)

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")
"""


@pytest.fixture
def one(project):
    """The first of two projects; `other(project)` is the second."""
    project.tasks(TASKS)
    assert project.run("A").ran == "A"
    shutil.copytree(
        project.root, project.root.with_name("two"), ignore=shutil.ignore_patterns("store", "results", ".law")
    )
    project.configure("lawnix", "store", str(project.store))
    return project


def go_to(project, name):
    store = project.store
    project.move(project.root.with_name(name))
    project.store = store
    project.configure("lawnix", "store", str(store))


def let_go(project):
    """Keep nothing any more that a run in this project has kept."""
    for name in json.loads(project.fresh("lawnix", "roots", "--json").output):
        if name.endswith(f"({project.results})"):
            project.fresh("lawnix", "roots", "--remove", name)


def collected(project):
    """What is left after `gc`."""
    project.fresh("lawnix", "gc", "--yes")
    return sorted(path.name[33:] for path in project.store.glob("objects/*/*"))


@scenario(71, "projects P and Q share a store; P has built A", "A asked for in Q", runs="nothing")
def test_what_another_project_has_built(one):
    go_to(one, "two")
    assert one.run("A").ran == ""
    assert one.text("A/*/a.txt") == "1"


@scenario(
    72,
    "projects P and Q share a store; P has built A",
    "in Q another parameter, same bytes; back",
    runs="A, kept once; nothing",
)
def test_the_same_bytes_are_kept_once(one):
    go_to(one, "two")
    assert one.run("A", "--cut", "11").ran == "A"
    assert one.verify().objects == 1
    assert one.run("A", "--cut", "10").ran == ""


@scenario(
    73,
    "P has A(10) and A(20), Q has A(20)",
    "P lets go of both; `gc`",
    runs="A(10) goes, A(20) stays; nothing",
)
def test_what_another_project_keeps_is_not_collected(one):
    assert one.run("A", "--cut", "20").ran == "A"
    go_to(one, "two")
    assert one.run("A", "--cut", "20").ran == ""
    go_to(one, "project")
    assert collected(one) == ["a.txt", "a.txt"]
    let_go(one)
    assert collected(one) == ["a.txt"]
    go_to(one, "two")
    assert one.run("A", "--cut", "20").ran == ""
    assert one.run("A", "--cut", "10").ran == "A"


@scenario(34, "A → B built, then everything let go and collected", "B asked for", runs="A, B")
@scenario(35, "A → B built, A collected", "B asked for; B edited", runs="nothing; A, B")
def test_what_was_collected(one):
    assert one.run("B").ran == "B"
    path = one.result("A/*/a.txt").resolve()
    path.parent.chmod(0o755)
    path.unlink()
    assert one.run("B").ran == ""
    one.edit('+ "!"', '+ "?"')
    assert one.run("B").ran == "A B"
    let_go(one)
    assert collected(one) == []
    assert one.run("B").ran == "A B"
    assert one.text("B/*/b.txt") == "1?"


LUIGI = """
class Plain(law.Task):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("plain.txt"))

    def run(self):
        ran("Plain")
        self.output().dump("1", formatter="text")

class Root(lawnix.Task):
    def requires(self):
        return Plain()

    def output(self):
        return self.target("root.txt")

    def run(self):
        ran("Root")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")
"""


@scenario(
    92,
    "task of plain law → A",
    "its output deleted; edited by hand",
    runs="it, and what it writes is the same; A",
    stays="first A",
)
def test_what_is_upstream_is_noticed_although_the_root_is_there(project):
    project.tasks(LUIGI)
    assert project.run("Root").ran == "Plain Root"
    (project.root / "plain.txt").unlink()
    assert project.run("Root").ran == "Plain"
    project.write("plain.txt", "2")
    assert project.run("Root").ran == "Root"
    assert project.text("Root/*/root.txt") == "2!"
