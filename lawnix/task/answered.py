"""What a sandbox worker answers. Nothing of it is believed before it is looked at."""

from typing import Any, NamedTuple

from lawnix.core.realization import Found
from lawnix.engine.current import Build, NeedsTasks
from lawnix.engine.observe.recording import Seen
from lawnix.sandbox.worker import NO_ANSWER, DiedError


class Ran(NamedTuple):
    """The author's `run()` came to its end.

    Attributes:
        read: What it read of what it has found at run time.
        seen: What it was seen to do, if somebody has watched.
    """

    read: list[Found]
    seen: list[Seen]


class Failed(NamedTuple):
    """It did not.

    Attributes:
        summary: What was raised.
        traceback: The author's lines of it.
        lacks: Whether it may come from something that is not there.
        understood: Whether all was understood that the worker was told.
    """

    summary: str
    traceback: str
    lacks: bool
    understood: bool


def answer_of(said: Any, build: Build) -> Ran | Failed | NeedsTasks:
    """What a worker says of a build.

    Raises:
        DiedError: It makes no sense, so that the worker is of no use any more.
    """
    try:
        if "needs" in said:
            return NeedsTasks([(str(m), str(f), dict(p)) for m, f, p in said["needs"]])
        if "failed" in said:
            failed = said["failed"]
            return Failed(
                str(failed["summary"]),
                str(failed["traceback"]),
                bool(failed["lacks"]),
                bool(failed["understood"]),
            )
        ran = said["built"]
        read = [build.found[int(place)][0] for place in ran["read"]]
        return Ran(read, [Seen(*map(str, each)) for each in ran["seen"]])
    except (KeyError, IndexError, TypeError, ValueError):
        raise DiedError(NO_ANSWER) from None
