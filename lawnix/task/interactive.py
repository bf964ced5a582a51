"""What `--print-plan` prints: what would happen, and the reasons. Nothing runs, nothing is stored."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import luigi

from lawnix.engine.outline import Bunch, Happens, counted, outline
from lawnix.engine.plan import Plan
from lawnix.engine.price import Price, price_of
from lawnix.task.run import plan_of
from lawnix.task.session import session
from lawnix.task.shown import bunch_as_dict, console, integer, price_in_words, print_bunch


def print_plan(task: luigi.Task, limit: str = "5") -> None:
    """Print what would run, and why.

    Args:
        task: What is asked for.
        limit: How many tasks of each kind are listed; negative for all.
    """
    most = integer(task, "print_plan", limit)
    _, plan = plan_of([task], session())
    bunches = outline(plan)
    screen = console()
    screen.print(summary(bunches), style="bold")
    for when, price in _prices(plan, bunches).items():
        if words := price_in_words(price):
            screen.print(f"{when}: {words}")
    for bunch in bunches:
        print_bunch(screen, plan, bunch, most)


def announce_removal() -> None:
    """Say what `--remove-output` does to outputs in the store."""
    console().print(
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


def plan_as_dict(task: luigi.Task) -> dict[str, Any]:
    """What `print_plan` prints, for programs."""
    _, plan = plan_of([task], session())
    bunches = outline(plan)
    return {
        "task": plan.graph.nodes[plan.graph.roots[0]].work.title(),
        "counts": {happens.value: count for happens, count in counted(bunches).items()},
        "prices": {when: asdict(price) for when, price in _prices(plan, bunches).items()},
        "bunches": [bunch_as_dict(plan, bunch) for bunch in bunches],
    }
