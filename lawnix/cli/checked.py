"""What was built again, as people and programs read it."""

from collections.abc import Mapping
from typing import Any, Final

from lawnix.cli.opened import console
from lawnix.core.realization import Verdict
from lawnix.engine.check import Checked

_SHOWN: Final = 10  # places of one output


def checked_as_dict(title: str, checked: Checked) -> dict[str, Any]:
    """How the builds of one task came out."""
    return {
        "task": title,
        "same": checked.is_same,
        "times": checked.times,
        "failure": checked.failure or None,
        "differences": {each.output: list(each.places) for each in checked.differences},
    }


def print_checked(titles: Mapping[int, str], found: Mapping[int, Checked]) -> None:
    """Print what came out otherwise, and where."""
    screen = console()
    same = [number for number, checked in found.items() if checked.is_same]
    for number, checked in found.items():
        if checked.failure:
            screen.print(f"{titles[number]}: failed: {checked.failure}")
        for difference in checked.differences:
            screen.print(f"{titles[number]}: {difference.output} comes out otherwise:")
            for place in difference.places[:_SHOWN]:
                screen.print(f"  {place}")
            if len(difference.places) > _SHOWN:
                screen.print(f"  and {len(difference.places) - _SHOWN} more places")
    screen.print(f"{len(same)} of {len(found)} tasks came out as they were")


def print_verdicts(titles: Mapping[int, str], verdicts: Mapping[int, Verdict]) -> None:
    """Print what is believed now of what was assumed."""
    screen = console()
    same = sum(verdict.is_same for verdict in verdicts.values())
    if same:
        screen.print(f"{same} that were assumed are verified")
    doubtful = [number for number, verdict in verdicts.items() if not verdict.is_same]
    for number in doubtful[:_SHOWN]:
        screen.print(f"{titles[number]} stays assumed: {verdicts[number].words}")
    if len(doubtful) > _SHOWN:
        screen.print(f"and {len(doubtful) - _SHOWN} more stay assumed")
    if doubtful:
        screen.print("`lawnix adopt --revoke` forgets what is assumed; the next run builds it")
