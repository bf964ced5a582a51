"""Installed packages: another version is other code for those tasks that use it."""

import pytest

from tests.scenarios.table import scenario

TASKS = """
import shining

class Writer(lawnix.Task):
    def output(self):
        return self.target("out.txt")

    def write(self, text):
        ran(type(self).__name__)
        self.output().dump(str(text), formatter="text")

class Uses(Writer):
    def run(self):
        self.write(shining.light())

class Other(Writer):
    def run(self):
        self.write("other")

class All(law.WrapperTask):
    def requires(self):
        return [Uses(), Other()]
"""


@pytest.fixture
def using(project):
    (project.root / "shining").mkdir()
    project.write("shining/__init__.py", "def light(): return 1")
    (project.root / "shining-1.0.dist-info").mkdir()
    project.write("shining-1.0.dist-info/METADATA", "Name: shining")
    project.tasks(TASKS)
    return project


def upgrade(project, old, new):
    (project.root / f"shining-{old}.dist-info").rename(project.root / f"shining-{new}.dist-info")


@scenario(
    86,
    "A, which uses an installed package, and B",
    "another version of it; the first again",
    runs="A; nothing",
    stays="B",
)
def test_another_version_runs_what_uses_it_again_and_nothing_else(using):
    assert using.run("All").ran == "Other Uses"
    assert using.run("All").ran == ""
    upgrade(using, "1.0", "1.1")
    why = using.run("Uses", "--why", "0").output
    assert "code now uses `shining 1.1`" in why
    assert "code no longer uses `shining 1.0`" in why
    assert using.run("All").ran == "Uses"
    upgrade(using, "1.1", "1.0")
    assert using.run("All").ran == ""


@scenario(
    134, "A, which uses an installed package; `libraries: name`", "another version of it", runs="nothing"
)
def test_versions_can_be_left_out(using):
    using.configure("lawnix", "libraries", "name")
    using.run("All")
    upgrade(using, "1.0", "1.1")
    assert using.run("All").ran == ""


INHERITED = """
import law
import lawnix
import shining
from proj.tasks import Writer

VIEW = lawnix.tracked({"light": shining.light, "nested": {"lamp": shining.Lamp()}})

class Method(shining.Kind, Writer):
    def run(self):
        self.write(self.shine())

class Above(shining.Kind, Writer):
    def shine(self):
        return super().shine()

    def run(self):
        self.write(self.shine())

class Whole(shining.Writes, Writer):
    pass

class Viewed(Writer):
    def run(self):
        self.write(VIEW["light"]())

class Asked(Writer):
    def run(self):
        self.write(VIEW["nested"]["lamp"].shine())

class Neither(Writer):
    def run(self):
        self.write("nothing of it")
"""

LIBRARY = """
def light(): return 1

class Lamp:
    def __init__(self): self.colour = "red"
    def shine(self): return 1

class Kind:
    def shine(self): return 1

class Writes:
    def run(self): self.write(1)
"""


@pytest.mark.parametrize("task", ["Method", "Above", "Whole", "Viewed", "Asked", "Neither"])
def test_the_version_of_what_is_inherited_or_reached_through_a_view_counts(using, task):
    using.write("shining/__init__.py", LIBRARY)
    using.write("proj/inherited.py", INHERITED)

    def run():
        return using.law("run", f"proj.inherited.{task}").ran

    assert run() == task
    assert run() == ""
    upgrade(using, "1.0", "1.1")
    assert run() == ("" if task == "Neither" else task)
    upgrade(using, "1.1", "1.0")
    assert run() == ""


def test_versions_of_what_is_reached_through_a_view_can_be_left_out(using):
    using.write("shining/__init__.py", LIBRARY)
    using.write("proj/inherited.py", INHERITED)
    using.configure("lawnix", "libraries", "name")
    using.law("run", "proj.inherited.Viewed")
    upgrade(using, "1.0", "1.1")
    assert using.law("run", "proj.inherited.Viewed").ran == ""
