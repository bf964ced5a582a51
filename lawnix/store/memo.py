"""The stat memo: what is known of files from outside, which are not read again while stat says that they are the same.

It keeps their digests, and texts that somebody has derived from them, as what the code digest knows of source files.

What was written within the granularity of the file system's times before it was read might be written once more
without a trace, so its digest is not kept.
"""

# ruff: noqa: PTH100, PTH115, PTH116
# Places are strings here, since there may be very many; links are followed, never resolved.

import errno
import json
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from lawnix.core.digest import Digest
from lawnix.store import tree
from lawnix.store.access import may_write
from lawnix.store.index_file import connect, is_harmless, set_aside

logger = logging.getLogger(__name__)

MARGIN: Final = 2_000_000_000  # ns, the coarsest granularity in use (FAT)

_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, "
    "inode INTEGER NOT NULL, changed INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID"
)
_DERIVED: Final = (
    "CREATE TABLE IF NOT EXISTS derived (path TEXT, rules TEXT, size INTEGER NOT NULL, modified INTEGER NOT NULL, "
    "inode INTEGER NOT NULL, changed INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (path, rules)) WITHOUT ROWID"
)
_STANDING: Final = (
    "CREATE TABLE IF NOT EXISTS standing "
    "(name TEXT, part INTEGER, at INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (name, part)) WITHOUT ROWID"
)
_STANDING_KEPT: Final = 100  # texts; two for each root task
_PART: Final = 1 << 18  # characters
_NOWHERE: Final = {errno.ENOENT, errno.ELOOP, errno.ENOTDIR}
_CHUNK: Final = 5000

Stamp = tuple[int, int, int, int]
"""What stat says of a file: size, mtime in ns, inode, ctime in ns."""


class StatMemo:
    """The digests that are kept in the database at `path`; in memory if it cannot be written."""

    def __init__(self, path: Path, clock: Callable[[], int] = time.time_ns) -> None:
        self._path = path
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._parents: list[sqlite3.Connection] = []  # to close them here would unlock them there

    def digests(self, paths: Collection[Path]) -> Mapping[Path, Digest]:
        """The content digests of these files and directories, as the store would give them; links are followed.

        Raises:
            FileNotFoundError: One of them does not exist.
            OSError: One of them is, or holds, neither file nor directory, or cannot be read.
        """
        stamps: dict[str, Stamp] = {}
        trees: dict[Path, _Directory] = {}
        for path in dict.fromkeys(paths):
            status = os.stat(path)
            if stat.S_ISDIR(status.st_mode):
                trees[path] = _directory(os.path.abspath(path), (), stamps)
            else:
                stamps[os.path.abspath(path)] = _stamp(status, str(path))
        known = self._known(stamps)
        return {
            path: _digest(trees[path], known) if path in trees else known[os.path.abspath(path)]
            for path in paths
        }

    def derived(self, path: str, rules: str, stamp: Stamp) -> str | None:
        """What was derived by `rules` from the file at `path` when stat said `stamp` of it."""
        query = "SELECT text FROM derived WHERE (path, rules, size, modified, inode, changed) = (?, ?, ?, ?, ?, ?)"
        try:
            row = self._database().execute(query, (path, rules, *stamp)).fetchone()
        except sqlite3.Error as error:
            self._let_go(error)
            return None
        return None if row is None else str(row[0])

    def keep_derived(self, rules: str, texts: Mapping[str, tuple[Stamp, int, str]]) -> None:
        """Keep what was derived by `rules` from files.

        Args:
            rules: Names whatever decides the texts beside the files; texts by other rules stay for a while.
            texts: By path: what stat said before the file was read, when that was (ns since the epoch), and the text.
        """
        rows = [
            (path, rules, *stamp, text)
            for path, (stamp, begin, text) in texts.items()
            if is_settled(stamp, begin) and stamp_of(path) == stamp
        ]
        if not rows:
            return
        try:
            with self._database() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._let_go(error)

    def standing(self, name: str) -> str | None:
        """The text that was kept last under `name`."""
        try:
            found = self._database().execute(
                "SELECT text FROM standing WHERE name = ? ORDER BY part", (name,)
            )
            parts = [text for (text,) in found]
        except sqlite3.Error as error:
            self._let_go(error)
            return None
        return "".join(parts) if parts else None

    def keep_standing(self, name: str, text: Iterable[str]) -> None:
        """Keep a text, which may be large and comes piece by piece, under `name`, and what else was kept last."""
        try:
            with self._database() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("DELETE FROM standing WHERE name = ?", (name,))
                connection.executemany(
                    "INSERT INTO standing VALUES (?, ?, ?, ?)",
                    ((name, place, self._clock(), part) for place, part in enumerate(_parts(text))),
                )
                connection.execute(
                    "DELETE FROM standing WHERE name IN "
                    "(SELECT name FROM standing GROUP BY name ORDER BY max(at) DESC LIMIT -1 OFFSET ?)",
                    (_STANDING_KEPT,),
                )
        except sqlite3.Error as error:
            self._let_go(error)

    def close(self) -> None:
        """Let the file go."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _known(self, stamps: Mapping[str, Stamp]) -> dict[str, Digest]:
        """The digests of all these files; those that are not kept, or changed since, are read."""
        found: dict[str, Digest] = {}
        for row in self._kept(list(stamps)):
            if stamps[row[0]] == row[1:5]:
                found[row[0]] = Digest(row[5])
        fresh = []
        for path in stamps.keys() - found.keys():
            begin = self._clock()
            before = _stamp(os.stat(path), path)
            found[path] = tree.file_content(path, stable=False).digest
            # the same stat afterwards, and long enough before: no write can have gone unnoticed
            if _stamp(os.stat(path), path) == before and is_settled(before, begin):
                fresh.append((path, *before, found[path]))
        if fresh:
            self._keep(fresh)
        return found

    def _kept(self, paths: Sequence[str]) -> Iterator[tuple[str, int, int, int, int, str]]:
        query = "SELECT t.* FROM json_each(?) j CROSS JOIN files t ON t.path = j.value"
        for start in range(0, len(paths), _CHUNK):
            try:
                yield from (
                    self._database().execute(query, (json.dumps(paths[start : start + _CHUNK]),)).fetchall()
                )
            except sqlite3.Error as error:
                self._let_go(error)

    def _keep(self, rows: Sequence[tuple[str | int, ...]]) -> None:
        try:
            with self._database() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._let_go(error)

    def _database(self) -> sqlite3.Connection:
        if self._connection is not None and self._process != os.getpid():
            self._parents.append(self._connection)
            self._connection = None
        if self._connection is None:
            self._process = os.getpid()
            writable = may_write(self._path.parent) and (
                not self._path.exists() or os.access(self._path, os.W_OK)
            )
            self._connection = (
                connect(self._path) if writable else sqlite3.connect(":memory:", isolation_level=None)
            )
            self._connection.execute(_TABLE)
            self._connection.execute(_DERIVED)
            self._connection.execute(_STANDING)
        return self._connection

    def _let_go(self, error: sqlite3.Error) -> None:
        """Without the memo files are read once more, that is all."""
        logger.info("the memo %s cannot be used: %s", self._path, error)
        self.close()
        if not is_harmless(error):
            set_aside(self._path)


def _parts(pieces: Iterable[str]) -> Iterator[str]:
    """A text in parts, since the database makes several copies of what it takes in at once."""
    some: list[str] = []
    length = 0
    for piece in pieces:
        for start in range(0, len(piece), _PART):
            some.append(piece[start : start + _PART])
            length += len(some[-1])
            if length >= _PART:
                yield "".join(some)
                some, length = [], 0
    if some:
        yield "".join(some)


def is_settled(stamp: Stamp, begin: int) -> bool:
    """Whether a file that was read after `begin` (ns since the epoch) cannot have changed since without a trace."""
    return max(stamp[1], stamp[3]) < begin - MARGIN


def stamp_of(path: str) -> Stamp | None:
    """What stat says of the file at `path`; None if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


_Entry = tuple[Literal["f"], str] | tuple[Literal["l"], Digest] | tuple[Literal["d"], Mapping[str, "_Entry"]]
"""A file by its path, a link to nowhere by its digest, a directory by its entries."""
_Directory = Mapping[str, _Entry]


def _directory(path: str, above: tuple[tuple[int, int], ...], stamps: dict[str, Stamp]) -> _Directory:
    """The entries of the directory at `path`; the stamps of all its files are added to `stamps`."""
    status = os.stat(path)
    here = (*above, (status.st_dev, status.st_ino))
    entries: dict[str, _Entry] = {}
    with os.scandir(path) as found:
        for entry in found:
            try:
                status = entry.stat()
            except OSError as error:
                if entry.is_symlink() and error.errno in _NOWHERE:
                    entries[entry.name] = ("l", tree.link_digest(os.readlink(entry.path)))
                    continue
                raise
            if not stat.S_ISDIR(status.st_mode):
                stamps[entry.path] = _stamp(status, entry.path)
                entries[entry.name] = ("f", entry.path)
            elif (status.st_dev, status.st_ino) in here:  # a link that leads up
                entries[entry.name] = ("l", tree.link_digest(os.readlink(entry.path)))
            else:
                entries[entry.name] = ("d", _directory(entry.path, here, stamps))
    return entries


def _digest(entries: _Directory, known: Mapping[str, Digest]) -> Digest:
    parts = []
    for name, entry in entries.items():
        match entry:
            case ("l", link):
                parts.append((name, "l", link))
            case ("f", path):
                parts.append((name, "f", known[path]))
            case ("d", directory):
                parts.append((name, "d", _digest(directory, known)))
    return tree.directory_digest(parts)


def _stamp(status: os.stat_result, path: str) -> Stamp:
    if not stat.S_ISREG(status.st_mode):  # to read it might never end
        raise OSError(
            errno.EINVAL, f"is a {tree.kind_name(status.st_mode)}, neither file nor directory", path
        )
    return (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
