"""Intake: files and directories that somebody else has made are brought to where a store can take them in.

Theirs stay what they are: they are copied (which costs no space where the file system shares blocks between copies). Or
they are linked, if that is asked for: then the file is frozen under its own name, too, since both names mean one file.
"""

# ruff: noqa: PTH101, PTH112, PTH116, PTH123
# Places are strings here: directories may hold very many files.

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawnix.errors import NotAdoptedError
from lawnix.store import tree
from lawnix.store.copying import copy_bytes
from lawnix.store.frozen import freeze_file, inside_out


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A file or directory on this machine.

    Attributes:
        path: Where it lies; a link is followed.
    """

    path: Path

    @property
    def place(self) -> str:
        """Where it lies; two sources with one place are one."""
        return os.path.realpath(self.path)

    def size(self) -> int | None:
        """Bytes of all its files; None if it is not there.

        Raises:
            OSError: It may not be looked at.
        """
        try:
            return tree.size(Path(self.place))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def written(self) -> float:
        """When it was last written to, in seconds since the epoch."""
        return max(stamp[1] for stamp in _stamps(self.place).values()) / 1e9

    def bring(self, to: Path, *, link: bool) -> None:
        """Let the same be at `to`, which is not there yet.

        Args:
            to: Where the store will take it from.
            link: Whether as another name of the same files, which are frozen; else as a copy.

        Raises:
            NotAdoptedError: It was written to meanwhile.
            OSError: It cannot be read, or not be linked.
        """
        before = _stamps(self.place)
        bring = link_file if link else copy_file
        if os.path.isdir(self.place):
            shutil.copytree(self.place, to, symlinks=True, copy_function=bring)
        else:
            bring(self.place, str(to))
        if not link and _stamps(self.place) != before:
            raise NotAdoptedError(
                self.place, "it was written to while it was copied; adopt again when that is over"
            )


def copy_file(source: str, to: str) -> None:
    """Copy the bytes of a file, and whether it is executable."""
    with open(source, "rb") as theirs, open(to, "xb") as ours:
        status = os.fstat(theirs.fileno())
        copy_bytes(theirs.fileno(), ours.fileno(), status.st_size)
    os.chmod(to, 0o755 if status.st_mode & 0o111 else 0o644)


def link_file(source: str, to: str) -> None:
    """Give a file another name, and freeze it, so that nobody writes to the one through the other."""
    os.link(source, to)
    freeze_file(to)


def _stamps(place: str) -> dict[str, tuple[int, int, int]]:
    """Size, time and inode of all files."""
    return {path: (s.st_size, s.st_mtime_ns, s.st_ino) for path, s in _files(place)}


def _files(place: str) -> Iterator[tuple[str, os.stat_result]]:
    status = os.stat(place)
    yield place, status
    if stat.S_ISDIR(status.st_mode):
        yield from inside_out(place)
