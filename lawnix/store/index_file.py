"""The database of the index: a file that processes share; in memory where there can be no such file.

A file that is damaged is made anew, one that cannot be written is copied into memory: a store can always be read.
"""

import logging
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from lawnix.store.access import may_write
from lawnix.store.index import AheadError, Index, OtherVersionError

logger = logging.getLogger(__name__)

_TIMEOUT: Final = 60.0  # s to wait for another process that writes
# KiB of a file in memory; digests come in no order: each is in another page, of which 100,000 tasks need more than the
# usual 2 MB
_CACHE: Final = 16384
# errors that say nothing about what the file holds: https://www.sqlite.org/rescode.html
_HARMLESS: Final = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOLFS,
}
# what SQLite says on a full disk when it cannot even make its shared memory, or write its log
_NOT_WRITTEN: Final = {
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_TRUNCATE,
}
# kinds of file systems on which several hosts meet; SQLite's write-ahead log needs shared memory
_SHARED: Final = {
    "9p", "afs", "beegfs", "ceph", "cifs", "cvmfs2", "gpfs", "lustre", "nfs", "nfs4", "panfs", "smb3", "smbfs",
}  # fmt: skip


def open_index(path: Path, journals: Path) -> Index:
    """The index at `path` of the journals in the directory `journals`, up to date."""
    if not path.parent.exists():
        with suppress(OSError):  # then it is kept in memory
            path.parent.mkdir(parents=True)
    if may_write(path.parent):
        for _ in range(2):  # the second time with a file that was made anew
            try:
                connection = connect(path)
                connection.execute(f"PRAGMA cache_size = -{_CACHE}")
                return _up_to_date(Index(connection, journals))
            except sqlite3.Error as error:
                if is_harmless(error):
                    logger.info(
                        "the index %s cannot be used (%s); this process keeps its own in memory", path, error
                    )
                    break
                is_damaged = not isinstance(error, OtherVersionError)
                logger.log(
                    logging.WARNING if is_damaged else logging.INFO,
                    "the index %s cannot be used (%s); it is made anew from the journals",
                    path,
                    error,
                )
                set_aside(path)
    return in_memory(path, journals)


def in_memory(path: Path, journals: Path) -> Index:
    """An index in memory, up to date; it starts with what is in the file at `path` if that can be read."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    if path.exists():
        # nobody writes a file that has no log beside it, so it can be read without a lock
        mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        try:
            source = sqlite3.connect(f"file:{path.as_posix().replace('?', '%3f')}?{mode}", uri=True)
            with source:
                source.backup(connection)
            source.close()
            return _up_to_date(Index(connection, journals))
        except sqlite3.Error as error:
            logger.info("the index %s cannot be read (%s); it is made anew in memory", path, error)
            connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    return _up_to_date(Index(connection, journals))


def is_harmless(error: sqlite3.Error) -> bool:
    """Whether an error says nothing about what the file holds."""
    code = getattr(error, "sqlite_errorcode", None)  # some errors are Python's own
    return code is not None and (code & 0xFF in _HARMLESS or code in _NOT_WRITTEN)


def inode(path: Path) -> int | None:
    """What tells the file at `path` from one that comes after it; None if there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def set_aside(path: Path) -> None:
    """Move a damaged index away, with its log; the one that was moved away before is lost."""
    for suffix in ("-wal", "-shm", ""):
        file = path.with_name(path.name + suffix)
        try:
            file.replace(path.with_name(f"{path.name}.damaged{suffix}"))
        except OSError as error:
            logger.debug("%s: %s", file, error)


def refresh(index: Index) -> bool:
    """Bring `index` up to date; True if anything came."""
    try:
        return index.refresh()
    except AheadError as error:
        logger.info("the index knows more of %s than there is; it is made anew from the journals", error)
        rebuild(index)
        return True


def rebuild(index: Index) -> None:
    """Make `index` anew from the journals."""
    for attempt in range(5):
        try:
            index.rebuild()
        except AheadError:  # journals are being folded at this moment
            if attempt == 4:
                raise
            time.sleep(0.05 * (attempt + 1))
        else:
            return


def _up_to_date(index: Index) -> Index:
    refresh(index)
    return index


def connect(path: Path) -> sqlite3.Connection:
    """An open database that several processes may write in turn."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=_TIMEOUT, check_same_thread=False)
    try:
        if not is_shared(path.parent):
            connection.execute("PRAGMA journal_mode = WAL")
        # a power cut may cost the last records, never the order of the file; they are in the journals
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def is_shared(directory: Path) -> bool:
    """Whether `directory` lies on a file system that other hosts may use too, as far as the system tells."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    place = f"{directory.resolve()}/"
    best, kind = "", ""
    for mount in mounts.splitlines():
        left, _, right = mount.partition(" - ")
        point = left.split()[4].replace("\\040", " ").rstrip("/") + "/"
        if place.startswith(point) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind in _SHARED or kind.startswith("fuse.")
