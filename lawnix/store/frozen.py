"""Frozen: read-only, with the one time that all objects have; how that is made, and seen at one look.

What is written to a frozen file later, by whoever had it open before, shows in its time.
"""

# ruff: noqa: PTH101, S103
# Places are strings here, since trees may have very many files; frozen directories are readable for all.

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lawnix.store.copying import copy_bytes
from lawnix.store.durability import begin_writing

FROZEN_TIME: Final = (
    315_532_800  # s, 1980-01-01 UTC: SOURCE_DATE_EPOCH of builds, and the oldest time in a zip
)
FROZEN_NS: Final = FROZEN_TIME * 1_000_000_000
_FROZEN: Final = FROZEN_NS, FROZEN_NS

_LARGE: Final = 32 << 20  # bytes; what is larger begins to be written to disk while it is digested


def refreeze(location: Path) -> None:
    """Make a file or directory, whose content is known, once more what `freeze` made of it."""
    if location.is_dir():
        for path, status in inside_out(str(location)):
            _refreeze(path, status)
        os.utime(location, ns=_FROZEN)
    else:
        _refreeze(str(location), os.lstat(location))


def is_frozen(location: str, size: int | None) -> bool:
    """Whether the file or directory is as `freeze` left it, by what stat says, and has `size` bytes if that is known.

    Raises:
        FileNotFoundError: There is nothing.
    """
    status = os.lstat(location)
    if status.st_mtime_ns != FROZEN_NS:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return size is None or status.st_size == size
    found = 0
    pending = [location]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if status.st_mtime_ns != FROZEN_NS:
                    return False
                if stat.S_ISDIR(status.st_mode):
                    pending.append(entry.path)
                elif stat.S_ISREG(status.st_mode):
                    found += status.st_size
    return size is None or found == size


def open_frozen(name: str, directory: int | None) -> tuple[int, os.stat_result]:
    """Freeze the file `name` in an open directory, or in that of this process.

    If it has other names they keep what they have, and this one gets a copy.

    Returns:
        A descriptor to read it, and what stat said of it.
    """
    descriptor = _open(name, directory)
    try:
        status = os.fstat(descriptor)
        if status.st_nlink > 1 and not _is_frozen(status):
            _copy_for_itself(name, directory, descriptor, status.st_size)
        os.chmod(descriptor, _mode(status))
        os.utime(descriptor, ns=_FROZEN)
        if status.st_size >= _LARGE:
            begin_writing(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, status


def freeze_link(name: str, directory: int) -> None:
    """Freeze a link in an open directory."""
    os.utime(name, ns=_FROZEN, dir_fd=directory, follow_symlinks=False)


def freeze_directory(descriptor: int, *, movable: bool) -> None:
    """Freeze an open directory, of which everything in it is frozen.

    Args:
        descriptor: The directory.
        movable: Whether it keeps its write permission for now, without which it could not be moved.
    """
    if not movable:
        os.chmod(descriptor, 0o555)
    os.utime(descriptor, ns=_FROZEN)


def freeze_file(path: str) -> None:
    """Make a file read-only, with the one time that all objects have, whatever other names it has."""
    _make_readonly(path, os.lstat(path))


def inside_out(location: str) -> Iterator[tuple[str, os.stat_result]]:
    """Everything in a directory with its status, what is in a directory before the directory."""
    with os.scandir(location) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from inside_out(entry.path)
            yield entry.path, status


def _refreeze(path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        descriptor, _ = open_frozen(path, None)
        os.close(descriptor)
    else:
        _make_readonly(path, status)


def _is_frozen(status: os.stat_result) -> bool:
    return status.st_mtime_ns == FROZEN_NS and not status.st_mode & 0o222


def _make_readonly(path: str, status: os.stat_result) -> None:
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(path, _mode(status))
    os.utime(path, ns=_FROZEN, follow_symlinks=False)


def _mode(status: os.stat_result) -> int:
    return 0o555 if status.st_mode & 0o111 or stat.S_ISDIR(status.st_mode) else 0o444


def _open(name: str, directory: int | None) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW
    try:
        return os.open(name, flags, dir_fd=directory)
    except PermissionError:  # not even its owner may read it
        os.chmod(name, 0o400 | os.stat(name, dir_fd=directory).st_mode, dir_fd=directory)
        return os.open(name, flags, dir_fd=directory)


def _copy_for_itself(name: str, directory: int | None, descriptor: int, size: int) -> None:
    """Let `name`, which is open, be a copy of the file that it is one of several names of."""
    copy = f"{name}.{os.getpid()}.copy"
    own = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
    try:
        copy_bytes(descriptor, own, size)
        os.rename(copy, name, src_dir_fd=directory, dst_dir_fd=directory)
        os.lseek(own, 0, os.SEEK_SET)
        os.dup2(own, descriptor, inheritable=False)
    finally:
        os.close(own)
