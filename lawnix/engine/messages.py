"""What crosses between a run and the processes that build for it."""

import itertools
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Found, Realization, TaskName
from lawnix.errors import LawnixError

TAIL: Final = 65536  # bytes of what a build printed that come back with its result
_PACKAGE: Final = str(Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What crosses into a worker.

    Attributes:
        number: The node.
        key: What it is built under; None for a task that is not derived.
        found: What this build found at run time in an earlier attempt, with the node of each.
    """

    number: int
    key: Digest | None
    found: Sequence[tuple[Found, int]] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """The end of what a build printed.

    Attributes:
        start: How many bytes came before.
        text: At most `TAIL` bytes.
    """

    start: int = 0
    text: bytes = b""


NOTHING = Printed()


@dataclass(frozen=True, slots=True)
class Built:
    """A build ended well; its outputs are objects.

    Attributes:
        number: The node.
        realization: None for a task that is not derived.
        printed: The end of what it printed.
        sizes: Bytes of each object.
    """

    number: int
    realization: Realization | None
    printed: Printed = NOTHING
    sizes: Mapping[ObjectPath, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspended:
    """A build needs more tasks before it can go on; it will be started anew."""

    number: int
    tasks: tuple[TaskName, ...]
    printed: Printed = NOTHING


@dataclass(frozen=True, slots=True)
class Failed:
    """A build went wrong.

    Attributes:
        number: The node.
        summary: One line.
        traceback: Where, in the author's code.
        kept: The build directory, if it was kept.
    """

    number: int
    summary: str
    traceback: str = ""
    kept: str = ""
    printed: Printed = NOTHING


BuildResult = Built | Suspended | Failed


class FailedInsideError(Exception):
    """A task failed where its error cannot come from: it is told in words.

    Attributes:
        summary: One line.
        traceback: Where, in the author's code.
    """

    def __init__(self, summary: str, traceback: str) -> None:
        self.summary, self.traceback = summary, traceback
        super().__init__(summary)


def failure(number: int, error: BaseException, kept: str = "", printed: Printed = NOTHING) -> Failed:
    """What is told of a build that raised `error`."""
    if isinstance(error, FailedInsideError):
        return Failed(number, error.summary, error.traceback, kept, printed)
    trace = "" if isinstance(error, LawnixError) else _trace(error)
    summary = str(error) if isinstance(error, LawnixError) else f"{type(error).__name__}: {_text(error)}"
    return Failed(number, summary, trace, kept, printed)


def _text(error: BaseException) -> str:
    """What an exception says, if it can."""
    try:
        return str(error)
    except Exception as other:  # the author's own __str__
        return f"(its message cannot be shown: {type(other).__name__})"


def _trace(error: BaseException) -> str:
    """The traceback from the author's code on: how the build got there is of no interest."""
    told = traceback.TracebackException.from_exception(error)
    outer = list(itertools.takewhile(lambda frame: frame.filename.startswith(_PACKAGE), told.stack))
    told.stack = traceback.StackSummary.from_list(told.stack[len(outer) :])
    return "".join(told.format())
