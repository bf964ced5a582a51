"""A forked worker, as the run sees it: what it has to do, what it has been told, and how it ends."""

import contextlib
import os
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lawnix.engine.executor.channel import Channel, Unpacker
from lawnix.engine.messages import TAIL, BuildRequest
from lawnix.engine.numbered import NumberMap
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Settled

_LAST_LINES: Final = 20


@dataclass(slots=True)
class Order:
    """A request on its way."""

    request: BuildRequest
    plan: Plan
    timeout: float
    label: str
    weight: int = 1  # what is said with it, in units of one output


@dataclass(slots=True)
class Hired:
    """A worker.

    Attributes:
        pid: Its process, which leads a process group.
        channel: Our end.
        knows: It knows nodes with smaller numbers.
        had: How many builds it was given.
        told: What it has been told of nodes.
        orders: What it has; it works on the first.
        weight: That of its orders.
        unpacker: For what it sends.
        directory: Where it builds.
        since: When it began with the first order.
        shown: Bytes of its log that were shown.
    """

    pid: int
    channel: Channel
    knows: int
    had: int = 0
    told: NumberMap[Settled] = field(default_factory=NumberMap)
    orders: deque[Order] = field(default_factory=deque)
    weight: int = 0
    unpacker: Unpacker = field(default_factory=Unpacker)
    directory: Path | None = None
    since: float = 0.0
    shown: int = 0

    def printed(self) -> bytes:
        """What the build that goes on has printed since the last look."""
        if self.directory is None:
            return b""
        try:
            with (self.directory / "log").open("rb") as log:
                log.seek(self.shown)
                text = log.read(TAIL)
        except FileNotFoundError:
            return b""
        if self.channel.has_news():  # it may be at the next build by now, whose text this is then
            return b""
        self.shown += len(text)
        return text

    def last_lines(self) -> list[str]:
        """The end of what it printed."""
        if self.directory is None or not (self.directory / "log").exists():
            return []
        return (self.directory / "log").read_text(errors="replace").splitlines()[-_LAST_LINES:]

    def signal(self, number: int) -> None:
        """Send a signal to it and to what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def reap(self, deadline: float) -> str:
        """Wait for its end, by force after `deadline`; how it ended."""
        self.channel.close()
        while True:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # someone else has waited for it
                return "unknown"
            if pid:
                break
            if time.monotonic() > deadline:
                self.signal(signal.SIGKILL)
                _, status = os.waitpid(self.pid, 0)
                break
            time.sleep(0.005)
        self.signal(signal.SIGKILL)  # what it left behind
        if os.WIFSIGNALED(status):
            return f"signal {os.WTERMSIG(status)}, {signal.Signals(os.WTERMSIG(status)).name}"
        return f"exit code {os.waitstatus_to_exitcode(status)}"
