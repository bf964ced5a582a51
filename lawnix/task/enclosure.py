"""Enclosures: what tasks are built in, where that is not the process of the run."""

from typing import Any, Protocol

from lawnix.core.digest import Digest
from lawnix.engine.current import Build
from lawnix.sandbox.protocol import Sandbox
from lawnix.sandbox.worker import SandboxWorker


class Enclosure(Protocol):
    """A sandbox, with how tight it is, as the tasks of a run are built in it.

    Attributes:
        sandbox: Which one.
        digest: What it is, as far as that decides results.
    """

    sandbox: Sandbox
    digest: Digest | None

    def make_ready(self) -> None:
        """Have the sandbox made, if it is one that has to be made first, and see that Python can be started in it.

        Raises:
            SandboxError: It cannot be made, or has no Python that serves.
        """
        ...

    def run(self, work: Any, build: Build) -> None:
        """Run the author's `run()` to its end, in there.

        Args:
            work: The `DerivedTaskWork` whose task it is.
            build: Where it writes, and what it reads.

        Raises:
            NeedsTasks: It yielded tasks that `build` does not know.
            FailedInsideError: It raised.
            WorkerDiedError: Its process ended.
        """
        ...

    def shell(self, work: Any, build: Build) -> tuple[SandboxWorker, Any, Any]:
        """A worker that serves a terminal; what it was told at its start; what one would be told that runs the task.

        Raises:
            SandboxError: It cannot be had.
        """
        ...
