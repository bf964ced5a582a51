"""Sandbox workers: a process in a sandbox that serves one task after the other."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from lawnix.errors import SandboxError
from lawnix.sandbox.protocol import Process, Sandbox
from lawnix.sandbox.spec import Surroundings
from lawnix.sandbox.wire import FORMAT, GarbledError, Line

BOOT: Final = Path(__file__).with_name("boot.py")
_NO_PYTHON: Final = "exit code 127"  # as a shell says it of a program that is not there


NO_ANSWER: Final = (
    "it was ended, as what came back is no answer: something in it writes where answers are written"
)


class DiedError(Exception):
    """A sandbox worker ended before its task did, or has to."""

    def __init__(self, how: str) -> None:
        self.how = how
        super().__init__(how)


class SandboxWorker:
    """One process.

    Attributes:
        told: What it has been told, by whoever asks it.
        surroundings: What it sees of the host.
    """

    def __init__(self, sandbox: Sandbox, welcome: Any, surroundings: Surroundings) -> None:
        """Start it.

        Args:
            sandbox: Where.
            welcome: What it is told at its start, see `boot`.
            surroundings: What it sees of the host.

        Raises:
            SandboxError: It does not start.
        """
        self.told: set[int] = set()
        self.surroundings = surroundings
        self._process: Process = sandbox.start(["-c", BOOT.read_text("utf-8")], surroundings)
        try:
            self._process.line.send(welcome)
            said = self._process.line.receive()
        except (EOFError, OSError, GarbledError):
            how = self._process.ended()
            self._process.end()
            reason = "there is no Python in it" if how == _NO_PYTHON else f"its worker did not start ({how})"
            raise SandboxError(str(sandbox.spec), reason) from None
        if "hello" not in said:
            self._process.end()
            raise SandboxError(str(sandbox.spec), str(said.get("sorry", said)))
        if said["hello"]["format"] != FORMAT:  # another lawnix is installed in it
            self._process.end()
            raise SandboxError(
                str(sandbox.spec), f"its worker speaks format {said['hello']['format']}, not {FORMAT}"
            )

    @property
    def line(self) -> Line:
        """What is said to it and by it, where it does not serve tasks."""
        return self._process.line

    def ask(self, message: Any) -> Any:
        """What it answers.

        Raises:
            DiedError: It ended instead.
        """
        try:
            self._process.line.send(message)
            answer = self._process.line.receive()
        except (EOFError, OSError):
            raise DiedError(self._process.ended()) from None
        except GarbledError:
            raise DiedError(NO_ANSWER) from None
        if not isinstance(answer, dict):
            raise DiedError(NO_ANSWER)
        if "died" in answer:
            raise DiedError(str(answer["died"]))
        return answer

    def end(self) -> None:
        """End it, and whatever it started."""
        self._process.end()


class SandboxWorkers:
    """The sandbox workers of one process, by what they were started with; a forked one starts its own."""

    def __init__(self) -> None:
        self._workers: dict[Any, SandboxWorker] = {}
        self._pid = os.getpid()

    def at(self, place: Any, start: Callable[[], SandboxWorker]) -> SandboxWorker:
        """The worker at `place`, which `start` starts if there is none."""
        if self._pid != os.getpid():
            self._workers, self._pid = {}, os.getpid()
        if place not in self._workers:
            self._workers[place] = start()
        return self._workers[place]

    def find(self, place: Any) -> SandboxWorker | None:
        """The worker that this process has started at `place`."""
        return self._workers.get(place) if self._pid == os.getpid() else None

    def drop(self, place: Any) -> None:
        """End the worker at `place`."""
        worker = self._workers.pop(place, None)
        if worker is not None:
            worker.end()

    def close(self) -> None:
        """End all that this process has started."""
        if self._pid == os.getpid():
            for place in list(self._workers):
                self.drop(place)


def python(arguments: Sequence[str]) -> list[str]:
    """A command that runs the Python of a sandbox, whatever that calls it."""
    find = 'p=$(command -v python3 || command -v python) || { echo "no python3 in it" >&2; exit 127; }; exec "$p" "$@"'
    return ["/bin/sh", "-c", find, "sh", *arguments]
