"""The pages under docs/ say what is so: their code runs, and no command, option or error is missing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lawnix.cli.main import main

TOP = Path(__file__).parents[2]
DOCS = TOP / "docs"
PAGES = sorted(str(page.relative_to(TOP)) for page in DOCS.rglob("*.md") if "_build" not in page.parts)


def python_blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (TOP / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if python_blocks(page)])
def test_the_code_on_a_page_runs(page, tmp_path):
    file = tmp_path / "page.py"
    file.write_text("\n\n".join(python_blocks(page)), encoding="utf-8")
    environment = {**os.environ, "LAW_HOME": str(tmp_path), "LAW__lawnix__store": str(tmp_path / "store")}
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", str(file)],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_tutorial_starts_with_the_example_of_the_readme():
    def code(page: str) -> str:
        return re.sub(r"\s+#.*", "", python_blocks(page)[0])

    assert code("docs/tutorial.md") == code("README.md")


def test_every_command_has_its_place_in_the_reference():
    page = (DOCS / "reference" / "cli.md").read_text("utf-8")
    told = re.findall(r"^```\{command-help\} (\w+)$", page, re.MULTILINE)
    assert sorted(told) == sorted(main.list_commands(click.Context(main)))


def test_decisions_are_numbered_without_gaps():
    pages = sorted((DOCS / "adr").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. ")
        for part in ("Context", "Decision", "What follows", "Not taken"):
            assert f"**{part}.**" in text, (page.name, part)
