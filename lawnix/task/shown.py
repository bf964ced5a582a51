"""How what is found out about a plan is shown: bunches of tasks, prices, lines of code."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import luigi

from lawnix.core.wording import Rewritten
from lawnix.engine.outline import Bunch, Happens
from lawnix.engine.plan import Plan
from lawnix.engine.price import Price
from lawnix.errors import ParameterValueError

if TYPE_CHECKING:
    from rich.console import Console

STYLES: Final = {
    Happens.REUSE: "green",
    Happens.BUILD: "bold yellow",
    Happens.LATER: "yellow",
    Happens.PERHAPS: "cyan",
    Happens.BROKEN: "bold red",
}
_WORTH_SECONDS: Final = 1.0  # what takes less, and
_WORTH_BYTES: Final = 1e6  # leaves less, has no price that anybody asks for
_WIDTH: Final = max(len(happens) for happens in Happens)
_LINES: Final = {"+": "green", "-": "red", "@": "cyan"}


def print_bunch(screen: "Console", plan: Plan, bunch: Bunch, limit: int, indent: str = "  ") -> None:
    """Print one line about alike tasks, and the titles of as many as `limit` says (negative for all)."""
    from rich.text import Text

    screen.print(
        Text.assemble(
            indent,
            (f"{bunch.happens.value:<{_WIDTH}}", STYLES[bunch.happens]),
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
        screen.print(Text(f"{space}{title}", "dim"))
    if 0 < len(shown) < len(bunch.numbers):
        screen.print(Text(f"{space}… and {len(bunch.numbers) - len(shown)} more", "dim"))


def print_code(screen: "Console", code: Sequence[Rewritten], indent: str) -> None:
    """Print the lines of code that differ, those of which both forms are known."""
    from rich.text import Text

    for part in code:
        for line in part.lines[2:]:  # behind the names of both
            screen.print(Text(f"{indent}{line}", _LINES.get(line[:1], "dim")))


def code_as_dict(code: Sequence[Rewritten]) -> list[dict[str, Any]]:
    """What `print_code` prints, for programs."""
    return [{"name": part.name, "place": part.place, "lines": list(part.lines)} for part in code]


def bunch_as_dict(plan: Plan, bunch: Bunch) -> dict[str, Any]:
    """What `print_bunch` prints, for programs."""
    return {
        "happens": bunch.happens.value,
        "family": bunch.family,
        "reasons": list(bunch.reasons),
        "tasks": plan.graph.titles(bunch.numbers),
        "code": code_as_dict(bunch.code),
    }


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


def integer(task: luigi.Task, parameter: str, text: str) -> int:
    """The value of an interactive parameter.

    Raises:
        ParameterValueError: It is no integer.
    """
    try:
        return int(text)
    except ValueError:
        raise ParameterValueError(task.get_task_family(), parameter, text, "an integer") from None


def console() -> "Console":
    """Where people read."""
    from rich.console import Console

    # wrapped by the terminal, so that lines can be searched and copied
    return Console(file=sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False)
