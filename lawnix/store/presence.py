"""Presence: every session that has a store open shares a lock; what removes things from it wants that lock alone."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lawnix.errors import StoreBusyError
from lawnix.store.host import HOST
from lawnix.store.layout import LOCK

logger = logging.getLogger(__name__)


class Presence:
    """The shared lock of one session on the store at `root`; held until `leave`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._descriptor: int | None = None
        try:
            # NFS gives a lock that excludes only to those who may write
            mode = os.O_RDWR if os.access(root / LOCK, os.W_OK) else os.O_RDONLY
            self._descriptor = os.open(root / LOCK, mode | os.O_CLOEXEC)
        except OSError as error:  # a store that may not be written and never was collected
            logger.debug("no lock on %s: %s", root, error)
            return
        if not self._lock(fcntl.LOCK_SH | fcntl.LOCK_NB):
            logger.warning("%s is being collected; waiting until that is done", root)
            self._lock(fcntl.LOCK_SH)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out.

        Raises:
            StoreBusyError: Somebody is in.
        """
        if not self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
            self._lock(fcntl.LOCK_SH)  # the attempt gave up what we had
            raise StoreBusyError(self._root, self._others())
        try:
            yield
        finally:
            self._lock(fcntl.LOCK_SH)

    def leave(self) -> None:
        """Let go; in a forked child this leaves the parent's hold as it is."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, how: int) -> bool:
        """Take the lock; False if others have it."""
        if self._descriptor is None:
            return True
        try:
            fcntl.flock(self._descriptor, how)
        except BlockingIOError:
            return False
        except OSError as error:  # a file system without locks
            logger.debug("no lock on %s: %s", self._root, error)
        return True

    def _others(self) -> list[str]:
        """Who on this host has the lock, as far as the kernel tells."""
        if self._descriptor is None:
            return []
        inode = os.fstat(self._descriptor).st_ino
        try:
            locks = Path("/proc/locks").read_text(encoding="ascii")
        except OSError:
            return []
        # 1: FLOCK  ADVISORY  READ 4242 fe:00:1234 0 EOF
        parts = [line.split() for line in locks.splitlines()]
        pids = {part[4] for part in parts if part[1] == "FLOCK" and part[5].rpartition(":")[2] == str(inode)}
        return [f"process {pid} on {HOST}" for pid in sorted(pids - {str(os.getpid())}, key=int)]
