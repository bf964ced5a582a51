"""The build trace: which realizations there are for which keys, as journals tell and the index finds."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from lawnix.core.canonical import canonical
from lawnix.core.derivation import Derivation, Group
from lawnix.core.digest import Digest, digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.core.wording import Components
from lawnix.store import index_file, records, written
from lawnix.store.bulk import undisturbed
from lawnix.store.durability import Durability, Flusher
from lawnix.store.index import Index
from lawnix.store.journal import Journal
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

    def realizations(self, keys: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations under these keys."""
        return self._realizations("key", keys)

    def by_derivation(self, derivations: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations for these derivations."""
        return self._realizations("derivation", derivations)

    def by_digest(self, references: Collection[Digest]) -> dict[Digest, Realization]:
        """The living realizations with these names."""
        return {
            name: realization for name, (realization,) in self._realizations("digest", references).items()
        }

    def names_under(self, keys: Collection[str]) -> list[tuple[str, str]]:
        """Key and name of each living realization under these keys."""
        return self._ask(lambda index: index.names_under(keys))

    def state(self) -> Digest:
        """The same as long as nobody has recorded anything, as far as was taken in."""
        ends = self._ask(lambda index: sorted(index.ends.items()))
        return digest("journals", canonical(ends))

    def living(self) -> dict[Digest, Realization]:
        """All living realizations by name."""
        rows = self._ask(lambda index: records.realizations_of(index.all_realizations(), "digest"))
        return {name: realization for name, (realization,) in rows.items()}

    def derivations(self, digests: Collection[Digest]) -> dict[Digest, Derivation]:
        """The derivations with these digests."""
        rows = self._ask(lambda index: index.rows("derivations", "digest, label, body", digests))
        return {Digest(row[0]): records.derivation_of(*row) for row in rows}

    def groups(self, digests: Collection[Digest]) -> dict[Digest, Group]:
        """The groups with these digests."""
        rows = self._ask(lambda index: index.rows("groups", "digest, label, members", digests))
        return {Digest(row[0]): records.group_of(*row) for row in rows}

    def family(self, label: str, limit: int) -> list[Derivation]:
        """The derivations with this label, the one recorded last at the front."""
        return [records.derivation_of(*row) for row in self._ask(lambda index: index.family(label, limit))]

    def relatives(self, lineages: Collection[Digest], limit: int) -> dict[Digest, list[Derivation]]:
        """The derivations of these lineages, the one recorded last at the front."""
        found: dict[Digest, list[Derivation]] = {}
        for lineage, *row in self._ask(lambda index: index.relatives(lineages, limit)):
            found.setdefault(Digest(lineage), []).append(records.derivation_of(*row))
        return found

    def components(self, codes: Collection[Digest]) -> dict[Digest, Components]:
        """What the code with these digests is made of."""
        rows = self._ask(lambda index: index.rows("codes", "digest, components", codes))
        return {Digest(digest): records.components_of(components) for digest, components in rows}

    def wordings(self, components: Collection[Digest]) -> dict[Digest, str]:
        """How these components of code are written."""
        rows = self._ask(lambda index: index.rows("wordings", "digest, words", components))
        return {Digest(digest): words for digest, words in rows}

    def meanings(self, objects: Collection[ObjectPath]) -> dict[ObjectPath, list[Meaning]]:
        """What objects mean by several methods."""
        named = {str(path): path for path in objects}
        found: dict[ObjectPath, list[Meaning]] = {}
        for name, method, said in self._ask(lambda index: index.meanings(named)):
            found.setdefault(named[name], []).append(Meaning(method, Digest(said)))
        return found

    def is_rehashed(self) -> bool:
        """Whether anything has several meanings."""
        return self._ask(lambda index: index.is_rehashed())

    def same_meanings(self, digests: Collection[Digest]) -> dict[Digest, list[Meaning]]:
        """What objects with these meanings mean by all methods."""
        found: dict[Digest, list[Meaning]] = {}
        for one, method, other in self._ask(lambda index: index.same_meanings(digests)):
            found.setdefault(Digest(one), []).append(Meaning(method, Digest(other)))
        return found

    def verdicts(self, realizations: Collection[Digest]) -> dict[Digest, Verdict]:
        """What the last check has shown about these realizations."""
        rows = self._ask(lambda index: index.rows("verdicts", "digest, said", realizations))
        return {Digest(digest): records.verdict_of(said) for digest, said in rows}

    def was_forgotten(self, names: Collection[Digest]) -> dict[Digest, str]:
        """Those keys and derivations whose realizations were all forgotten, with the reason."""
        forgotten = self._ask(lambda index: index.forgotten(names))
        return {Digest(name): reason for name, reason in forgotten.items()}

    def sizes(self, objects: Collection[ObjectPath]) -> dict[ObjectPath, int]:
        """Bytes of these objects, as far as they are known."""
        known = self._ask(lambda index: index.sizes([str(path) for path in objects]))
        return {path: known[text] for path in objects if (text := str(path)) in known}

    def record(self, facts: Facts) -> None:
        """Append what is not known yet."""
        self._own()
        with self._lock:
            self._append(self._unknown(facts))

    def forget(self, realizations: Sequence[Realization], reason: str) -> None:
        """Append that these realizations are not to be used any more."""
        named: dict[str, Digest] = {realization.digest: realization.key for realization in realizations}
        self._own()
        with self._lock:
            living = self._ask(lambda index: index.living(named))
            at = self._now()
            self._append(
                [records.ForgetRecord(digest, named[digest], at, reason) for digest in sorted(living)]
            )

    def refresh(self) -> bool:
        """Take in what other processes appended."""
        return self._ask(index_file.refresh)

    def flush(self) -> None:
        """Return when all that was appended is on disk."""
        with self._lock:
            self._flusher.flush(self._journal.flush)

    def rebuild(self) -> None:
        """Make the index anew from the journals."""
        self._ask(index_file.rebuild)

    def find(self, query: str, parameters: Sequence[object]) -> list[Any]:
        """What a question finds that people ask, see `search`."""
        return self._ask(lambda index: index.find(query, parameters))

    def everything(self) -> list[tuple[object, ...]]:
        """All that the index knows."""
        return self._ask(lambda index: list(index.everything()))

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
            self.flush()
            self._journal.close()
            if self._index is not None:
                self._index.close()
                self._index = None

    # -------------------------------------------------------------------------------- writing

    def _unknown(self, facts: Facts) -> list[records.Record]:
        """What `facts` say that is not known, in the order in which it can be used."""
        derivations = {derivation.digest: derivation for derivation in facts.derivations}
        groups = {group.digest: group for group in facts.groups}
        realizations = {realization.digest: realization for realization in facts.realizations}
        known_codes = self._ask(lambda index: index.known("codes", facts.codes))
        known_wordings = self._ask(lambda index: index.known("wordings", facts.wordings))
        known_derivations = self._ask(lambda index: index.known("derivations", derivations))
        known_groups = self._ask(lambda index: index.known("groups", groups))
        living = self._ask(lambda index: index.living(realizations))
        known_meanings = {
            (str(p), m.method) for p, found in self.meanings(facts.meanings).items() for m in found
        }
        at = self._now(len(derivations) + len(realizations) + len(facts.verdicts))
        return [
            *(
                written.code_record(code, parts)
                for code, parts in facts.codes.items()
                if code not in known_codes
            ),
            *(
                records.WordingRecord(component, words)
                for component, words in facts.wordings.items()
                if component not in known_wordings
            ),
            *(written.group_record(group) for digest, group in groups.items() if digest not in known_groups),
            *(
                written.derivation_record(derivation, at + i)
                for i, (digest, derivation) in enumerate(derivations.items())
                if digest not in known_derivations
            ),
            *(
                written.realization_record(realization, at + i, facts.sizes)
                for i, (digest, realization) in enumerate(realizations.items())
                if digest not in living
            ),
            *(
                records.MeaningRecord(str(path), meaning.method, meaning.digest)
                for path, found in facts.meanings.items()
                for meaning in found
                if (str(path), meaning.method) not in known_meanings
            ),
            *(
                written.verdict_record(realization, verdict, at + len(realizations) + i)
                for i, (realization, verdict) in enumerate(facts.verdicts.items())
            ),
        ]

    def _append(self, new: Sequence[records.Record]) -> None:
        if not new:
            return
        end = self._journal.append(new)  # first: the index is never ahead
        name = self._journal.name
        self._ask(lambda index: index.take(new, name, end))
        if self._flusher.written():
            self.flush()

    def _now(self, count: int = 1) -> int:
        """A time in ns that is later than all that were recorded, with `count` more behind it."""
        latest = self._ask(lambda index: index.clock)
        now = max(time.time_ns(), latest + 1, self._last + 1)
        self._last = now + count
        return now

    # -------------------------------------------------------------------------------- the index

    def _realizations(self, column: str, names: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations by what they have in `column`, the one recorded first at the front."""
        return self._ask(lambda index: records.realizations_of(index.realizations(column, names), column))

    def _ask(self, question: Callable[[Index], T]) -> T:
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
