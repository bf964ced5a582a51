"""The build trace: which realizations there are for which keys, as journals tell and the index finds."""

from __future__ import annotations  # values of the core are loaded by who makes some

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.store import index_file
from lawnix.store.bulk import undisturbed
from lawnix.store.durability import Durability, Flusher
from lawnix.store.index import Index
from lawnix.store.journal import Journal
from lawnix.store.records import ForgetRecord, Record

if TYPE_CHECKING:
    from lawnix.core.objects import ObjectPath
    from lawnix.core.realization import Realization
    from lawnix.store.protocol import Facts

logger = logging.getLogger(__name__)

T = TypeVar("T")
_ATTEMPTS: Final = 3  # as it is, made anew, in memory


class Trace:
    """The build trace of the store at `root`, with its index at `index`. Threads may share it, processes may not."""

    def __init__(self, root: Path, index: Path, durability: Durability) -> None:
        self._path = index
        self._journals = root / "journal"
        self._journal = Journal(self._journals)
        self._flusher = Flusher(root, durability)
        self._index: Index | None = None
        self._inode: int | None = None
        self._process = os.getpid()
        self._parents: list[Index] = []  # kept, since to close a parent's database here would unlock it there
        self._lock = threading.RLock()
        self._last = 0

    def names_under(self, keys: Collection[str]) -> list[tuple[str, str]]:
        """Key and name of each living realization under these keys."""
        return self.ask(lambda index: index.names_under(keys))

    def state(self, *, own: bool = True) -> Digest:
        """The same as long as nobody has recorded anything, as far as was taken in; without `own`, nobody else."""
        said = self.ask(lambda index: sorted(index.ends.items()))
        ends = [end for end in said if own or end[0] != self._journal.name]
        return digest("journals", canonical(ends))

    def is_rehashed(self) -> bool:
        """Whether anything has several meanings."""
        return self.ask(lambda index: index.is_rehashed())

    def was_forgotten(self, names: Collection[Digest]) -> dict[Digest, str]:
        """Those keys and derivations whose realizations were all forgotten, with the reason."""
        forgotten = self.ask(lambda index: index.forgotten(names))
        return {Digest(name): reason for name, reason in forgotten.items()}

    def sizes(self, objects: Collection[ObjectPath]) -> dict[ObjectPath, int]:
        """Bytes of these objects, as far as they are known."""
        known = self.ask(lambda index: index.sizes([str(path) for path in objects]))
        return {path: known[text] for path in objects if (text := str(path)) in known}

    def record(self, facts: Facts) -> None:
        """Append what is not known yet."""
        from lawnix.store import written  # a run that records nothing has no use for it

        self._own()
        with self._lock:
            known = self.ask(lambda index: written.known_of(facts, index))
            self._append(written.records_of(facts, known, self._now(written.times_in(facts))))

    def forget(self, realizations: Sequence[Realization], reason: str) -> None:
        """Append that these realizations are not to be used any more."""
        named: dict[str, Digest] = {realization.digest: realization.key for realization in realizations}
        self._own()
        with self._lock:
            living = self.ask(lambda index: index.living(named))
            at = self._now()
            self._append([ForgetRecord(digest, named[digest], at, reason) for digest in sorted(living)])

    def refresh(self) -> bool:
        """Take in what other processes appended."""
        return self.ask(index_file.refresh)

    def flush(self) -> None:
        """Return when all that was appended is on disk; what the index keeps of its file in memory is let go."""
        with self._lock:
            self._flush()
            if self._index is not None:
                self._index.shrink()

    def rebuild(self) -> None:
        """Make the index anew from the journals."""
        self.ask(index_file.rebuild)

    def find(self, query: str, parameters: Sequence[object]) -> list[Any]:
        """What a question finds that people ask, see `search`."""
        return self.ask(lambda index: index.find(query, parameters))

    def everything(self) -> list[tuple[object, ...]]:
        """All that the index knows."""
        return self.ask(lambda index: list(index.everything()))

    def abandon(self) -> None:
        """In a forked child: begin anew, and leave the parent's files alone."""
        self._lock = threading.RLock()
        self._journal.close()
        if self._index is not None:
            self._parents.append(self._index)
            self._index = None
        self._process = os.getpid()

    def close(self) -> None:
        """Flush, and let the files go."""
        self._own()
        with self._lock:
            self._flush()
            self._journal.close()
            if self._index is not None:
                self._index.close()
                self._index = None

    # -------------------------------------------------------------------------------- writing

    def _append(self, new: Sequence[Record]) -> None:
        if not new:
            return
        end = self._journal.append(new)  # first: the index is never ahead
        name = self._journal.name
        self.ask(lambda index: index.take(new, name, end))
        if self._flusher.written():
            self._flush()

    def _flush(self) -> None:
        self._flusher.flush(self._journal.flush)

    def _now(self, count: int = 1) -> int:
        """A time in ns that is later than all that were recorded, with `count` more behind it."""
        latest = self.ask(lambda index: index.clock)
        now = max(time.time_ns(), latest + 1, self._last + 1)
        self._last = now + count
        return now

    # -------------------------------------------------------------------------------- the index

    def ask(self, question: Callable[[Index], T]) -> T:
        """The answer of the index; if it turns out to be damaged, of one that is made anew."""
        self._own()
        with self._lock:
            for attempt in range(_ATTEMPTS):
                try:
                    index = self._opened(in_memory=attempt == _ATTEMPTS - 1)
                    with undisturbed():
                        return question(index)
                except (sqlite3.Error, ValueError) as error:  # the latter: a row that holds no JSON
                    if attempt == _ATTEMPTS - 1:
                        raise
                    self._let_go(error)
        raise AssertionError("unreachable")

    def _opened(self, *, in_memory: bool) -> Index:
        if self._index is None:
            how = index_file.in_memory if in_memory else index_file.open_index
            self._index = how(self._path, self._journals)
            self._inode = index_file.inode(self._path)
        return self._index

    def _let_go(self, error: Exception) -> None:
        """Close an index that failed; a file that is damaged is moved away, unless another process did so already."""
        if self._index is not None:
            self._index.close()
            self._index = None
        if isinstance(error, sqlite3.Error) and index_file.is_harmless(error):
            logger.info("the index %s cannot be used: %s", self._path, error)
            return
        logger.warning("the index %s is damaged (%s); it is made anew from the journals", self._path, error)
        if self._inode == index_file.inode(self._path):
            index_file.set_aside(self._path)

    def _own(self) -> None:
        """In a forked child that did not say so: begin anew."""
        if self._process != os.getpid():
            self.abandon()
