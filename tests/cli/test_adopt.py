"""`lawnix adopt`: results are kept after a change of code that a sample has shown to change nothing."""

import json

import pytest

from tests.scenarios.table import scenario

TASKS = """
def square(n):
    return n ** 2

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(6)))

    def output(self):
        return self.target("square.json")

    def run(self):
        ran(f"Squares{self.branch_data}")
        self.output().dump({"square": square(self.branch_data)}, formatter="json")

class Sum(lawnix.Task):
    def requires(self):
        return Squares.req(self)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        found = [t.load(formatter="json")["square"] for t in self.input()["collection"].targets.values()]
        self.output().dump(str(sum(found)), formatter="text")
"""


@pytest.fixture
def squares(playground):
    playground.tasks(TASKS)
    playground.lawnix("run", "play.Sum")
    playground.ran()
    return playground


@scenario(129, "branches; their code is refactored", "`lawnix adopt`; run", runs="a sample; nothing")
def test_after_a_sample_everything_is_kept(squares):
    squares.edit("return n ** 2", "return n * n")
    said = squares.lawnix("adopt", "play.Sum").out
    assert "6 results adopted, after 3 were built and came out the same" in said
    assert squares.ran() == ["Squares0", "Squares2", "Squares5"]
    squares.lawnix("run", "play.Sum")
    assert squares.ran() == []


def test_what_reads_it_is_adopted_in_its_turn(squares):
    squares.edit("return n ** 2", "return n * n")
    squares.edit("str(sum(found))", "str(sum(sorted(found)))")
    said = json.loads(squares.lawnix("adopt", "--json", "--sample", "1", "play.Sum").out)
    assert len(said["adopted"]) == 7
    assert squares.ran() == ["Squares0", "Sum"]
    squares.lawnix("run", "play.Sum")
    assert squares.ran() == []


@scenario(
    130, "branches; their code is changed so that results differ", "`lawnix adopt`; run", runs="a sample; all"
)
@pytest.mark.parametrize("sample", ["1", "6"])
def test_if_anything_differs_nothing_is_adopted(squares, sample):
    squares.edit("return n ** 2", "return n * n + (n == 0)")
    said = squares.lawnix("adopt", "--sample", sample, "play.Sum", code=1).out
    assert "square.json comes out otherwise" in said
    assert "key square differs" in said
    assert "so nothing was adopted" in said
    squares.ran()
    squares.lawnix("run", "play.Squares")
    assert len(squares.ran()) == 6


def test_it_is_said_and_can_be_revoked(squares):
    squares.edit("return n ** 2", "return n * n")
    squares.lawnix("adopt", "play.Sum")
    assert (
        "3 of 6 were built and came out the same"
        in squares.lawnix("show", "play.Squares", "--branch", "1").out
    )
    assert "adopted" not in squares.lawnix("show", "play.Sum").out
    assert "6 adopted results are forgotten" in squares.lawnix("adopt", "--revoke", "play.Sum").out
    squares.ran()
    squares.lawnix("run", "play.Sum")
    assert len(squares.ran()) == 6
    squares.lawnix("verify")


def test_there_may_be_nothing_to_adopt(squares):
    assert "0 results adopted" in squares.lawnix("adopt", "play.Sum").out
    squares.edit("range(6)", "range(7)")
    said = squares.lawnix("adopt", "play.Sum").out
    assert "0 results adopted" in said
    assert "1 are still to be built" in said
    assert squares.ran() == []


VIEWS = """
CONFIG = lawnix.tracked({"a": 20, "b": 20})

class Cut(lawnix.Task):
    n = luigi.IntParameter(default=0)
    def output(self):
        return self.target("cut.json")
    def run(self):
        self.output().dump([self.n, CONFIG["a"]], formatter="json")

class Cuts(lawnix.WrapperTask):
    def requires(self):
        return [Cut(n=i) for i in range(3)]
"""


def test_what_reads_another_place_of_a_view_is_not_adopted(playground):
    playground.tasks(VIEWS)
    playground.lawnix("run", "play.Cuts")
    playground.edit('CONFIG["a"]', 'CONFIG["b"]')
    said = playground.lawnix("adopt", "--sample", "1", "play.Cuts", code=1).out
    assert "what is read of" in said
    assert "CONFIG" in said
    playground.lawnix("run", "play.Cuts")
    playground.edit('"b": 20', '"b": 25')
    assert "3 of 3 derivations to build" in playground.lawnix("why", "play.Cuts").out
