import json
import re
from pathlib import Path

import pytest

from lawnix.engine.price import Price
from lawnix.task.shown import price_in_words

SQUARES = """
class Numbers(lawnix.Task):
    n = luigi.IntParameter(default=3)
    def output(self):
        return self.target("numbers.json")
    def run(self):
        ran("Numbers")
        self.output().dump(list(range(self.n)), formatter="json")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    n = luigi.IntParameter(default=3)
    def create_branch_map(self):
        return dict(enumerate(range(self.n)))
    def requires(self):
        return Numbers.req(self)
    def output(self):
        return {"value": self.target("square.txt"), "log": self.target("log.txt", optional=True)}
    def run(self):
        ran("Squares")
        number = self.input().load(formatter="json")[self.branch_data]
        self.output()["value"].dump(str(number ** 2), formatter="text")

class Sum(lawnix.Task):
    def requires(self):
        return Squares.req(self, n=3)
    def output(self):
        return self.target("sum.txt")
    def run(self):
        ran("Sum")
        values = [t["value"].load(formatter="text") for t in self.input()["collection"].targets.values()]
        self.output().dump(str(sum(map(int, values))), formatter="text")
"""


@pytest.fixture
def squares(playground):
    playground.tasks(SQUARES)
    return playground


@pytest.fixture
def built(squares):
    squares.law("run", "play.Sum", "--local-scheduler")
    assert squares.ran() == ["Numbers", "Squares", "Squares", "Squares", "Sum"]
    return squares


def journals(playground):
    return {path: path.read_bytes() for path in (playground.store / "journal").glob("*")}


def test_a_plan_tells_what_would_run_and_runs_nothing(squares):
    said = squares.law("run", "play.Sum", "--print-plan", "1")
    assert said.out.splitlines()[0] == "1 build, 4 build later"
    assert re.search(r"build +1 Numbers: never built", said.out)
    assert re.search(r"build later +3 Squares: never built", said.out)
    assert "… and 2 more" in said.out
    assert squares.ran() == []
    assert journals(squares) == {}
    assert not (squares.root / "results").exists()


def test_a_plan_of_what_is_there_says_that_nothing_is_to_be_built(built):
    before = journals(built)
    said = built.law("run", "play.Sum", "--print-plan", "5")
    assert said.out.splitlines()[0] == "nothing to build, 5 results are there"
    assert built.ran() == []
    assert journals(built) == before


def test_a_plan_names_the_code_that_changed(built):
    built.edit("number ** 2", "number ** 3")
    said = built.law("run", "play.Sum", "--print-plan", "5")
    assert re.search(r"build +3 Squares: code of `.*Squares\.run` \(.*\.py:\d+\) changed", said.out)
    assert re.search(r"perhaps build +1 Sum: runs if `Squares` comes out with other content", said.out)
    assert re.search(r"reuse +1 Numbers", said.out)


def test_a_plan_tells_what_builds_will_take_by_what_they_took(built):
    built.edit("number ** 2", "number ** 3")
    prices = json.loads(built.lawnix("plan", "--json", "play.Sum").out)["prices"]
    assert {when: (price["size"], price["unknown"]) for when, price in prices.items()} == {
        "to build": (3, 0),
        "perhaps": (1, 0),
    }
    assert all(0 <= price["cpu"] < 3 for price in prices.values())
    assert "CPU" not in built.law("run", "play.Sum", "--print-plan", "5").out


def test_a_plan_does_not_guess_what_was_never_built_takes(squares):
    prices = json.loads(squares.lawnix("plan", "--json", "play.Sum").out)["prices"]
    assert prices == {"to build": {"cpu": 0.0, "size": 0.0, "unknown": 5}}


def test_a_price_is_told_as_people_say_it():
    assert price_in_words(Price(cpu=0.3, size=20, unknown=5)) == ""
    assert price_in_words(Price(75, 41e9, 0)) == "about 75 s of CPU time and 41.0 GB, by earlier builds"
    assert price_in_words(Price(3600 * 1318, 0, 2)) == (
        "about 1,318.0 CPU-hours and 0 bytes, by earlier builds; 2 tasks of families that were never built are not in it"
    )


def test_why_tells_the_reason_of_the_task_and_as_deep_as_asked(built):
    built.edit("list(range(self.n))", "list(range(self.n + 0))")
    shallow = built.law("run", "play.Sum", "--why", "0")
    assert "runs if `Squares` comes out with other content" in shallow.out
    assert "Numbers(n=3)" not in shallow.out
    deep = built.law("run", "play.Sum", "--why", "2")
    assert re.search(r"Numbers\(n=3\): build\n +- code of `.*Numbers\.run` \(.*\.py:\d+\) changed", deep.out)
    assert built.ran() == []


def test_a_depth_that_is_no_number_is_refused_without_a_traceback(squares):
    said = squares.law("run", "play.Sum", "--why", "deep", code=2)
    assert "--why cannot be 'deep'" in said.err
    assert "Traceback" not in said.err


# --------------------------------------------------------------------------- law's own questions


def test_the_status_names_objects_and_outputs_that_were_left_out(built):
    said = built.law("run", "play.Sum", "--print-status", "1,1")
    assert re.search(r"existent \([a-z2-7]{32}-sum\.txt\)", said.out)
    assert "existent (3/3)" in said.out
    one = built.law("run", "play.Squares", "--branch", "0", "--print-status", "0")
    assert re.search(r"existent \([a-z2-7]{32}-square\.txt\)", one.out)
    assert "left out by its build" in one.out


def test_the_status_of_what_nobody_built_is_absent(squares):
    assert "absent (0/3)" in squares.law("run", "play.Squares", "--print-status", "0").out
    assert "absent" in squares.law("run", "play.Sum", "--print-status", "0").out


def test_outputs_are_printed_with_their_locations(built):
    said = built.law("run", "play.Sum", "--print-output", "0")
    (uri,) = re.findall(r"^file://(.*sum\.txt)$", said.out, re.MULTILINE)
    assert Path(uri).read_text() == "5"


def test_fetched_outputs_are_ordinary_files(built):
    built.law("run", "play.Squares", "--fetch-output", "0,a,fetched")
    files = sorted((built.root / "fetched").iterdir())
    assert [file.read_text() for file in files] == ["0", "1", "4"]
    files[0].write_text("mine")


def test_removed_outputs_are_forgotten_and_built_again(built):
    said = built.law("run", "play.Squares", "--remove-output", "0,a")
    assert "the next run builds them again" in said.out
    assert "absent (0/3)" in built.law("run", "play.Squares", "--print-status", "0").out
    why = built.law("run", "play.Squares", "--why", "0")
    assert re.search(r"build +3 Squares: its realization was forgotten: outputs removed", why.out)
    built.law("run", "play.Sum")
    assert built.ran() == ["Squares"] * 3  # with the content of before, so Sum is reused


def test_a_dry_removal_removes_nothing(built):
    built.law("run", "play.Sum", "--remove-output=-1,d")
    built.law("run", "play.Sum")
    assert built.ran() == []


def test_a_collection_that_wants_siblings_is_one_of_the_store(squares):
    squares.edit(
        "    def create_branch_map",
        "    output_collection_cls = law.SiblingFileCollection\n    def create_branch_map",
    )
    squares.law("run", "play.Sum")
    assert "existent (3/3)" in squares.law("run", "play.Squares", "--print-status", "0").out


LADDER = """
class Left(lawnix.Task):
    level = luigi.IntParameter(default=30)
    def requires(self):
        asked(f"{type(self).__name__}{self.level}")
        return [Left(level=self.level - 1), Right(level=self.level - 1)] if self.level else []
    def output(self):
        return self.target("out.txt")
    def run(self):
        self.output().dump("x", formatter="text")

class Right(Left):
    pass
"""


@pytest.mark.parametrize(
    "question",
    [
        ("--print-status", "-1"),
        ("--print-deps", "-1"),
        ("--print-output", "-1"),
        ("--remove-output=-1,a",),
        ("--fetch-output=-1,a,fetched",),
        ("--why", "-1"),
        ("--print-plan", "-1"),
    ],
    ids=lambda question: question[0].split("=")[0],
)
def test_questions_are_linear_on_diamonds(playground, question):
    playground.tasks(LADDER)
    said = playground.law("run", "play.Left", *question)
    asked = playground.asked()
    assert len(set(asked)) == 61
    assert len(asked) <= 3 * 61
    assert len(said.out.splitlines()) < 20 * 61


MANY = """
class Many(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        asked("map")
        return dict(enumerate(range(1000)))
    def requires(self):
        asked("requires")
        return []
    def output(self):
        return self.target("out.txt")
    def run(self):
        self.output().dump("x", formatter="text")
"""


def test_the_status_of_a_thousand_branches_asks_each_once(playground):
    playground.tasks(MANY)
    assert "absent (0/1000)" in playground.law("run", "play.Many", "--print-status", "0").out
    asked = playground.asked()
    assert asked.count("map") == 1
    assert asked.count("requires") <= 1000
