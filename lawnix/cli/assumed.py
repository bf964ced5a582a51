"""What was taken over from law, or would be, as people and programs read it."""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress
from rich.text import Text

from lawnix.cli.asked import say_json
from lawnix.cli.described import size_in_words
from lawnix.cli.opened import console
from lawnix.core.realization import Realization
from lawnix.engine.assume import Assumption, assume
from lawnix.engine.graph import DerivedNode
from lawnix.engine.plan import Plan
from lawnix.engine.report import Silence
from lawnix.engine.survey import Survey, There
from lawnix.task.from_law import survey

_IN_STORE: Final = "in the store"
_TAKEN: Final = "taken over"
_WAITS: Final = "waits"
_ALWAYS: Final = (There.FOUND, There.MISSING)
_COLUMNS: Final = (
    _IN_STORE, _TAKEN, There.FOUND, There.MISSING, _WAITS, There.UNKNOWN, There.KNOWN, There.REFUSED
)  # fmt: skip
_LISTED: Final = 5


def adopt_from_law(plan: Plan, pattern: str | None, *, link: bool, dry_run: bool, as_json: bool) -> bool:
    """Take over what law has made, or tell what would be, and say so; whether something was refused."""
    before = survey(plan, pattern)
    before.look()
    if dry_run:
        result = _told(plan, before)
    else:
        total = sum(seen.there is There.FOUND for seen in before.seen.values())
        with Progress(console=console(stderr=True), transient=True, disable=as_json) as progress:
            result = assume(plan, before, _Bar(progress, total), link=link)
    states = _states(plan, before, result, There.FOUND if dry_run else _TAKEN)
    if as_json:
        say_json(_as_dict(plan, before, states, result))
    else:
        _print(plan, before, states, result, dry_run=dry_run)
    return bool(result.refused)


class _Bar(Silence):
    """One step for each node whose outputs are brought."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._bar = progress.add_task("taking over", total=total)

    def built(self, number: int, realization: Realization | None) -> None:
        """One step."""
        self._progress.advance(self._bar)


def _told(plan: Plan, before: Survey) -> Assumption:
    """What would be taken over, refused and left, if nothing changes."""
    waiting = before.waiting()
    result = Assumption(waiting=sorted(waiting))
    for number, seen in before.seen.items():
        if seen.there is There.REFUSED:
            result.refused[number] = seen.why
        elif seen.there is not There.FOUND:
            result.left[number] = seen
    return result


def _states(plan: Plan, before: Survey, result: Assumption, found: str) -> dict[int, str]:
    """A word for each task of lawnix that was asked for."""
    states: dict[int, str] = {}
    for number, node in enumerate(plan.graph.nodes):
        if not isinstance(node, DerivedNode):
            continue
        if number in result.taken:
            states[number] = found
        elif number in plan.settled:
            states[number] = _IN_STORE
        elif number in result.refused:
            states[number] = There.REFUSED
        elif number in result.left:
            states[number] = result.left[number].there
        elif number in result.waiting:
            states[number] = _WAITS
        elif number in before.seen:
            states[number] = found
    return states


def _print(
    plan: Plan, before: Survey, states: Mapping[int, str], result: Assumption, *, dry_run: bool
) -> None:
    screen = console()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for number, state in states.items():
        family = plan.graph.nodes[number].work.label
        counts[family][state] += 1
        if state in (_TAKEN, There.FOUND, _WAITS) and number in before.seen:
            sizes[family] += before.seen[number].size
    found = There.FOUND if dry_run else _TAKEN
    shown = [
        column
        for column in _COLUMNS
        if column in (found, There.MISSING) or any(count[column] for count in counts.values())
    ]
    table = [["", *shown, "size"]]
    table += [
        [family, *(str(count[column] or "-") for column in shown), size_in_words(sizes[family])]
        for family, count in counts.items()
    ]
    for row in _aligned(table):
        screen.print(row)
    places = {number: seen.why for number, seen in result.left.items() if seen.there is There.MISSING}
    _list(plan, "missing", places)
    _list(plan, "refused", result.refused)
    if not dry_run and result.taken:
        screen.print(
            "what was taken over is assumed to be right: `lawnix check --all --sample 2` builds some of it again"
        )


def _aligned(table: list[list[str]]) -> list[Text]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        Text(
            "  ".join(
                [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
            )
        )
        for row in table
    ]


def _list(plan: Plan, word: str, reasons: Mapping[int, str]) -> None:
    screen = console()
    for number, reason in list(reasons.items())[:_LISTED]:
        place = reason.replace(f"{Path.cwd()}{os.sep}", "")  # as people would name it from here
        screen.print(f"{word}: {plan.graph.nodes[number].work.title()}: {place}")
    if len(reasons) > _LISTED:
        screen.print(f"{word}: and {len(reasons) - _LISTED} more")


def _as_dict(
    plan: Plan, before: Survey, states: Mapping[int, str], result: Assumption
) -> list[dict[str, Any]]:
    reasons = {number: seen.why for number, seen in result.left.items()} | result.refused
    found = []
    for number, state in states.items():
        seen = before.seen.get(number)
        found.append(
            {
                "task": plan.graph.nodes[number].work.title(),
                "state": str(state),
                "sources": {name: source.place for name, source in seen.sources.items()} if seen else {},
                "size": seen.size if seen else None,
                "reason": reasons.get(number) or None,
            }
        )
    return found
