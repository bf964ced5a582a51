"""Realized environments: what is made once for a sandbox, under its digest, and lies where all runs find it.

Each is a directory `<digest>-<name>`. Whoever makes it holds a lock meanwhile, and so does every program that is
started for that: when the process is killed, the next one waits for what it has left running, and then begins anew. The
file that says what it is comes last: what has none is not there.
"""

import contextlib
import fcntl
import json
import logging
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from lawnix.core.digest import Digest
from lawnix.errors import SandboxError
from lawnix.sandbox.workshop import LOG, Workshop

logger = logging.getLogger("luigi-interface")  # where people look while a run goes on

_RECORD: Final = "environment.json"
_USED_AS: Final = "used-as"  # has an empty file for each sandbox, whose time is that of the last use
_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.+-]+")


@dataclass(frozen=True)
class Environment:
    """An environment that lies in a directory of its own.

    Attributes:
        digest: What it is, and where it can be used.
        sandbox: The sandbox that it was made for first, as `type::name`.
        parts: What it is made of, in words.
        versions: Of what is in it.
        made: When, in seconds since the epoch.
        wall: Elapsed time in s that it took.
        size: Bytes of its files.
    """

    digest: Digest
    sandbox: str
    parts: Mapping[str, str]
    versions: Mapping[str, str]
    made: float = 0.0
    wall: float = 0.0
    size: int = 0


class Environments:
    """The environments below `home`, each made once."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def place(self, digest: Digest, name: str) -> Path:
        """Where an environment lies, or would."""
        return self.home / f"{digest}-{_UNREADABLE.sub('-', name)[:60]}"

    def realized(
        self,
        wanted: Environment,
        name: str,
        make: Callable[[Workshop], Mapping[str, str]],
        used_as: Digest | None = None,
    ) -> Path:
        """Where an environment lies that is made now if nobody has.

        Args:
            wanted: What is known of it before.
            name: Its name, for people.
            make: Makes it in the place of a workshop; returns the versions of what is in it.
            used_as: What the sandbox is that asks for it.

        Raises:
            SandboxError: It cannot be made.
        """
        try:
            place = self._made(wanted, name, make)
        except OSError as error:
            if error.errno is None:  # of a library, which says it in its own way
                raise
            reason = f"it cannot be made below {self.home}: {error.strerror} ({error.filename})"
            raise SandboxError(wanted.sandbox, reason) from error
        if used_as is not None:
            with contextlib.suppress(OSError):  # a store that is only read
                (place / _USED_AS).mkdir(exist_ok=True)
                (place / _USED_AS / used_as).touch()
        return place

    def _made(self, wanted: Environment, name: str, make: Callable[[Workshop], Mapping[str, str]]) -> Path:
        place = self.place(wanted.digest, name)
        if (place / _RECORD).exists():
            return place
        self.home.mkdir(parents=True, exist_ok=True)
        with self._lock(place.name, wanted.sandbox) as lock:
            if (place / _RECORD).exists():
                return place
            remove(place)  # left behind by a process that was killed
            place.mkdir()
            began, elapsed = time.time(), time.monotonic()
            logger.info("making the environment of %s, once; its log is %s", wanted.sandbox, place / LOG)
            try:
                versions = make(Workshop(wanted.sandbox, place, lock))
            except BaseException:
                self._keep_log(place)
                raise
            size = _freeze(place)
            wall = time.monotonic() - elapsed
            made = replace(wanted, versions=dict(versions), made=began, wall=wall, size=size)
            _flush(place)
            draft = place / f"{_RECORD}.new"
            draft.write_text(json.dumps(asdict(made), indent=1), "utf-8")
            draft.replace(place / _RECORD)  # last: what has a record is whole
            logger.info("made the environment of %s in %.1f s", wanted.sandbox, wall)
        return place

    def all(self) -> dict[Path, Environment]:
        """What is there, by its place."""
        found = {}
        for record in sorted(self.home.glob(f"*/{_RECORD}")):
            with contextlib.suppress(
                OSError, ValueError, TypeError
            ):  # removed in this moment, or by another release
                found[record.parent] = Environment(**json.loads(record.read_text("utf-8")))
        return found

    @staticmethod
    def uses(place: Path) -> dict[Digest, float]:
        """What the sandboxes are that have asked for it, with the time of their last use in seconds since the epoch."""
        return {Digest(mark.name): mark.stat().st_mtime for mark in (place / _USED_AS).glob("*")}

    def leftovers(self) -> list[Path]:
        """What was begun and is not whole; nobody may be making it."""
        return [place for place in sorted(self.home.glob("*-*/")) if not (place / _RECORD).exists()]

    @contextlib.contextmanager
    def _lock(self, name: str, sandbox: str) -> Iterator[int]:
        """Keep others from making the same; waits for those who do."""
        descriptor = os.open(self.home / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.info("another process makes the environment of %s; waiting for it", sandbox)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as error:  # a file system without locks
                logger.debug("no lock in %s: %s", self.home, error)
            yield descriptor
        finally:
            os.close(descriptor)

    @staticmethod
    def _keep_log(place: Path) -> None:
        for path in place.iterdir():
            if path.name != LOG:
                remove(path)


def remove(place: Path) -> None:
    """Remove what may be frozen; it is fine if there is nothing."""
    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
        return
    record = place / _RECORD
    record.unlink(missing_ok=True)  # first: what is half gone is not there
    for directory, _, _ in os.walk(place):
        Path(directory).chmod(0o700)
    shutil.rmtree(place)


def _freeze(place: Path) -> int:
    """Take away the permission to write to what lies below; bytes of all files."""
    size, log = 0, str(place / LOG)
    for directory, _, files in os.walk(place, topdown=False):
        for name in files:
            path = os.path.join(directory, name)  # noqa: PTH118  # there may be very many
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and path != log:
                os.chmod(path, status.st_mode & 0o555)  # noqa: PTH101  # see above
                size += status.st_size
        if directory != str(place):
            Path(directory).chmod(0o555)
    return size


def _flush(place: Path) -> None:
    """Have it on disk, so that a power cut leaves no record of what is not whole."""
    if subprocess.run(["sync", "-f", place], stderr=subprocess.DEVNULL, check=False).returncode:
        os.sync()  # not Linux
