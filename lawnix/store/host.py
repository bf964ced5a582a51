"""Host: who this process is among all that use a store."""

import os
import platform
import re
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
