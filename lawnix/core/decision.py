"""Decisions: what happens to a task, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lawnix.core.realization import Realization
from lawnix.core.wording import Rewritten


class Cause(StrEnum):
    """The kinds of reasons to build."""

    NEVER_BUILT = "never built"
    CHANGED = "changed"
    OBJECT_MISSING = "output missing"
    FORGOTTEN = "forgotten"
    FOUND_CHANGED = "requirement found at run time changed"
    READ_CHANGED = "configuration changed"
    UPSTREAM = "waits for upstream"
    INCOMPLETE = "incomplete"
    BROKEN = "cannot run"
    TAKEN_OVER = "taken over"  # no reason to build: why there is something that was never built


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a task is built.

    Attributes:
        cause: The kind of the reason.
        details: In words, one statement each, such as "parameter `pt_min` 20 → 25".
        code: The parts of its code that are not what they were, line by line.
    """

    cause: Cause
    details: tuple[str, ...] = ()
    code: tuple[Rewritten, ...] = ()

    def __str__(self) -> str:
        return "; ".join(self.details) or self.cause.value


@dataclass(frozen=True, slots=True)
class Reuse:
    """A realization that exists is taken; nothing runs."""

    realization: Realization


@dataclass(frozen=True, slots=True)
class Build:
    """The task runs."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Undecided:
    """The task runs if what is built before it comes out with other content than last time."""

    reason: Reason


Decision = Reuse | Build | Undecided


def counted(decisions: Sequence[Decision]) -> dict[str, int]:
    """How many of each kind, by the word that people read."""
    names = {Reuse: "reuse", Build: "build", Undecided: "undecided"}
    counts = dict.fromkeys(names.values(), 0)
    for decision in decisions:
        counts[names[type(decision)]] += 1
    return counts
