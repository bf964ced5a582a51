"""Trees: the content digest of a file or directory, and how it is frozen.

Freezing and digesting is one walk, in which each file is opened once and read once.

A file's digest covers its bytes and whether it is executable; a directory's covers the names, kinds and digests of its
entries. Owners, times and places do not enter. A link in a directory counts by its text; it may only lead to something
in the same directory, so no link is ever followed here.
"""

# ruff: noqa: PTH101, PTH115, PTH119
# Places are strings here, since trees may have very many files.

import mmap
import os
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from blake3 import blake3

from lawnix.core.canonical import canonical
from lawnix.core.digest import SIZE, Digest, digest, written_digest
from lawnix.errors import EscapingOutputError, OutputKindError
from lawnix.store.frozen import freeze_directory, freeze_link, inside_out, open_frozen

_ONE_READ: Final = 1 << 20  # bytes; up to here one read is faster than a memory map
_A_THREAD: Final = 4 << 20  # bytes; it digests them in 1 ms, and to start it takes 0.1 ms
_BLOCK: Final = 8 << 20  # bytes
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW
_DIRECTORY: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY


class Content(NamedTuple):
    """What a file or directory holds.

    Attributes:
        digest: Its content digest.
        size: Bytes of the file, or of all files in the directory.
    """

    digest: Digest
    size: int


def content(location: Path | str, task: str = "") -> Content:
    """The content of the file or directory at `location`.

    Raises:
        OutputKindError: It is, or holds, neither a file nor a directory; `task` is named as the one who wrote it.
        EscapingOutputError: It is a link, or a link in it leads out of it.
    """
    return _content(str(location), task, os.lstat(location), freezing=False)


def freeze(location: Path | str, task: str = "", status: os.stat_result | None = None) -> Content:
    """Make a file or directory, of which `status` may be known, read-only, with the time of all objects; its content.

    The directory itself keeps its write permission until it has its place, since it could not be moved without it.

    Raises:
        OutputKindError: It is, or holds, neither a file nor a directory; `task` is named as the one who wrote it.
        EscapingOutputError: It is a link, or a link in it leads out of it.
    """
    return _content(str(location), task, status or os.lstat(location), freezing=True)


def file_content(location: Path | str, *, stable: bool = True) -> Content:
    """The content of a file; links are followed.

    Args:
        location: Where it lies.
        stable: Whether nobody can be writing it. A file that is cut off while it is mapped ends the process, so a
            file that belongs to others is read instead, which is slower for large ones.
    """
    descriptor = os.open(location, os.O_RDONLY)
    try:
        return _read(descriptor, os.fstat(descriptor), stable=stable)
    finally:
        os.close(descriptor)


def directory_digest(entries: Iterable[tuple[str, str, Digest]]) -> Digest:
    """The digest of a directory with these (name, kind, digest); kinds are `f`, `d` and `l`."""
    ordered = sorted(entries, key=lambda entry: os.fsencode(entry[0]))
    return digest("directory", canonical(ordered))


def link_digest(text: str) -> Digest:
    """The digest of a link to `text`."""
    return digest("link", os.fsencode(text))


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


def _content(location: str, task: str, status: os.stat_result, *, freezing: bool) -> Content:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return _file(location, None, freezing=freezing)
    name = os.path.basename(location)
    if stat.S_ISLNK(mode):
        raise EscapingOutputError(task, name, os.readlink(location))
    if not stat.S_ISDIR(mode):
        raise OutputKindError(task, name, "file or directory", kind_name(mode))
    descriptor = os.open(location, _DIRECTORY)
    try:
        found = _directory(descriptor, name, 0, task, freezing=freezing)
        if freezing:
            freeze_directory(descriptor, movable=True)
        return found
    finally:
        os.close(descriptor)


def _directory(descriptor: int, shown: str, depth: int, task: str, *, freezing: bool) -> Content:
    """The content of an open directory `depth` levels below the top; `shown` is its path from there."""
    found: list[tuple[str, str, Digest]] = []
    size = 0
    with os.scandir(descriptor) as entries:
        listed = list(entries)  # before anything in it is replaced
    for entry in listed:
        path = f"{shown}/{entry.name}"
        try:
            if entry.is_file(follow_symlinks=False):
                kind, part = "f", _file(entry.name, descriptor, freezing=freezing)
            elif entry.is_symlink():
                kind, part = "l", _link(entry.name, descriptor, path, depth, task, freezing=freezing)
            elif entry.is_dir(follow_symlinks=False):
                kind, part = "d", _inner(entry.name, descriptor, path, depth + 1, task, freezing=freezing)
            else:
                mode = entry.stat(follow_symlinks=False).st_mode
                raise OutputKindError(task, path, "file or directory", kind_name(mode))
        except OSError as error:
            error.filename = path  # else it is a name without a place, or the number of a descriptor
            raise
        found.append((entry.name, kind, part.digest))
        size += part.size
    return Content(directory_digest(found), size)


def _inner(name: str, directory: int, shown: str, depth: int, task: str, *, freezing: bool) -> Content:
    """The content of the directory `name` in an open one."""
    descriptor = os.open(name, _DIRECTORY, dir_fd=directory)
    try:
        found = _directory(descriptor, shown, depth, task, freezing=freezing)
        if freezing:
            freeze_directory(descriptor, movable=False)
        return found
    finally:
        os.close(descriptor)


def _link(name: str, directory: int, shown: str, depth: int, task: str, *, freezing: bool) -> Content:
    """The content of a link in an open directory that lies `depth` levels below the top.

    `..` is allowed at the front only, and not more often than there are levels. Then whatever it leads to is reached by
    descending from a real directory inside, and by induction no chain of links gets out.
    """
    text = os.readlink(name, dir_fd=directory)
    steps = [step for step in text.split("/") if step not in {"", "."}]
    ups = next((i for i, step in enumerate(steps) if step != ".."), len(steps))
    if text.startswith("/") or ups > depth or ".." in steps[ups:]:
        raise EscapingOutputError(task, shown, text)
    if freezing:
        freeze_link(name, directory)
    return Content(link_digest(text), 0)


def _file(name: str, directory: int | None, *, freezing: bool) -> Content:
    """The content of the file `name` in an open directory, or in the one of this process."""
    if freezing:
        descriptor, status = open_frozen(name, directory)
    else:
        descriptor = os.open(name, _FILE, dir_fd=directory)
        status = os.fstat(descriptor)
    try:
        return _read(descriptor, status)
    finally:
        os.close(descriptor)


def _read(descriptor: int, status: os.stat_result, *, stable: bool = True) -> Content:
    """The content of an open file, of which stat says `status`; `stable` as of `file_content`."""
    executable = b"x" if status.st_mode & 0o111 else b"-"
    if status.st_size < _ONE_READ:
        data = os.read(descriptor, status.st_size + 1)
        if len(data) != status.st_size:  # it grows, or is no file on a disk
            data = b"".join([data, *iter(lambda: os.read(descriptor, _BLOCK), b"")])
        return Content(digest("file", executable + data), len(data))
    # a pool of its own for each file: the shared one would not survive a fork
    state = blake3(b"file\0" + executable, max_threads=threads(status.st_size))
    if stable:
        with mmap.mmap(descriptor, status.st_size, access=mmap.ACCESS_READ) as mapped:
            state.update(mapped)
        return Content(written_digest(state.digest(length=SIZE)), status.st_size)
    size = 0
    block = memoryview(bytearray(_BLOCK))
    while count := os.readv(descriptor, [block]):
        state.update(block[:count])
        size += count
    return Content(written_digest(state.digest(length=SIZE)), size)


def threads(size: int) -> int:
    """How many threads digest so many bytes soonest."""
    return max(1, min(cores(), size // _A_THREAD))


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
