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
