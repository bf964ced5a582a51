"""What a kind of sandbox has to do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lawnix.core.digest import Digest
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.wire import Line


class Process(Protocol):
    """A process in a sandbox."""

    @property
    def line(self) -> Line:
        """What is said to it and by it."""
        ...

    def ended(self) -> str:
        """How it ended, when the line is closed at its end; waits for that."""
        ...

    def end(self) -> None:
        """End it, and whatever it started."""
        ...


class Sandbox(Protocol):
    """An environment of one kind.

    Attributes:
        spec: Which one is asked for.
        walled: Whether a process in it sees of the host nothing but its surroundings, also where it is not closed.
    """

    spec: SandboxSpec
    walled: bool

    def identity(self) -> Digest:
        """The digest of what it is; what cannot be had is found out here.

        Raises:
            SandboxError: It cannot be had.
        """
        ...

    def parts(self) -> Mapping[str, str]:
        """What its identity is made of, in words, for people."""
        ...

    def ready(self) -> Path | None:
        """Make what has to be made before it can be started, unless that was done before.

        Returns:
            Where that lies; None if it needs nothing of the kind.

        Raises:
            SandboxError: It cannot be made.
        """
        ...

    def check(self, *, closed: bool) -> None:
        """Find out, before anything runs, whether processes can be started in it.

        Args:
            closed: Whether they are to see nothing but their surroundings, and no network.

        Raises:
            IsolationError: They cannot be closed in here.
            SandboxError: They cannot be started.
        """
        ...

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> Process:
        """Start Python in it with these arguments.

        Raises:
            SandboxError: It cannot be started.
        """
        ...
