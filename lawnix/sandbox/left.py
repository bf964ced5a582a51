"""What a task leaves running, found from within its sandbox. Any Python from 3.10 on runs this."""

# ruff: noqa: PTH123, PTH208
# Each process is looked at after each task.

from __future__ import annotations

import os
import sys
import time

_PATIENCE = 0.5  # s; what was told to end may take a moment


def left_behind() -> list[str]:
    """The commands of the processes that are here and are neither this one nor what has started it.

    Helpers that Python's multiprocessing keeps for the process's own life do not count.
    """
    until = time.monotonic() + _PATIENCE
    own = {*_line_of(os.getpid()), *_helpers()}
    while True:
        there = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        found = [_command(pid) for pid in there if pid not in own]
        found = [command for command in found if command]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.01)


def _line_of(pid: int) -> list[int]:
    """A process and those above it."""
    line = []
    while pid:
        line.append(pid)
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                pid = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            break
    return line


def _helpers() -> list[int]:
    tracker = sys.modules.get("multiprocessing.resource_tracker")
    server = sys.modules.get("multiprocessing.forkserver")
    pids = [
        getattr(getattr(tracker, "_resource_tracker", None), "_pid", None),
        getattr(getattr(server, "_forkserver", None), "_forkserver_pid", None),
    ]
    return [pid for pid in pids if pid is not None]


def _command(pid: int) -> str:
    """The command of a process that lives."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state = file.read().rpartition(b")")[2].split()[0]
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:  # gone
        return ""
    if state in (b"Z", b"X"):
        return ""
    return " ".join(word.decode("utf-8", "replace") for word in words if word) or f"process {pid}"
