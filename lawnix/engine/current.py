"""The build that goes on here: targets and run() ask it where to write and what to read."""

from __future__ import annotations  # every task asks this module; what its types are is loaded by who builds

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Self  # novm

    from lawnix.core.realization import Found, Outputs, Read, TaskName
    from lawnix.engine.session import Session


class NeedsTasks(Exception):  # not an error: it carries a run() that waits out of the build
    """Raised inside a build whose run() yielded tasks that are not there yet."""

    def __init__(self, tasks: Sequence[TaskName]) -> None:
        self.tasks = tuple(tasks)
        super().__init__(f"needs {len(self.tasks)} more tasks")


@dataclass(slots=True)
class Build:
    """A build that is going on; targets and run() ask it where to write and what to read.

    Attributes:
        work: The node's work.
        directory: Where outputs are written; None for a task that is not derived.
        outputs: The chosen outputs of derived nodes by number.
        found: What was found at run time, with the node of each.
        session: Where outputs go, and come from.
        read: What of `found` was asked for by this attempt, in order.
        reads: What this attempt read of tracked views.
    """

    work: Buildable
    directory: Path | None
    outputs: Mapping[int, Outputs]
    session: Session
    found: Sequence[tuple[Found, int]] = ()
    read: list[Found] = field(default_factory=list)
    reads: Sequence[Read] = ()


class Buildable(Protocol):
    """Work that can be run."""

    def title(self) -> str:
        """The task as people read it."""
        ...

    def run(self, build: Build) -> None:
        """Run the author's code to its end.

        Raises:
            NeedsTasks: It yielded tasks that `build.found` does not know.
        """
        ...


class _Current:
    """The build that goes on in this process. There is one at a time, and its threads all belong to it."""

    def __init__(self) -> None:
        self._builds: list[Build] = []  # a run() may realize another task: the innermost is the current one

    def get(self) -> Build | None:
        """The build, if one goes on."""
        return self._builds[-1] if self._builds else None

    def entered(self, build: Build) -> Self:
        """Begin a build, which is the current one within."""
        self._builds.append(build)
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        self._builds.pop()


current_build = _Current()
