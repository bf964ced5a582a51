"""What `--why` prints: what would happen to a task and the reasons, and what causes the rest. Nothing runs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import luigi

from lawnix.core.wording import Rewritten
from lawnix.engine.causes import Causes, causes
from lawnix.engine.outline import Told, tell
from lawnix.engine.plan import Plan
from lawnix.errors import ParameterValueError
from lawnix.task.run import plan_of
from lawnix.task.session import session
from lawnix.task.shown import (
    STYLES,
    bunch_as_dict,
    code_as_dict,
    console,
    integer,
    price_in_words,
    print_bunch,
    print_code,
)

if TYPE_CHECKING:
    from rich.console import Console

_NAMED: Final = 5  # families that are named


def print_why(task: luigi.Task, depth: str = "0", *words: str) -> None:
    """Print what would happen to the task and the reason, what causes it, and what it takes.

    Args:
        task: What is asked about.
        depth: How many steps of requirements are told as well; negative for all.
        words: "diff" for the lines of code that are not what they were.
    """
    if depth == "diff":
        depth, words = "0", (depth, *words)
    if set(words) - {"diff"}:
        raise ParameterValueError(
            task.get_task_family(), "why", ",".join(words), "a depth, or `diff`, or both"
        )
    steps = integer(task, "why", depth)
    _, plan = plan_of([task], session())
    screen = console()
    code = _Code(screen) if words else None
    for told in tell(plan, plan.graph.roots, steps):
        _print_told(screen, plan, told, code)
    _print_causes(screen, plan, causes(plan), code)


def why_as_dict(task: luigi.Task, depth: int = 0) -> dict[str, Any]:
    """What `print_why` prints, for programs."""
    _, plan = plan_of([task], session())
    return {
        "told": [
            {
                "level": told.level,
                "tasks": plan.graph.titles(told.numbers),
                "happens": told.happens.value,
                "reasons": list(told.reasons),
                "code": code_as_dict(told.code),
                "members": [bunch_as_dict(plan, bunch) for bunch in told.members],
                "again": told.again,
            }
            for told in tell(plan, plan.graph.roots, depth)
        ],
        "causes": _causes_as_dict(plan, causes(plan)),
    }


def _causes_as_dict(plan: Plan, found: Causes) -> dict[str, Any]:
    return {
        "roots": [bunch_as_dict(plan, bunch) for bunch in found.roots],
        "followers": dict(found.followers),
        "wanted": found.wanted,
        "price": asdict(found.price),
        "price_of_followers": asdict(found.price_of_followers),
        "spared": found.spared,
    }


def _print_told(screen: "Console", plan: Plan, told: Told, code: "_Code | None") -> None:
    from rich.text import Text

    indent = "  " * told.level
    title = plan.graph.nodes[told.numbers[0]].work.title()
    more = f" and {len(told.numbers) - 1} more" if len(told.numbers) > 1 else ""
    screen.print(
        Text.assemble(
            indent,
            (title, "bold"),
            f"{more}: ",
            (told.happens.value, STYLES[told.happens]),
            " (told above)" if told.again else "",
        )
    )
    if told.again:
        return
    for reason in told.reasons:
        screen.print(Text(f"{indent}  - {reason}"))
    if code is not None:
        code.tell(told.code, f"{indent}    ")
    for bunch in told.members:
        print_bunch(screen, plan, bunch, limit=0, indent=f"{indent}  ")
        if code is not None:
            code.tell(bunch.code, f"{indent}    ")


def _print_causes(screen: "Console", plan: Plan, found: Causes, code: "_Code | None") -> None:
    """Print what is built for reasons of its own, what follows, and what that takes, where more than one task does."""
    if found.building + sum(found.followers.values()) + found.spared == 0 or found.wanted == 1:
        return
    if found.roots:
        screen.print("causes:", style="bold")
    for bunch in found.roots:
        print_bunch(screen, plan, bunch, limit=0)
        if code is not None:
            code.tell(bunch.code, " " * 8)
    if found.followers:
        screen.print(
            f"follow, where their inputs come out otherwise: {_counted(list(found.followers.items()))}"
        )
    words = [f"{found.building:,} of {found.wanted:,} derivations to build"]
    words += [price for price in [price_in_words(found.price)] if price]
    if found.followers:
        more = price_in_words(found.price_of_followers)
        words.append(f"perhaps {sum(found.followers.values()):,} more{f' ({more})' if more else ''}")
    if found.spared:
        words.append(f"{found.spared:,} saved by early cutoff")
    screen.print("; ".join(words), style="bold")


class _Code:
    """Lines of code, each part told once."""

    def __init__(self, screen: "Console") -> None:
        self._screen = screen
        self._told: set[Rewritten] = set()

    def tell(self, code: Sequence[Rewritten], indent: str) -> None:
        """Print the lines of what was not told before."""
        print_code(self._screen, [part for part in code if part not in self._told], indent)
        self._told.update(code)


def _counted(families: Sequence[tuple[str, int]]) -> str:
    rest = sum(count for _, count in families[_NAMED:])
    more = f" and {rest:,} others" if rest else ""
    return ", ".join(f"{count:,} {family}" for family, count in families[:_NAMED]) + more
