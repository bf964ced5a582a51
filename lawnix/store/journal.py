"""Journals: the truth of a store, as files that are only ever appended to.

Each has one writer, so appending needs no lock. A line is `["<checksum>", <record>]`: CRC-32 of the record's text, in 8
hexadecimal digits. What a killed process left of a line has no end or a wrong checksum, and is as if it were not there.
"""

import fcntl
import logging
import os
import re
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.store.access import writing
from lawnix.store.host import HOST, writer_name
from lawnix.store.records import Record, parse

logger = logging.getLogger(__name__)

SUFFIX: Final = ".jsonl"
_DAY: Final = 86_400.0  # s, after which a writer on another host that left no lock counts as gone


class Passage(NamedTuple):
    """What was read from a journal.

    Attributes:
        records: What its lines say.
        end: Where to go on reading: behind the last line that has an end.
        damaged: The numbers, from 1, of the lines that say nothing.
    """

    records: list[Record]
    end: int
    damaged: list[int]


def line(record: Record) -> bytes:
    """The line for a record."""
    text = record.text().encode("ascii")
    return b'["%08x",%b]\n' % (zlib.crc32(text), text)


def read(path: Path, offset: int = 0) -> Passage:
    """What was appended to the journal at `path` behind `offset`, as far as lines are complete."""
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read()
    complete, _, _ = raw.rpartition(b"\n")
    if not complete:
        return Passage([], offset, [])
    records: list[Record] = []
    damaged: list[int] = []
    for number, written in enumerate(complete.split(b"\n"), 1):
        text = written[12:-1]
        if written[:12] != b'["%08x",' % zlib.crc32(text) or written[-1:] != b"]":
            logger.debug("%s, line %d behind byte %d is damaged", path, number, offset)
            damaged.append(number)
        elif (record := parse(text)) is not None:
            records.append(record)
    return Passage(records, offset + len(complete) + 1, damaged)


def journals(directory: Path) -> dict[str, int]:
    """The sizes in bytes of the journals in `directory`, by name."""
    try:
        with os.scandir(directory) as entries:
            return {entry.name: entry.stat().st_size for entry in entries if entry.name.endswith(SUFFIX)}
    except FileNotFoundError:
        return {}


class Journal:
    """The journal that this process writes in `directory`; the file is made at the first append."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._descriptor: int | None = None
        self._name = ""
        self._end = 0

    @property
    def name(self) -> str:
        """The file name; empty while there is no file."""
        return self._name

    def append(self, records: Iterable[Record]) -> int:
        """Write `records`, all of them or none, and return where they end.

        Raises:
            StoreAccessError: The store may not be written.
            StoreFullError: There is no space.
        """
        text = b"".join(map(line, records))
        with writing(self.directory.parent):
            descriptor = self._open()
            begin, written = self._end, 0
            try:
                while written < len(text):  # once, unless the disk is full or a signal came
                    written += os.write(descriptor, memoryview(text)[written:])
            except OSError:
                self._take_back(descriptor, begin)
                raise
        self._end = begin + written
        return self._end

    def flush(self) -> None:
        """Return when what was appended is on disk."""
        if self._descriptor is not None:
            with writing(self.directory.parent):
                os.fsync(self._descriptor)

    def close(self) -> None:
        """Let the file go; the next append begins another."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor, self._name, self._end = None, "", 0

    def _open(self) -> int:
        if self._descriptor is None:
            name = writer_name() + SUFFIX
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self.directory / name, flags, 0o666)
            self._name, self._end = name, 0
            hold(self._descriptor)
        return self._descriptor

    def _take_back(self, descriptor: int, begin: int) -> None:
        """After a write that went wrong: no part of it stays, and no line is ever appended to a part of it."""
        try:
            os.ftruncate(descriptor, begin)
        except OSError as error:
            logger.warning("%s ends in a part of a line: %s", self._name, error)
        self.close()


def write(directory: Path, records: Iterable[Record]) -> str:
    """Write a whole journal that nobody appends to, and return its name when it is on disk."""
    name = writer_name() + SUFFIX
    draft = directory / f"{name}.draft"
    with writing(directory.parent):
        with draft.open("xb") as file:
            file.writelines(map(line, records))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(directory / name)
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return name


def has_writer(path: Path) -> bool:
    """Whether the writer of the journal at `path` may still append to it."""
    # NFS gives such a lock only to those who may write
    with path.open("r+b" if os.access(path, os.W_OK) else "rb") as file:
        if not hold(file.fileno()):
            return True
        # where locks do not work, the name tells
        match = re.match(r"(?P<host>.*)-(?P<pid>\d+)-[0-9a-f]+-[0-9a-f]+\.jsonl\Z", path.name)
        if match is None or match["host"] == HOST:
            return False
        return time.time() - os.fstat(file.fileno()).st_mtime < _DAY


def hold(descriptor: int) -> bool:
    """Lock an open journal as one whose writer lives; False if another process does so already."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        logger.debug("no lock on a journal: %s", error)
    return True
