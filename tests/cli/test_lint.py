"""`lawnix lint`, as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

TASKS = """
import random

def table():
    return open("table.txt").read()

class Hurts(lawnix.Task):
    def output(self):
        return self.target("hurts.txt")

    def run(self):
        self.output().dump(table(), formatter="text")

class Hints(lawnix.Task):
    def output(self):
        return self.target("hints.txt")

    def run(self):
        self.output().dump(str(random.random()), formatter="text")

class Base(lawnix.Task):
    loud = luigi.BoolParameter(default=False, significant=False)

    def say(self):
        return self.loud

class Clean(Base):
    def output(self):
        return self.target("clean.txt")

    def run(self):
        self.output().dump("clean", formatter="text")
"""


@pytest.fixture
def play(playground):
    playground.tasks(TASKS)
    return playground


def test_what_hurts_is_told_with_its_place_and_the_way_out_and_nothing_runs(play):
    said = play.lawnix("lint", "--quick", "play.Hurts", code=1)
    (place, _, way_out, meant) = said.out.splitlines()
    line = (play.root / "play.py").read_text().splitlines().index('    return open("table.txt").read()') + 1
    assert place == f"play.py:{line}: undeclared-read: table() reads 'table.txt' [Hurts]"
    assert way_out.startswith("undeclared-read: files: lawnix.tracked_file(), or a lawnix.ExternalTask")
    assert "# lawnix: ignore[RULE]" in meant
    assert not play.store.exists()


def test_a_hint_fails_nothing(play):
    said = play.lawnix("lint", "--quick", "play.Hints")
    assert "unseeded-random (hint): Hints.run() asks random.random() [Hints]" in said.out


def test_a_clean_task_is_told_to_be_so(play):
    assert play.lawnix("lint", "play.Clean").out == "nothing was found in 1 task class\n"


def test_a_module_means_all_its_tasks(play):
    found = json.loads(play.lawnix("lint", "--json", "play", code=1).out)
    assert [(each["rule"], each["families"], each["hint"]) for each in found] == [
        ("undeclared-read", ["Hurts"], False),
        ("unseeded-random", ["Hints"], True),
    ]
    assert found[0]["file"] == str(play.root / "play.py")
    assert found[0]["way_out"]


def test_a_class_that_only_others_are_derived_from_is_not_looked_at(play):
    assert "Base" not in play.lawnix("lint", "--json", "--quick", "play", code=1).out
    assert "reads the parameter loud" in play.lawnix("lint", "--quick", "play.Base", code=1).out


def test_rules_are_selected_and_ignored(play):
    assert "undeclared-read" not in play.lawnix("lint", "--select", "unseeded-random", "play").out
    assert "undeclared-read" not in play.lawnix("lint", "--ignore", "undeclared-read,opaque-code", "play").out


def test_a_rule_that_is_not_there_is_answered_with_the_nearest(play):
    said = play.lawnix("lint", "--select", "undeclared-reads", "play", code=2)
    assert "did you mean undeclared-read" in said.err


def test_a_task_that_is_not_there_is_answered_with_the_nearest(play):
    assert "Clean" in play.lawnix("lint", "play.Claen", code=2).err


def test_what_watched_builds_have_written_down_is_told(play):
    (play.root / "table.txt").write_text("1")
    settings = play.root / "law.cfg"
    settings.write_text(settings.read_text().replace("[lawnix]\n", "[lawnix]\nisolation: observe\n"))
    play.law("run", "play.Hurts")
    said = play.lawnix("lint", "--quick", "--select", "observed-read", "play.Hurts", code=1)
    assert f"observed-read: a build of Hurts touched {play.root}/table.txt (file) [Hurts]" in said.out
    play.edit('open("table.txt")', "open(str(self))")  # what was seen of other code is no longer so
    assert play.lawnix("lint", "--quick", "--select", "observed-read", "play.Hurts").out.startswith("nothing")


def shipped():
    """The modules with tasks that are shipped."""
    examples = [
        path for path in sorted((TOP / "examples").glob("*/*.py")) if "import lawnix" in path.read_text()
    ]
    assert len(examples) >= 3
    return ["tasks.dimuon", *(f"{path.parent.name}/{path.stem}" for path in examples)]


@pytest.mark.parametrize("module", shipped())
def test_nothing_is_found_in_what_is_shipped(module, tmp_path):
    folder, _, module = module.rpartition("/")
    path = [str(TOP), str(TOP / "examples" / folder)]
    done = subprocess.run(
        [sys.executable, "-c", "from lawnix.cli.main import main; main()", "lint", module],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path),
            "LAW_HOME": str(tmp_path),
            "LAW__lawnix__store": "store",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("nothing was found in ")
    assert "in 0" not in done.stdout
