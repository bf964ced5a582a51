"""Verification: bytes against digests, journals against their checksums, the index against the journals."""

import multiprocessing
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.errors import BuildError, StoreBusyError
from lawnix.store import journal, tree
from lawnix.store.fold import fold
from lawnix.store.index import Index
from lawnix.store.local import LocalStore

_MANY: Final = 2000  # objects, from which on the start of processes pays
_CHUNK: Final = 100

Progress = Callable[[int, int], None]
"""Gets how many objects were looked at, of how many."""


@dataclass(frozen=True)
class Verified:
    """How a store was found.

    Attributes:
        objects: How many objects there are.
        size: Their bytes.
        corrupt: Objects without the content that their name says, with the digest of what they have; None if they are,
            or hold, what no object may be.
        strangers: What lies among the objects and is none.
        damaged: Lines of journals that say nothing, by the name of the journal.
        index: How many rows of the index are not what the journals say.
        garbage: Objects of no realization, as a killed process leaves them; harmless, and collected one day.
        missing: Objects that realizations name and that are not there; they are built again when they are needed.
        repaired: Whether what could be repaired was.
    """

    objects: int
    size: int
    corrupt: Mapping[ObjectPath, Digest | None]
    strangers: tuple[Path, ...]
    damaged: Mapping[str, tuple[int, ...]]
    index: int
    garbage: tuple[ObjectPath, ...]
    missing: Mapping[Digest, tuple[ObjectPath, ...]]
    repaired: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether everything that is there is what it should be."""
        return not (self.corrupt or self.strangers or self.damaged or self.index)


def verify(store: LocalStore, *, repair: bool = False, progress: Progress | None = None) -> Verified:
    """Look at every byte of `store`.

    Args:
        store: The store; others may be using it.
        repair: Whether to move away objects that are corrupt, to make the index anew if it is wrong, and, if nobody
            else uses the store, to drop damaged lines.
        progress: Is told how far it is, from this thread.
    """
    contents = _contents(store, progress)
    digests = {path: None if found is None else found.digest for path, found in contents.items()}
    corrupt = {path: found for path, found in digests.items() if found != path.digest}
    damaged = _damaged(store)
    wrong = _wrong_rows(store)
    living = store.answers.living()
    named = {name: {path for path in r.outputs.values() if path is not None} for name, r in living.items()}
    missing = {
        name: tuple(sorted(lacking))
        for name, paths in named.items()
        if (lacking := [path for path in paths if path not in contents])
    }
    if repair:
        _repair(store, corrupt, damaged=bool(damaged), index=bool(wrong))
    return Verified(
        objects=len(contents),
        size=sum(found.size for found in contents.values() if found is not None),
        corrupt=corrupt,
        strangers=tuple(store.objects.strangers()),
        damaged=damaged,
        index=wrong,
        garbage=tuple(sorted(contents.keys() - set().union(*named.values()))),
        missing=missing,
        repaired=repair,
    )


def _contents(store: LocalStore, progress: Progress | None) -> dict[ObjectPath, tree.Content | None]:
    """What every object holds; None for what is, or holds, what no object may be."""
    paths = list(store.objects.all())
    found = {}
    for done, (path, held) in enumerate(
        zip(paths, _all_held(map(store.location, paths), len(paths)), strict=True), 1
    ):
        if held is not _Held.NOTHING:
            found[path] = held if isinstance(held, tree.Content) else None
        if progress is not None:
            progress(done, len(paths))
    return found


class _Held(Enum):
    NOTHING = "collected in this moment"
    STRANGE = "what no object may be"


def _all_held(locations: Iterable[Path], count: int) -> Iterator[tree.Content | _Held]:
    """What these locations hold. Many go to processes: threads would wait for each other more than they read."""
    if count < _MANY or tree.cores() == 1:
        yield from map(_held, locations)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(tree.cores(), context) as pool:
        yield from pool.map(_held, locations, chunksize=_CHUNK)


def _held(location: Path) -> tree.Content | _Held:
    try:
        return tree.content(location)
    except FileNotFoundError:
        return _Held.NOTHING
    except BuildError:
        return _Held.STRANGE


def _damaged(store: LocalStore) -> dict[str, tuple[int, ...]]:
    directory = store.root / "journal"
    found = {name: journal.read(directory / name).damaged for name in sorted(journal.journals(directory))}
    return {name: tuple(lines) for name, lines in found.items() if lines}


def _wrong_rows(store: LocalStore) -> int:
    store.refresh()
    fresh = Index(sqlite3.connect(":memory:", isolation_level=None), store.root / "journal")
    fresh.rebuild()
    try:
        return len(set(fresh.everything()) ^ set(store.trace.everything()))
    finally:
        fresh.close()


def _repair(
    store: LocalStore, corrupt: Mapping[ObjectPath, Digest | None], *, damaged: bool, index: bool
) -> None:
    for path in corrupt:
        store.objects.set_aside(path)
    if index:
        store.trace.rebuild()
    if damaged:
        try:
            with store.presence.alone():
                fold(store)
        except StoreBusyError:  # they do no harm
            return
