"""Reading apart: in a process of its own, since a library may crash on a broken file, or want all memory there is.

The process is a fork, which takes milliseconds where an interpreter with its libraries takes a quarter of a second.
Only what is safe after a fork may run in it: no library that keeps threads.
"""

import faulthandler
import json
import os
import resource
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lawnix.core.digest import Digest

_MEMORY: Final = 4 << 30  # bytes; a compressed chunk or an object of a file is unpacked as a whole


def apart(read: Callable[[], Mapping[str, Digest]]) -> Mapping[str, Digest]:
    """What `read` returns.

    Raises:
        ReaderError: It raised an exception, or its process died.
    """
    source, sink = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(source)
            faulthandler.disable()  # a crash is an answer here
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            _limit_memory()
            with os.fdopen(sink, "w", encoding="ascii") as pipe:
                pipe.write(json.dumps(_answer(read)))
        finally:
            os._exit(0)  # nothing of this process's parent is closed or flushed here
    os.close(sink)
    with os.fdopen(source, encoding="ascii") as pipe:
        text = pipe.read()
    try:
        _, status = os.waitpid(process, 0)
    except ChildProcessError:  # somebody else who waits for any child has got it
        status = 0
    if os.WIFSIGNALED(status):
        raise ReaderError(
            f"the library that reads it crashed with {signal.Signals(os.WTERMSIG(status)).name}"
        )
    if not text:
        raise ReaderError("the process that reads it ended without an answer")
    error, found = json.loads(text)
    if error is not None:
        raise ReaderError(error)
    return {place: Digest(written) for place, written in found.items()}


def _limit_memory() -> None:
    """Let this process have `_MEMORY` bytes more than it has, where the system tells how many that are."""
    told = Path("/proc/self/statm")
    if told.exists():
        wanted = int(told.read_text("ascii").split()[0]) * resource.getpagesize() + _MEMORY
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(
            resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


class ReaderError(Exception):
    """A file could not be read; what its reader said is the message."""


def _answer(read: Callable[[], Mapping[str, Digest]]) -> tuple[str | None, Mapping[str, Digest]]:
    try:
        return None, read()
    except Exception as error:  # noqa: BLE001  # whatever a reader makes of a broken file
        return f"{type(error).__name__}: {error}", {}
