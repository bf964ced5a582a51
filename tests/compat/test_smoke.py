"""The example of the README, run with this law and luigi."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., object]

README = Path(__file__).parents[2] / "README.md"

MORE = """

import law


class Plain(law.Task):
    def requires(self):
        return Squares.req(self, n=3, branch=2)

    def output(self):
        return law.LocalFileTarget("$LAW_HOME/plain.txt")

    def run(self):
        self.output().dump(self.input()["value"].load() + "!", formatter="text")


class Asking(lawnix.Task):
    def requires(self):
        return Plain.req(self)

    def output(self):
        return self.target("asking.txt")

    def run(self):
        squares = yield Squares(n=4)
        texts = [each["value"].load() for each in squares["collection"].targets.values()]
        self.output().dump(" ".join([self.input().load(), *texts]), formatter="text")


class Failing(lawnix.Task):
    def output(self):
        return self.target("failing.txt")

    def run(self):
        raise RuntimeError("no luck")


class Mixed(lawnix.WrapperTask):
    def requires(self):
        return [Failing(), Asking()]
"""


@pytest.fixture
def project(run: Run, tmp_path: Path) -> Run:
    (code, *_) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "squares.py").write_text(code + MORE)
    with (tmp_path / "law.cfg").open("a") as config:
        config.write("[modules]\nsquares\n[lawnix]\nstore: store\nresults: results\nprogress: plain\n")
    run("law", "index", "--quiet")
    return run


def built(done: object) -> int:
    """How many tasks were built: each was told in a line of its own, or several of a family together."""
    told = re.findall(r"^INFO: built (.*)$", done.stderr + done.stdout, re.MULTILINE)
    return sum(sum(map(int, re.findall(r"(?:^|, )(\d+) \w", line))) or 1 for line in told)


def test_the_example_is_built_once(project: Run, tmp_path: Path) -> None:
    command = ("law", "run", "Squares", "--n", "6", "--workers", "2")
    first = project(*command)
    assert built(first) == 7
    assert "This progress looks :)" in first.stderr + first.stdout
    assert built(project(*command)) == 0
    assert built(project("law", "run", "squares.Squares", "--n", "7")) == 8
    assert (tmp_path / "results/Squares/n=6/5/square.txt").read_text() == "25"


def test_the_example_answers_questions(project: Run) -> None:
    plan = project("law", "run", "Squares", "--n", "3", "--print-plan", "5").stdout
    assert "1 build, 3 build later" in plan
    assert "never built" in project("law", "run", "Numbers", "--why", "0").stdout
    assert "absent" in project("law", "run", "Squares", "--n", "3", "--print-status", "1").stdout
    project("law", "run", "Squares", "--n", "3")
    status = project("law", "run", "Squares", "--n", "3", "--print-status", "1").stdout
    assert "existent" in status
    assert "absent" not in status
    assert "Numbers" in project("law", "run", "Squares", "--n", "3", "--print-deps", "1").stdout


def test_tasks_of_law_and_of_lawnix_require_each_other(project: Run) -> None:
    project("law", "run", "Asking", "--workers", "2")
    show = "import squares; print(squares.Asking().output().load())"
    assert project(code=show).stdout == "4! 0 1 4 9\n"
    assert built(project("law", "run", "Asking")) == 0


def test_a_failure_has_laws_return_code_and_stays_alone(project: Run) -> None:
    done = project("law", "run", "Mixed", expect=40)
    assert "RuntimeError: no luck" in done.stderr + done.stdout
    assert project(code="import squares; print(squares.Asking().complete())").stdout == "True\n"
