"""The doors that look at what was built: show, log, ls, roots."""

import json
import re

import pytest

TASKS = """
class Numbers(lawnix.Task):
    n = luigi.IntParameter(default=3)
    def output(self):
        return {"list": self.target("numbers.json"), "plots": self.target("plots", type="d"),
                "log": self.target("log.txt", optional=True)}
    def run(self):
        ran("Numbers")
        print("counting to", self.n)
        self.output()["list"].dump(list(range(self.n)), formatter="json")
        self.output()["plots"].child("a.txt", type="f").dump("plot", formatter="text")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b"}
    def requires(self):
        return Numbers()
    def output(self):
        return self.target("square.txt")
    def run(self):
        self.output().dump(self.branch_data, formatter="text")
"""


@pytest.fixture
def built(playground):
    playground.tasks(TASKS)
    playground.lawnix("run", "play.Squares")
    assert playground.ran() == ["Numbers"]
    return playground


def shown(playground, *argv):
    return json.loads(playground.lawnix("show", *argv, "--json").out)


def test_a_task_is_shown_with_what_decides_it_and_what_was_built(built):
    (answer,) = shown(built, "play.Numbers", "--n", "3")
    assert answer["derivation"]["parameters"] == {"n": "3"}
    (realization,) = answer["realizations"]
    assert realization["key"] == answer["key"]
    assert realization["outputs"]["log.txt"] is None
    assert realization["outputs"]["numbers.json"]["present"]
    text = built.lawnix("show", "play.Numbers").out
    assert "n = 3" in text
    assert "log.txt: left out" in text
    assert realization["outputs"]["numbers.json"]["location"] in text


def test_each_branch_of_a_workflow_is_shown(built):
    assert [each["derivation"]["branch"] for each in shown(built, "play.Squares")] == ["'a'", "'b'"]


def test_what_nobody_built_is_shown_as_far_as_it_is_known(built):
    (answer,) = shown(built, "play.Numbers", "--n", "9")
    assert answer["realizations"] == []
    assert "realization" in built.lawnix("show", "play.Numbers", "--n", "9").out
    assert built.ran() == []


def test_everything_that_names_a_result_leads_to_it(built):
    (answer,) = shown(built, "play.Squares", "--branch", "1")
    (realization,) = answer["realizations"]
    output = realization["outputs"]["square.txt"]
    (link,) = (built.root / "results").glob("Squares/*/1/square.txt")
    for reference in (
        realization["digest"],
        realization["digest"][:8],
        realization["derivation"][:8],
        output["object"],
        output["location"],
        str(link),
        str(link.relative_to(built.root)),
    ):
        (found,) = shown(built, reference)
        assert [each["digest"] for each in found["realizations"]] == [realization["digest"]], reference


def test_a_path_into_a_directory_leads_to_the_directory(built):
    (answer,) = shown(built, "play.Numbers")
    directory = answer["realizations"][0]["outputs"]["plots"]["location"]
    assert shown(built, f"{directory}/a.txt") == shown(built, directory)


def test_what_leads_nowhere_is_refused(built):
    said = built.lawnix("show", "zzzzzzzz", code=2)
    assert "there is no task 'zzzzzzzz'" in said.err
    missing = "a" * 32 + "-square.txt"
    assert "there is no realization with the output" in built.lawnix("show", missing, code=2).err


def test_the_log_is_what_the_build_printed(built):
    assert built.lawnix("log", "play.Numbers").out == "counting to 3\n"
    (answer,) = shown(built, "play.Numbers")
    assert built.lawnix("log", answer["realizations"][0]["digest"][:10]).out == "counting to 3\n"
    assert json.loads(built.lawnix("log", "play.Numbers", "--json").out)["log"] == "counting to 3\n"


def test_a_build_that_printed_nothing_has_no_log(built):
    said = built.lawnix("log", "play.Squares", "--branch", "0")
    assert (said.out, "printed nothing" in said.err) == ("", True)


def test_the_log_of_a_workflow_is_asked_for_by_branch(built):
    said = built.lawnix("log", "play.Squares", code=2)
    assert "give more of it" in said.err
    assert len(re.findall(r"branch=\d", said.err)) == 2


def test_the_log_of_what_nobody_built_is_refused(built):
    assert "run it first" in built.lawnix("log", "play.Numbers", "--n", "9", code=2).err


def test_the_list_begins_with_the_latest(built):
    lines = built.lawnix("ls").out.splitlines()
    assert len(lines) == 3
    assert "Numbers(n=3)" in lines[-1]
    assert len(built.lawnix("ls", "--limit", "1").out.splitlines()) == 1
    assert {each["family"] for each in json.loads(built.lawnix("ls", "--json").out)} == {"Numbers", "Squares"}


def test_the_list_takes_a_family_or_a_pattern(built):
    assert len(built.lawnix("ls", "Numbers").out.splitlines()) == 1
    assert len(built.lawnix("ls", "S*").out.splitlines()) == 2
    assert built.lawnix("ls", "X*").out == ""
    assert "did you mean Numbers?" in built.lawnix("ls", "Nubers", code=2).err


def test_roots_are_listed_and_let_go(built):
    (name,) = json.loads(built.lawnix("roots", "--json").out)
    assert name.startswith("Squares/")
    assert f"{name}: 3 realizations" in built.lawnix("roots").out
    assert "did you mean" in built.lawnix("roots", "--remove", name[:-1], code=2).err
    assert built.lawnix("roots", "--remove", name).out == ""
    assert json.loads(built.lawnix("roots", "--json").out) == {}


def test_where_no_store_is_none_is_made(playground):
    said = playground.lawnix("ls", code=1)
    assert "there is no store at" in said.err
    assert not playground.store.exists()
