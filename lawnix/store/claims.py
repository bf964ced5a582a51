"""Claims: who is building what, so that two processes do not build the same.

Among the processes of one host a claim is a lock on one byte of a file, at the place that the key says. Such a lock
belongs to the open file, so two stores in one process exclude each other too, and the kernel gives it back when the
process dies. Other hosts see a lease: a file that lists the keys and is touched as long as its process works. A lease
does its best; where it fails a thing is built twice, which is harmless.
"""

import errno
import fcntl
import json
import logging
import os
import struct
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lawnix.core.digest import Digest
from lawnix.store.access import writing
from lawnix.store.host import HOST, is_running, writer_name
from lawnix.store.protocol import Claim

logger = logging.getLogger(__name__)

LEASE: Final = 60.0  # s; a lease that was not touched for so long counts no more
_REFRESH: Final = 1.0  # s between two writes of a lease that says nothing new to anyone waiting

_SET: Final = getattr(
    fcntl, "F_OFD_SETLK", fcntl.F_SETLK
)  # the latter belongs to the process, which is nearly as good
_GET: Final = getattr(fcntl, "F_OFD_GETLK", fcntl.F_GETLK)
_FLOCK: Final = struct.Struct("hhqqi4x")  # struct flock of 64-bit Linux: type, whence, start, length, pid
_TAKEN: Final = {errno.EAGAIN, errno.EACCES}
_NO_LOCKS: Final = {errno.ENOLCK, errno.EINVAL, errno.EOPNOTSUPP}  # of a file system that has none
_BASE32: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")


@dataclass(slots=True)
class _Lease:
    """What another session's lease file says, and what the file looked like when it was read."""

    stamp: tuple[int, int]
    host: str
    pid: int
    time: float
    keys: Mapping[str, tuple[float, str]]


class Claims:
    """The claims of one session in the directory `directory`."""

    def __init__(self, directory: Path, host: str = HOST, clock: Callable[[], float] = time.time) -> None:
        self.directory = directory
        self._host = host
        self._clock = clock
        self._files: dict[str, int] = {}  # open lock files by the first letter of their keys
        self._held: dict[Digest, tuple[float, str]] = {}
        self._lease: Path | None = None
        self._written = 0.0
        self._others: dict[str, _Lease] = {}

    def claim(self, keys: Collection[Digest], label: str) -> set[Digest]:
        """Those of `keys` that are taken now; never waits."""
        fresh = [key for key in dict.fromkeys(keys) if key not in self._held]
        elsewhere = self._claimed_on_other_hosts()
        with writing(self.directory.parent):
            taken = {key for key in fresh if key not in elsewhere and self._lock(key, fcntl.F_WRLCK)}
            now = self._clock()
            self._held.update((key, (now, label)) for key in taken)
            if taken:
                self._write_lease(now)
        return taken

    def release(self, keys: Collection[Digest]) -> None:
        """Give up claims; what was not held does not matter."""
        for key in keys:
            if self._held.pop(key, None) is not None:
                self._lock(key, fcntl.F_UNLCK)
        with writing(self.directory.parent):
            self._write_lease(self._clock())

    def heartbeat(self) -> None:
        """Touch the lease."""
        with writing(self.directory.parent):
            self._write_lease(self._clock())

    def claimed(self) -> dict[Digest, Claim]:
        """What other sessions hold."""
        claims = {}
        for lease in self._leases():
            if not self._is_fresh(lease):
                continue
            for key, (since, label) in lease.keys.items():
                claims[Digest(key)] = Claim(lease.host, lease.pid, since, label)
        return {
            key: claim for key, claim in claims.items() if claim.host != self._host or self._is_locked(key)
        }

    def is_alive(self, host: str, pid: int) -> bool:
        """Whether a process shows signs of life in a lease."""
        return any(
            (lease.host, lease.pid) == (host, pid) and self._is_fresh(lease) for lease in self._leases()
        )

    def stale(self) -> list[Path]:
        """The lease files that nobody touches any more."""
        return [
            self.directory / name for name, lease in self._read_leases().items() if not self._is_fresh(lease)
        ]

    def abandon(self) -> None:
        """In a forked child: let go of the parent's files without giving up its claims."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files, self._held, self._lease = {}, {}, None

    def close(self) -> None:
        """Give up all claims."""
        lease = self._lease
        self.abandon()
        if lease is not None:
            lease.unlink(missing_ok=True)

    # ------------------------------------------------------------------------------- locks of this host

    def _lock(self, key: Digest, kind: int) -> bool:
        """Lock or unlock the byte for `key`; False if another session has it."""
        descriptor = self._file(key)
        try:
            fcntl.fcntl(descriptor, _SET, _FLOCK.pack(kind, os.SEEK_SET, _place(key), 1, 0))
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            if error.errno not in _NO_LOCKS:
                raise
            logger.debug("no lock in %s: %s", self.directory, error)
        return True

    def _is_locked(self, key: Digest) -> bool:
        """Whether another session of this host has the byte for `key`."""
        try:
            asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, _place(key), 1, 0)
            answer = fcntl.fcntl(self._file(key), _GET, asked)
        except OSError as error:
            logger.debug("cannot ask for a lock in %s: %s", self.directory, error)
            return True
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)

    def _file(self, key: Digest) -> int:
        # one file for each first letter: the kernel walks through all locks of a file to set one
        letter = key[0]
        descriptor = self._files.get(letter)
        if descriptor is None:
            path = self.directory / f"{self._host}.{letter}.lock"
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._files[letter] = descriptor
        return descriptor

    # ------------------------------------------------------------------------------- leases

    def _write_lease(self, now: float) -> None:
        """Say what is held, unless that was said a moment ago."""
        if now - self._written < _REFRESH and self._lease is not None and self._held:
            return
        if not self._held:
            if self._lease is not None:
                self._lease.unlink(missing_ok=True)
                self._lease, self._written = None, 0.0
            return
        if self._lease is None:
            self._lease = self.directory / f"{writer_name()}.json"
        said = {"host": self._host, "pid": os.getpid(), "time": now, "keys": self._held}
        draft = self._lease.with_suffix(".draft")
        draft.write_text(json.dumps(said))
        draft.replace(self._lease)
        self._written = now

    def _claimed_on_other_hosts(self) -> set[str]:
        """Keys in fresh leases of other hosts; those of this host are looked up by their locks."""
        leases = (lease for lease in self._leases() if lease.host != self._host and self._is_fresh(lease))
        return {key for lease in leases for key in lease.keys}

    def _is_fresh(self, lease: _Lease) -> bool:
        if lease.host == self._host:
            return is_running(lease.pid)
        return self._clock() - lease.time < LEASE

    def _leases(self) -> Iterator[_Lease]:
        mine = self._lease.name if self._lease is not None else ""
        return (lease for name, lease in self._read_leases().items() if name != mine)

    def _read_leases(self) -> Mapping[str, _Lease]:
        """All leases; a file that looks as it did is not read again."""
        found = {}
        with os.scandir(self.directory) as entries:
            for entry in entries:
                if not entry.name.endswith(".json"):
                    continue
                try:
                    status = entry.stat()
                    stamp = (status.st_mtime_ns, status.st_size)
                    known = self._others.get(entry.name)
                    if known is None or known.stamp != stamp:
                        said = json.loads(Path(entry.path).read_bytes())
                        # either clock may be off: the file system's or the owner's
                        latest = max(float(said["time"]), status.st_mtime)
                        known = _Lease(stamp, said["host"], said["pid"], latest, said["keys"])
                except FileNotFoundError:  # given up in this moment
                    continue
                except (ValueError, KeyError, TypeError) as error:
                    logger.warning("%s is no lease: %s", entry.path, error)
                    continue
                found[entry.name] = known
        self._others = found
        return found


def _place(key: Digest) -> int:
    """The byte that stands for `key`: 60 of its bits."""
    return int(key[1:13].translate(_BASE32), 32)
