"""What `--print-plan` and `--why` print: what would happen, and the reasons. Nothing runs, nothing is stored."""

import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import luigi

from lawnix.engine.outline import Bunch, Happens, Told, counted, outline, tell
from lawnix.engine.plan import Plan
from lawnix.engine.price import Price, price_of
from lawnix.errors import ParameterValueError
from lawnix.task.run import plan_of
from lawnix.task.session import session

if TYPE_CHECKING:
    from rich.console import Console

_STYLES: Final = {
    Happens.REUSE: "green",
    Happens.BUILD: "bold yellow",
    Happens.LATER: "yellow",
    Happens.PERHAPS: "cyan",
    Happens.BROKEN: "bold red",
}
_WORTH_SECONDS: Final = 1.0  # what takes less, and
_WORTH_BYTES: Final = 1e6  # leaves less, has no price that anybody asks for
_WIDTH: Final = max(len(happens) for happens in Happens)


def print_plan(task: luigi.Task, limit: str = "5") -> None:
    """Print what would run, and why.

    Args:
        task: What is asked for.
        limit: How many tasks of each kind are listed; negative for all.
    """
    most = _integer(task, "print_plan", limit)
    _, plan = plan_of([task], session())
    bunches = outline(plan)
    console = _console()
    console.print(summary(bunches), style="bold")
    for when, price in _prices(plan, bunches).items():
        if words := price_in_words(price):
            console.print(f"{when}: {words}")
    for bunch in bunches:
        _print_bunch(console, plan, bunch, most)


def print_why(task: luigi.Task, depth: str = "0") -> None:
    """Print what would happen to the task, and the reason.

    Args:
        task: What is asked about.
        depth: How many steps of requirements are told as well; negative for all.
    """
    steps = _integer(task, "why", depth)
    _, plan = plan_of([task], session())
    console = _console()
    for told in tell(plan, plan.graph.roots, steps):
        _print_told(console, plan, told)


def announce_removal() -> None:
    """Say what `--remove-output` does to outputs in the store."""
    _console().print(
        "outputs in the store are forgotten: the next run builds them again, and `lawnix gc` frees their space"
    )


def summary(bunches: list[Bunch]) -> str:
    """What a plan says, in one line."""
    counts = counted(bunches)
    words = [f"{count} {happens.value}" for happens, count in counts.items() if count]
    return (
        ", ".join(words)
        if any(counts[h] for h in Happens if h is not Happens.REUSE)
        else (f"nothing to build, {counts[Happens.REUSE]} results are there")
    )


def _prices(plan: Plan, bunches: list[Bunch]) -> dict[str, Price]:
    """What is to be built for sure, and what perhaps, with what it takes."""
    prices = {}
    for when, kinds in (("to build", (Happens.BUILD, Happens.LATER)), ("perhaps", (Happens.PERHAPS,))):
        families: Counter[str] = Counter()
        for bunch in bunches:
            if bunch.happens in kinds:
                families[bunch.family] += len(bunch.numbers)
        if families:
            prices[when] = price_of(plan.session.store, families)
    return prices


def price_in_words(price: Price) -> str:
    """What builds take, where that is worth a line; else nothing."""
    from rich import filesize  # heavy, and seldom needed

    if price.cpu < _WORTH_SECONDS and price.size < _WORTH_BYTES:
        return ""
    hours = price.cpu / 3600
    time = f"{hours:,.1f} CPU-hours" if hours >= 1 else f"{price.cpu:,.0f} s of CPU time"
    never = (
        f"; {price.unknown} tasks of families that were never built are not in it" if price.unknown else ""
    )
    return f"about {time} and {filesize.decimal(int(price.size))}, by earlier builds{never}"


def plan_as_dict(task: luigi.Task) -> dict[str, Any]:
    """What `print_plan` prints, for programs."""
    _, plan = plan_of([task], session())
    bunches = outline(plan)
    return {
        "task": plan.graph.nodes[plan.graph.roots[0]].work.title(),
        "counts": {happens.value: count for happens, count in counted(bunches).items()},
        "prices": {when: asdict(price) for when, price in _prices(plan, bunches).items()},
        "bunches": [_bunch_as_dict(plan, bunch) for bunch in bunches],
    }


def why_as_dict(task: luigi.Task, depth: int = 0) -> list[dict[str, Any]]:
    """What `print_why` prints, for programs."""
    _, plan = plan_of([task], session())
    return [
        {
            "level": told.level,
            "tasks": plan.graph.titles(told.numbers),
            "happens": told.happens.value,
            "reasons": list(told.reasons),
            "members": [_bunch_as_dict(plan, bunch) for bunch in told.members],
            "again": told.again,
        }
        for told in tell(plan, plan.graph.roots, depth)
    ]


def _bunch_as_dict(plan: Plan, bunch: Bunch) -> dict[str, Any]:
    return {
        "happens": bunch.happens.value,
        "family": bunch.family,
        "reasons": list(bunch.reasons),
        "tasks": plan.graph.titles(bunch.numbers),
    }


def _print_bunch(console: "Console", plan: Plan, bunch: Bunch, limit: int, indent: str = "  ") -> None:
    from rich.text import Text

    console.print(
        Text.assemble(
            indent,
            (f"{bunch.happens.value:<{_WIDTH}}", _STYLES[bunch.happens]),
            f" {len(bunch.numbers):>5} ",
            (bunch.family, "bold"),
            f": {'; '.join(bunch.reasons)}" if bunch.reasons else "",
        )
    )
    if bunch.happens is Happens.REUSE:
        return
    shown = bunch.numbers if limit < 0 else bunch.numbers[:limit]
    space = f"{indent}{' ' * _WIDTH}       "
    for title in plan.graph.titles(shown):
        console.print(Text(f"{space}{title}", "dim"))
    if 0 < len(shown) < len(bunch.numbers):
        console.print(Text(f"{space}… and {len(bunch.numbers) - len(shown)} more", "dim"))


def _print_told(console: "Console", plan: Plan, told: Told) -> None:
    from rich.text import Text

    indent = "  " * told.level
    title = plan.graph.nodes[told.numbers[0]].work.title()
    more = f" and {len(told.numbers) - 1} more" if len(told.numbers) > 1 else ""
    console.print(
        Text.assemble(
            indent,
            (title, "bold"),
            f"{more}: ",
            (told.happens.value, _STYLES[told.happens]),
            " (told above)" if told.again else "",
        )
    )
    if told.again:
        return
    for reason in told.reasons:
        console.print(Text(f"{indent}  - {reason}"))
    for bunch in told.members:
        _print_bunch(console, plan, bunch, limit=0, indent=f"{indent}  ")


def _integer(task: luigi.Task, parameter: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ParameterValueError(task.get_task_family(), parameter, text, "an integer") from None


def _console() -> "Console":
    from rich.console import Console

    # wrapped by the terminal, so that lines can be searched and copied
    return Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)
