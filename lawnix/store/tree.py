"""Trees: the content digest of a file or directory, and how it is frozen.

A file's digest covers its bytes and whether it is executable; a directory's covers the names, kinds and digests of its
entries. Owners, times and places do not enter. A link in a directory counts by its text; it may only lead to something
in the same directory, so no link is ever followed here.
"""

# ruff: noqa: PTH101, PTH104, PTH115, PTH119, PTH123, S103
# Places are strings here, since trees may have very many files; frozen directories are readable for all.

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blake3 import blake3

from lawnix.core.canonical import canonical
from lawnix.core.digest import SIZE, Digest, digest
from lawnix.errors import EscapingOutputError, OutputKindError

FROZEN_TIME: Final = (
    315_532_800  # s, 1980-01-01 UTC: SOURCE_DATE_EPOCH of builds, and the oldest time in a zip
)
FROZEN_NS: Final = FROZEN_TIME * 1_000_000_000

_ONE_READ: Final = 1 << 20  # bytes; up to here one read is faster than a memory map
_MANY_THREADS: Final = 4 << 20  # bytes; from here the start of threads (0.2 ms) pays
BLOCK: Final = 8 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a file or directory holds.

    Attributes:
        digest: Its content digest.
        size: Bytes of the file, or of all files in the directory.
    """

    digest: Digest
    size: int


def content(location: Path | str, task: str = "", status: os.stat_result | None = None) -> Content:
    """The content of the file or directory at `location`, of which `status` is known if it was looked at before.

    Raises:
        OutputKindError: It is, or holds, neither a file nor a directory; `task` is named as the one who wrote it.
        EscapingOutputError: It is a link, or a link in it leads out of it.
    """
    mode = (status or os.lstat(location)).st_mode
    if stat.S_ISREG(mode):
        return file_content(location)
    name = os.path.basename(location)
    if stat.S_ISLNK(mode):
        raise EscapingOutputError(task, name, os.readlink(location))
    if stat.S_ISDIR(mode):
        return _directory(str(location), name, 0, task)
    raise OutputKindError(task, name, "file or directory", kind_name(mode))


def file_content(location: Path | str, *, stable: bool = True) -> Content:
    """The content of a file; links are followed.

    Args:
        location: Where it lies.
        stable: Whether nobody can be writing it. A file that is cut off while it is mapped ends the process, so a
            file that belongs to others is read instead, which is slower for large ones.
    """
    with open(location, "rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        executable = b"x" if status.st_mode & 0o111 else b"-"
        if status.st_size < _ONE_READ:
            data = file.readall()
            return Content(digest("file", executable + data), len(data))
        # a pool of its own for each file: the shared one would not survive a fork
        threads = cores() if status.st_size >= _MANY_THREADS else 1
        state = blake3(b"file\0" + executable, max_threads=threads)
        if stable:
            state.update_mmap(location)
            size = status.st_size
        else:
            size = 0
            block = memoryview(bytearray(BLOCK))
            while count := file.readinto(block):
                state.update(block[:count])
                size += count
        return Content(Digest.of_bytes(state.digest(length=SIZE)), size)


def directory_digest(entries: Iterable[tuple[str, str, Digest]]) -> Digest:
    """The digest of a directory with these (name, kind, digest); kinds are `f`, `d` and `l`."""
    ordered = sorted(entries, key=lambda entry: os.fsencode(entry[0]))
    return digest("directory", canonical(ordered))


def link_digest(text: str) -> Digest:
    """The digest of a link to `text`."""
    return digest("link", os.fsencode(text))


def freeze(location: Path | str, status: os.stat_result | None = None) -> None:
    """Make a file or directory, of which `status` may be known, read-only, with the one time that all objects have.

    The directory itself keeps its write permission until it has its place, since it could not be moved without it.
    """
    place, status = str(location), status or os.lstat(location)
    if not stat.S_ISDIR(status.st_mode):
        _freeze(place, status)
        return
    for path, inner in inside_out(place):
        _freeze(path, inner)
    os.utime(place, ns=(FROZEN_NS, FROZEN_NS))


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


def size(location: Path) -> int:
    """Bytes of a file, or of all files in a directory, by what stat says."""
    status = os.lstat(location)
    if not stat.S_ISDIR(status.st_mode):
        return status.st_size
    return sum(status.st_size for _, status in inside_out(str(location)) if stat.S_ISREG(status.st_mode))


def thaw(location: Path) -> None:
    """Make directories writable, so that they can be moved or removed."""
    if location.is_symlink() or not location.is_dir():
        return
    location.chmod(0o700)
    pending = [str(location)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    pending.append(entry.path)


def remove(location: Path) -> None:
    """Remove a file or directory, also a frozen one; it is fine if there is nothing."""
    try:
        thaw(location)
        if location.is_dir() and not location.is_symlink():
            shutil.rmtree(location)
        else:
            location.unlink()
    except FileNotFoundError:
        if location.exists():  # only something in it was removed by someone else
            remove(location)


def kind_name(mode: int) -> str:
    """What a file mode stands for, in words."""
    for test, name in (
        (stat.S_ISREG, "file"),
        (stat.S_ISDIR, "directory"),
        (stat.S_ISLNK, "link"),
        (stat.S_ISFIFO, "named pipe"),
        (stat.S_ISSOCK, "socket"),
    ):
        if test(mode):
            return name
    return "device"


def _directory(location: str, shown: str, depth: int, task: str) -> Content:
    """The content of a directory `depth` levels below the top; `shown` is its path from there."""
    found: list[tuple[str, str, Digest]] = []
    size = 0
    with os.scandir(location) as entries:
        for entry in entries:
            path = f"{shown}/{entry.name}"
            if entry.is_symlink():
                kind, part = "l", _link(entry.path, path, depth, task)
            elif entry.is_dir(follow_symlinks=False):
                kind, part = "d", _directory(entry.path, path, depth + 1, task)
            elif entry.is_file(follow_symlinks=False):
                kind, part = "f", file_content(entry.path)
            else:
                mode = entry.stat(follow_symlinks=False).st_mode
                raise OutputKindError(task, path, "file or directory", kind_name(mode))
            found.append((entry.name, kind, part.digest))
            size += part.size
    return Content(directory_digest(found), size)


def _link(location: str, shown: str, depth: int, task: str) -> Content:
    """The content of a link in a directory that lies `depth` levels below the top.

    `..` is allowed at the front only, and not more often than there are levels. Then whatever it leads to is reached by
    descending from a real directory inside, and by induction no chain of links gets out.
    """
    text = os.readlink(location)
    steps = [step for step in text.split("/") if step not in {"", "."}]
    ups = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    if text.startswith("/") or ups > depth or ".." in steps[ups:]:
        raise EscapingOutputError(task, shown, text)
    return Content(link_digest(text), 0)


def inside_out(location: str) -> Iterator[tuple[str, os.stat_result]]:
    """Everything in a directory with its status, what is in a directory before the directory."""
    with os.scandir(location) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                yield from inside_out(entry.path)
            yield entry.path, status


def freeze_file(path: str) -> None:
    """Make a file read-only, with the one time that all objects have, whatever other names it has."""
    _make_readonly(path, os.lstat(path))


def _freeze(path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1 and not _is_frozen(status):
        _unlink_twin(path)  # another name of the same file must not become read-only with this one
    _make_readonly(path, status)


def _is_frozen(status: os.stat_result) -> bool:
    return status.st_mtime_ns == FROZEN_NS and not status.st_mode & 0o222


def _make_readonly(path: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        os.chmod(path, 0o555 if mode & 0o111 else 0o444)
    elif stat.S_ISDIR(mode):
        os.chmod(path, 0o555)
    os.utime(path, ns=(FROZEN_NS, FROZEN_NS), follow_symlinks=False)


def _unlink_twin(path: str) -> None:
    """Give a file that has several names a copy of its own under this one."""
    copy = f"{path}.{os.getpid()}.copy"
    shutil.copy(path, copy)
    os.rename(copy, path)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
