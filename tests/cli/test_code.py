"""`lawnix show --code`: what counts as the code of a task, and what does not."""

import json
from importlib.metadata import version

import pytest

TASKS = """
import json
import numpy

CUT = 20
COLOURS = lawnix.untracked({"signal": "red"})

def even(n):
    return n == 0 or odd(n - 1)

def odd(n):
    return n != 0 and even(n - 1)

def select(values, cut=CUT):
    return [value for value in values if value > cut and even(value)]

def never():
    return 1

class Select(lawnix.Task):
    def output(self):
        return self.target("selected.json")

    def run(self):
        self.write(select(numpy.arange(30).tolist()))

    def write(self, values):
        assert COLOURS
        self.output().dump(json.loads(json.dumps(values)), formatter="json")

class Fixed(lawnix.Task):
    version = 3

    def output(self):
        return self.target("fixed.txt")

    def run(self):
        select([])

STREAM = (n for n in [])

class Odd(lawnix.Task):
    def output(self):
        return self.target("odd.txt")

    def run(self):
        assert list(STREAM)
"""


@pytest.fixture
def selected(playground):
    playground.tasks(TASKS)
    return playground


def names(reached):
    return {each["name"].removeprefix("play."): names(each["below"]) for each in reached}


def test_the_tree_has_what_run_reaches_and_nothing_else(selected):
    said = json.loads(selected.lawnix("show", "--code", "--json", "play.Select").out)
    tree = names(said["reached"])
    assert set(tree) == {"Select.run", "Select.write"}
    assert set(tree["Select.run"]) == {"select"}
    assert set(tree["Select.run"]["select"]) == {"even", "select(cut)"}
    assert tree["Select.run"]["select"]["even"] == {"odd": {"even": {}}}
    assert said["libraries"] == [f"numpy {version('numpy')}"]
    assert "never" not in json.dumps(said)
    assert len(said["code"]) == 32


def test_people_see_places_and_what_does_not_count(selected):
    said = selected.lawnix("show", "--code", "play.Select").out
    assert "play.select  function  play.py:" in said
    assert "(see above)" in said
    assert "COLOURS  left out by the author" in said
    assert "known by name and version: numpy " in said


def test_a_version_stands_for_the_code(selected):
    said = json.loads(selected.lawnix("show", "--code", "--json", "play.Fixed").out)
    assert said["reached"] == []


def test_what_is_only_known_by_its_type_is_warned_of(selected):
    said = selected.lawnix("show", "--code", "play.Odd").out
    assert "known by its type" in said
    assert "warning: " in said
    assert "known by name and version" not in said  # nothing of Python itself is a package


def test_what_has_no_code_is_refused(selected):
    selected.tasks(TASKS + "\nclass Plain(law.Task):\n    pass\n")
    said = selected.lawnix("show", "--code", "play.Plain", code=2)
    assert "is no lawnix task" in said.err
    assert (
        "there is no task 'play.Selekt'; did you mean play.Select"
        in selected.lawnix("show", "--code", "play.Selekt", code=2).err
    )
