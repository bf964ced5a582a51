"""Durability: what was written is on disk; one flush serves all that was written before it."""

import logging
import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from lawnix.store.access import writing

logger = logging.getLogger(__name__)

_SYNC_FILE_RANGE_WRITE: Final = 2  # linux/fs.h


class Durability(StrEnum):
    """What a power cut may cost."""

    GROUPED = "grouped"  # the records of the last moment
    NONE = "none"  # whatever the system has not written yet


class Flusher:
    """Flushes the file system that the directory `root` lies on, at most every `INTERVAL`, or when asked.

    A flush waits for all that is being written to the file system, by whomever, so it never takes more than a tenth of
    the time.
    """

    INTERVAL: Final = 0.1  # s
    SHARE: Final = 0.1

    def __init__(
        self, root: Path, durability: Durability, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root = root
        self._durability = durability
        self._clock = clock
        self._dirty = False
        self._last = clock()
        self._cost = 0.0

    def written(self) -> bool:
        """Note that something was written; True if it is time for a flush."""
        self._dirty = True
        return self._durability is Durability.GROUPED and self._clock() - self._last >= max(
            self.INTERVAL, self._cost / self.SHARE
        )

    def flush(self, last: Callable[[], None]) -> None:
        """Flush what was written since the last time; `last` flushes the journal, which follows what it speaks of."""
        if not self._dirty or self._durability is Durability.NONE:
            return
        begin = self._clock()
        with writing(self._root):
            _sync_file_system(self._root)
        last()
        self._dirty = False
        self._last = self._clock()
        self._cost = self._last - begin


def begin_writing(descriptor: int) -> None:
    """Let the system write an open file to disk from now on, so that a flush, which this is not, finds less to do."""
    import ctypes  # only where something was built

    try:
        begin = ctypes.CDLL(None).sync_file_range
    except (OSError, AttributeError):  # not Linux
        return
    own = os.dup(descriptor)

    def write() -> None:  # a thread of its own, since it waits where the disk has a queue
        begin(own, ctypes.c_int64(0), ctypes.c_int64(0), _SYNC_FILE_RANGE_WRITE)
        os.close(own)

    threading.Thread(target=write, daemon=True).start()


def _sync_file_system(directory: Path) -> None:
    import ctypes

    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):  # not Linux
        os.sync()
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        if syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(directory))
    finally:
        os.close(descriptor)
