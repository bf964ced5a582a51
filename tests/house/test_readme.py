"""The first page that anyone reads is true."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from lawnix.settings import Settings

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
COMMANDS = ("source setup.sh && law run dimuon.Report", "source setup.sh && pytest")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page that are written in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def environment(directory: Path) -> Mapping[str, str]:
    """A shell's environment after setup.sh, but with the store and results of `directory`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LAW", "PYTEST"))}
    return {
        **inherited,
        "LAW_HOME": str(directory / ".law"),
        "LAW_CONFIG_FILE": str(TOP / "law.cfg"),
        "LAW__lawnix__results": str(directory / "results"),
        "PYTHONPATH": f"{directory}{os.pathsep}{TOP}",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def call(directory: Path, *command: str) -> str:
    """What a command prints that ends well."""
    done = subprocess.run(
        command, cwd=directory, env=environment(directory), capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built_by_law_run(directory: Path, *arguments: str) -> Mapping[str, int]:
    """How many realizations of each family `law run` adds to the store."""

    def known() -> Mapping[str, str]:
        if not (directory / ".law" / "store").exists():
            return {}
        listed = json.loads(call(directory, "lawnix", "ls", "--json", "--limit", "-1"))
        return {each["digest"]: each["family"] for each in listed}

    before = known()
    call(directory, "law", "run", *arguments)
    return Counter(family for name, family in known().items() if name not in before)


@pytest.fixture
def project(tmp_path):
    (code,) = blocks(README, "python")
    (tmp_path / "squares.py").write_text(code, encoding="utf-8")
    return tmp_path


def test_the_example_of_the_readme_runs_and_then_there_is_nothing_to_do(project):
    command = ("squares.Squares", "--n", "4", "--workers", "2")
    assert built_by_law_run(project, *command) == {"Numbers": 1, "Squares": 4}
    values = {path.parent.name: path.read_text() for path in project.glob("results/Squares/*/*/square.txt")}
    assert values == {"0": "0", "1": "1", "2": "4", "3": "9"}
    assert built_by_law_run(project, *command) == {}


def test_what_the_readme_says_of_edits_is_so(project):
    command = ("squares.Squares", "--n", "4")
    built_by_law_run(project, *command)
    file = project / "squares.py"
    code = file.read_text(encoding="utf-8")

    file.write_text(
        code.replace("str(number**2)", "str(  # squared\n            number ** 2)"), encoding="utf-8"
    )
    assert built_by_law_run(project, *command) == {}, "a comment and a space"

    file.write_text(code.replace("list(range(self.n))", "[*range(self.n)]"), encoding="utf-8")
    assert built_by_law_run(project, *command) == {"Numbers": 1}, "early cutoff"

    file.write_text(code.replace("number**2", "number**3"), encoding="utf-8")
    assert built_by_law_run(project, *command) == {"Squares": 4}
    assert {p.read_text() for p in project.glob("results/Squares/*/*/square.txt")} == {"0", "1", "8", "27"}

    file.write_text(code, encoding="utf-8")
    assert built_by_law_run(project, *command) == {}, "changed back"


def test_the_two_commands_stand_first_and_are_those_that_ci_runs():
    shell = [block.strip() for block in blocks(README, "bash")]
    assert tuple(shell[:2]) == COMMANDS
    ci = (TOP / ".ci" / "run").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"'{command}'" in ci


@pytest.mark.parametrize("page", ["README.md", "law.cfg"])
def test_every_option_is_told_and_none_that_is_not_there(page):
    text = (TOP / page).read_text(encoding="utf-8")
    if page == "law.cfg":
        section = text.split("[lawnix]\n")[1].split("\n[")[0]
        told = re.findall(r"^(?:# )?(\w+): ", section, re.MULTILINE)
    else:
        table = text.split("## Configuration")[1].split("\n## ")[0]
        told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(told) == sorted(vars(Settings()))


def test_every_link_of_the_readme_to_a_file_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links
    for link in links:
        assert (TOP / link).exists(), link
