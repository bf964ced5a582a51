"""Every example does what its page says: each command is run, and what it says is what stands below it."""

import logging
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import luigi
import luigi.setup_logging
import pytest

TOP = Path(__file__).parents[2]
EXAMPLES = TOP / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))


@dataclass(frozen=True)
class Step:
    """A line of a console block.

    Attributes:
        argv: The command.
        runs: The families of the tasks that it runs, if the page tells.
        prints: What it prints; nothing is told of a command below which nothing stands.
    """

    argv: list[str]
    runs: set[str] | None
    prints: str


def steps(page: str) -> list[Step]:
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    lines = [
        line.partition("\n") for block in blocks for line in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]
    found = []
    for line, _, prints in lines:
        command, _, told = line.partition("  # ")
        runs = set(told.split(", ")) - {"nothing"} if told else None
        found.append(Step(shlex.split(command), runs, prints))
    return found


def run_successfully(said: str) -> set[str]:
    """The families of the tasks that ran, as luigi's summary tells them."""
    told = re.search(r"^\* \d+ ran successfully:\n((?:    - .*\n)+)", said, re.MULTILINE)
    return set(re.findall(r"- \d+ (\w+)\(", told[1])) if told else set()


@pytest.fixture(autouse=True)
def _logs_are_set_up_anew(monkeypatch):
    """Whatever ran luigi in this process before has left its handlers behind."""
    logger = logging.getLogger("luigi-interface")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "disabled", False)
    monkeypatch.setattr(luigi.setup_logging.InterfaceLogging, "_configured", False)
    logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_page_says_happens(name, playground_at):
    there = playground_at(EXAMPLES / name)
    told = steps((EXAMPLES / name / "README.md").read_text("utf-8"))
    assert any(step.runs for step in told)
    for step in told:
        program, *arguments = step.argv
        if program == "law":
            said = there.law(*arguments)
            assert "Luigi Execution Summary" in said.err or step.runs is None, said
            assert step.runs is None or run_successfully(said.err) == step.runs, (step, said.err)
            printed = said.out
        elif program == "lawnix":
            printed = there.lawnix(*arguments).out
        else:
            printed = subprocess.run(
                step.argv, cwd=there.root, check=True, capture_output=True, text=True
            ).stdout
        assert not step.prints or printed.rstrip("\n") == step.prints.rstrip("\n"), step


@pytest.fixture
def playground_at(tmp_path, playground_in):
    """A function that copies an example to where it lies in a checkout, with results beside law.cfg."""

    def copy(example: Path):
        root = tmp_path / "examples" / example.name
        shutil.copytree(example, root, ignore=shutil.ignore_patterns("data", "__pycache__"))
        there = playground_in(root)
        (root / "law.cfg").write_text(
            (root / "law.cfg").read_text("utf-8").replace("results: results", "results: ../../results"),
            "utf-8",
        )
        return there

    return copy


def test_the_first_example_is_that_of_the_readme():
    (code,) = re.findall(
        r"^```python\n(.*?)^```$", (TOP / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert (EXAMPLES / "squares" / "squares.py").read_text("utf-8") == code


def test_every_example_is_listed():
    listed = re.findall(r"\]\((\w+)/README\.md\)", (EXAMPLES / "README.md").read_text("utf-8"))
    assert sorted(listed) == NAMES
