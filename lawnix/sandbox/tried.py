"""The first process in a sandbox: that it says a word shows that there is a Python in it which can serve."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NoReturn

from lawnix.sandbox.wire import FORMAT, Line

if TYPE_CHECKING:
    from pathlib import Path

    from lawnix.sandbox.protocol import Sandbox
    from lawnix.sandbox.spec import Surroundings


def serve(incoming: int, outgoing: int) -> NoReturn:
    """Say that word, and end."""
    Line(incoming, outgoing).send({"hello": {"format": FORMAT}})
    os._exit(0)


def try_once(sandbox: Sandbox, welcome: Any, surroundings: Surroundings, mark: Path) -> None:
    """Start a process in a sandbox, unless one was started before; `mark` is a file that tells so.

    Args:
        sandbox: Where.
        welcome: What it is told at its start, see `boot`: that this module serves.
        surroundings: What it sees of the host.
        mark: Is there from then on.

    Raises:
        SandboxError: Nothing of ours can be run in it.
    """
    from lawnix.sandbox.worker import SandboxWorker

    if mark.exists():
        return
    SandboxWorker(sandbox, welcome, surroundings).end()
    with contextlib.suppress(OSError):  # a store that is only read
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
