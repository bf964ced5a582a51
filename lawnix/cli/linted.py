"""Findings as people and programs read them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from lawnix.cli.opened import console
from lawnix.task.lint import Finding


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """All that is known of it."""
    return {
        "rule": finding.rule,
        "families": list(finding.families),
        "file": finding.file,
        "line": finding.line,
        "what": finding.what,
        "way_out": finding.way_out,
        "hint": finding.is_hint,
    }


def print_findings(findings: Sequence[Finding], classes: int) -> None:
    """A line for each of what was found in so many classes, and the way out of each rule once."""
    screen = console()
    here = f"{Path.cwd()}/"
    for each in findings:
        place = each.file.removeprefix(here)
        text = Text.assemble(
            (f"{place}:{each.line}" if each.line else place, "cyan"),
            ": ",
            (f"{each.rule}{' (hint)' if each.is_hint else ''}", "bold"),
            f": {each.what} [{', '.join(each.families)}]",
        )
        screen.print(text)
    if not findings:
        screen.print(f"nothing was found in {classes} task class{'es' if classes != 1 else ''}")
        return
    screen.print()
    for rule in dict.fromkeys(each.rule for each in findings):
        way_out = next(each.way_out for each in findings if each.rule == rule)
        screen.print(Text.assemble((rule, "bold"), f": {way_out}"))
    screen.print("what is meant so: # lawnix: ignore[RULE] on its line")
