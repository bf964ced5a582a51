"""The table of scenarios: each row stands above the test that shows it.

`python -m tests.scenarios.table` writes it into docs/correctness.md; tests/house looks whether that is up to date.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "correctness.md"
HEAD = "| # | given | change | runs | does not run |"
Test = TypeVar("Test", bound=Callable)


@dataclass(frozen=True)
class Row:
    """One scenario.

    Attributes:
        number: Its number, for good.
        given: What has been built before.
        change: What happens then.
        runs: The bodies that run, and what else is seen.
        stays: Those that must not run, where that is not plain.
        test: Where it is shown.
    """

    number: int
    given: str
    change: str
    runs: str
    stays: str
    test: str


def scenario(number: int, given: str, change: str, *, runs: str, stays: str = "") -> Callable[[Test], Test]:
    """Say which row of the table a test shows."""
    return lambda test: test


def rows() -> list[Row]:
    """All rows, by their numbers."""
    found = [row for file in sorted(TESTS.rglob("test_*.py")) for row in _rows_of(file)]
    return sorted(found, key=lambda row: row.number)


def _rows_of(file: Path) -> Iterator[Row]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            for call in node.decorator_list:
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Name)
                    and call.func.id == "scenario"
                ):
                    number, given, change = map(ast.literal_eval, call.args)
                    said = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
                    place = f"{file.relative_to(TESTS)}::{node.name}"
                    yield Row(number, given, change, said["runs"], said.get("stays", ""), place)


def markdown() -> str:
    """The table as a page has it."""
    lines = [HEAD, "|---|---|---|---|---|"]
    lines += [f"| {r.number} | {r.given} | {r.change} | {r.runs} | {r.stays} |" for r in rows()]
    return "\n".join(lines) + "\n"


def written_into(page: str) -> str:
    """`page` with the table as it is now."""
    before, _, rest = page.partition(HEAD)
    _, _, after = rest.partition("\n\n")
    return f"{before}{markdown()}\n{after}"


if __name__ == "__main__":
    PAGE.write_text(written_into(PAGE.read_text("utf-8")), "utf-8")
