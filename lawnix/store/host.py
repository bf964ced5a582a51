"""Host: who this process is among all that use a store."""

import os
import platform
import re
import resource
import secrets
import time
from typing import Final

HOST: Final = re.sub(r"[^A-Za-z0-9.-]", "_", platform.node())[:100] or "localhost"


def writer_name() -> str:
    """A name that no other writer has: host, process, time and chance."""
    return f"{HOST}-{os.getpid()}-{time.time_ns():x}-{secrets.token_hex(3)}"


def is_running(pid: int) -> bool:
    """Whether there is a process `pid` on this host."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to someone else
        return True
    return True


def has_children() -> bool:
    """Whether this process has started others that have not ended, or that nobody has waited for."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def children_had() -> int:
    """A number that grows with each process that this one has started and waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt  # none comes to life without such faults
