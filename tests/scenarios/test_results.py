"""Links for people, and what they keep: always those of the last run, whatever else was asked for in between."""

import os
import shutil
import sys
from pathlib import Path

import pytest

TASKS = """
class Other(lawnix.Task):
    def output(self):
        return self.target("other.txt")

    def run(self):
        ran("Other")
        self.output().dump("other", formatter="text")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate([10, 11, 12]))

    def output(self):
        return self.target("square.txt")

    def run(self):
        ran(str(self.branch_data))
        self.output().dump(f"first {self.branch_data}", formatter="text")

class Both(lawnix.WrapperTask):
    def requires(self):
        return [Other(), Squares(branch=1), Squares(branch=2)]

class Named(lawnix.Task):
    name = luigi.Parameter()

    def output(self):
        return self.target("name.txt")

    def run(self):
        ran(self.name)
        self.output().dump(self.name, formatter="text")

class Names(lawnix.WrapperTask):
    def requires(self):
        return [Named(name=name) for name in ("a/b", "a-b", "a b")]
"""


@pytest.fixture
def squares(project):
    project.tasks(TASKS)
    assert project.run("Squares").ran == "10 11 12"
    return project


def shown(project):
    directory = project.results / "Squares/default"
    return {path.name: (path / "square.txt").read_text() for path in directory.iterdir()}


LAWNIX = str(Path(sys.executable).with_name("lawnix"))
FIRST = {"0": "first 10", "1": "first 11", "2": "first 12"}


def test_each_branch_has_its_directory(squares):
    assert shown(squares) == FIRST
    assert squares.run("Squares", "--branch", "1").ran == ""
    assert shown(squares) == FIRST


@pytest.mark.parametrize("how", [["--branch", "1"], ["--branches", "1"], ["--branches", "0,1"]])
def test_links_are_right_again_after_some_branches_of_another_version(squares, how):
    squares.edit("first", "second")
    squares.run("Squares", *how)
    assert shown(squares)["1"] == "second 11"
    squares.edit("second", "first")
    assert squares.run("Squares").ran == ""
    assert shown(squares) == FIRST


@pytest.mark.parametrize("harm", ["remove", "redirect", "remove some", "remove all"])
def test_links_that_were_touched_are_made_again(squares, harm):
    directory = squares.results / "Squares/default/1"
    link = directory / "square.txt"
    if harm == "remove all":
        shutil.rmtree(squares.results)
    elif harm == "remove some":
        shutil.rmtree(directory)
    else:
        link.unlink()
        if harm == "redirect":
            link.symlink_to(os.readlink(directory.parent / "2/square.txt"))
    assert squares.run("Squares").ran == ""
    assert shown(squares) == FIRST


def test_what_was_linked_is_kept_whatever_was_asked_for_later(squares):
    for how in (["Squares", "--branch", "1"], ["Squares", "--branches", "0"], ["Both"], ["Other"]):
        squares.run(*how)
    squares.fresh(LAWNIX, "gc", "--yes")
    assert shown(squares) == FIRST
    assert squares.run("Both").ran == ""
    assert squares.run("Squares").ran == ""


def test_two_projects_with_one_store_keep_their_own(squares):
    squares.run("Squares", LAW__lawnix__results=str(squares.root / "elsewhere"))
    squares.edit("first", "second")
    assert squares.run("Squares").ran == "10 11 12"
    squares.fresh(LAWNIX, "gc", "--yes")
    place = squares.root / "elsewhere/Squares/default/1/square.txt"
    assert place.read_text() == "first 11"


def test_a_branch_below_a_wrapper_has_the_place_that_it_has_in_its_workflow(squares):
    squares.edit("first", "second")
    squares.run("Both")
    assert shown(squares) == {**FIRST, "1": "second 11", "2": "second 12"}


def test_names_that_cannot_be_directories_have_one_each(project):
    project.tasks(TASKS)
    project.run("Names")
    found = {place.read_text() for place in (project.results / "Named").glob("*/name.txt")}
    assert found == {"a/b", "a-b", "a b"}
    assert (project.results / "Named/name=a-b/name.txt").read_text() == "a-b"
