"""What a build used: time, CPU, memory, and who, where and with what."""

import getpass
import os
import platform
import resource
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from lawnix.core.realization import BuildRecord

_TOLD: Final[tuple[str, ...]] = ("lawnix", "law", "luigi")  # whose versions a build record tells
_NONE: Final[Mapping[str, str]] = {}


class Meter:
    """Time, CPU and memory from its making to `record()`."""

    def __init__(self) -> None:
        self._started = time.time()
        self._wall = time.perf_counter()
        self._cpu = time.process_time() + _of_children()

    def record(
        self,
        *,
        size: int = 0,
        logged: bool = False,
        environment: Mapping[str, str] | None = None,
        observed: Mapping[str, Sequence[str]] | None = None,
    ) -> BuildRecord:
        """What was used since, with what the meter does not see."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        host, user, versions = _circumstances()
        return BuildRecord(
            started=self._started,
            wall=time.perf_counter() - self._wall,
            cpu=own.ru_utime + own.ru_stime + _of_children() - self._cpu,
            memory=own.ru_maxrss * 1024,  # Linux counts in KiB
            size=size,
            host=host,
            user=user,
            pid=os.getpid(),
            versions=versions,
            environment=environment or _NONE,
            logged=logged,
            observed=observed,
        )


def _of_children() -> float:
    """CPU time of those that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


@cache
def _circumstances() -> tuple[str, str, Mapping[str, str]]:
    """Host, user and versions, which are the same for all builds of a process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in containers
        user = str(os.getuid())
    loaded = {name: sys.modules[name] for name in _TOLD if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "unknown")) for name, module in loaded.items()}
    return socket.gethostname(), user, {"python": platform.python_version(), **versions}
