"""A prelude: kills the run, workers and all, just before the n-th change that it makes below the store.

Changes are what Python's audit hooks tell (files opened for writing, renamed, made, removed, frozen …), writes and
flushes, of which the former are cut in half at every second point, and transactions of SQLite.
"""

import mmap
import os
import signal
import sqlite3
import struct
import sys

ROOT = os.path.join(os.environ["STORE"], "")
AT = int(os.environ["KILL_AT"])
RUN = os.getpid()

_points = mmap.mmap(-1, 8)  # shared with the workers, which are forked
_CHANGES = {"os.rename": (0, 1), "os.link": (1,), "os.symlink": (1,)}
_CHANGES |= dict.fromkeys(("os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.utime", "os.truncate"), (0,))


def point(what: str) -> None:
    number = struct.unpack("q", _points[:])[0] + 1
    _points[:] = struct.pack("q", number)
    with open(os.environ["POINTS"], "a") as file:
        file.write(f"{number} {what}\n")
    if number == AT:
        os.kill(RUN, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()


def is_inside(path: object) -> bool:
    if isinstance(path, int):
        try:
            path = os.readlink(f"/proc/self/fd/{path}")
        except OSError:
            return False
    return isinstance(path, str | os.PathLike) and os.path.abspath(os.fspath(path)).startswith(ROOT)


def hook(event: str, args: tuple) -> None:
    if event == "open":
        path, _, flags = args
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and not isinstance(path, int) and is_inside(path):
            point(f"open {path}")
    elif event in _CHANGES and any(is_inside(args[index]) for index in _CHANGES[event]):
        point(f"{event} {args[0]}")


def writing(write):
    def wrapper(descriptor, data):
        if is_inside(descriptor):
            point("write")
            before = struct.unpack("q", _points[:])[0]
            if before + 1 == AT:
                write(descriptor, bytes(data)[: len(data) // 2])
            point("rest of write")
        return write(descriptor, data)

    return wrapper


def flushing(flush):
    def wrapper(descriptor):
        if is_inside(descriptor):
            point("flush")
        return flush(descriptor)

    return wrapper


def transaction(statement: str) -> None:
    if statement.startswith(("BEGIN", "COMMIT", "PRAGMA journal_mode")):
        point(f"sqlite {statement}")


def tracing(connect):
    def wrapper(database, *args, **kwargs):
        connection = connect(database, *args, **kwargs)
        if is_inside(database):
            connection.set_trace_callback(transaction)
        return connection

    return wrapper


sqlite3.connect = tracing(sqlite3.connect)
os.write = writing(os.write)
os.fsync = flushing(os.fsync)
sys.addaudithook(hook)
