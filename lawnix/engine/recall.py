"""Recall: what the store knows of the keys of a plan, asked in bulk, and once of what there is."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.kept import Kept
from lawnix.core.realization import Realization
from lawnix.engine.settled import Realized
from lawnix.store.protocol import Store

_FEW: Final = 64  # keys; a question for fewer costs about as much for each as to look what comes
_PATIENCE: Final = 3  # such questions before that is looked at; most graphs are not deeper


class Recall:
    """The part of a store's build trace that a plan has looked at."""

    def __init__(self, store: Store, built: Callable[[Digest], Kept | None]) -> None:
        """Nothing was looked at.

        Args:
            store: Who is asked.
            built: What the plan knows to be built under a key, of which there may be very many.
        """
        self._store = store
        self._built = built
        self._known: dict[Digest, Sequence[Realization]] = {}  # seldom of those of which there is nothing
        self._patience = _PATIENCE

    def ask(self, keys: Collection[Digest], coming: Callable[[], Collection[Digest]]) -> None:
        """Ask for those keys of which nothing is known.

        Where that goes on and on with few keys, as along a chain, ask for all that was ever built for the derivations
        that are `coming`, too: mostly that answers every later question.
        """
        unknown = {key for key in keys if key not in self._known and self._built(key) is None}
        if 0 < len(unknown) < _FEW:
            self._patience -= 1
            if self._patience < 0 and (derivations := coming()):
                built = self._store.by_derivation(derivations).values()
                unknown |= {one.key for realizations in built for one in realizations} - self._known.keys()
        if unknown:
            self._known.update(self._store.realizations(unknown))

    def ask_again(self, keys: Collection[Digest]) -> None:
        """Ask for keys of which others may have made something known; it is noted where they have not."""
        for key in keys:
            self._known.setdefault(key, ())
        self._known.update(self._store.realizations(keys))

    def add(self, one: Realization) -> None:
        """Something was built or looked at just now."""
        self._known[one.key] = (*self._known.get(one.key, ()), one)

    def realizations(self, key: Digest) -> Sequence[Realization]:
        """What is known under a key, the one recorded first at the front; what was built now stands last."""
        known, built = self._known.get(key, ()), self._built(key)
        return known if built is None else (*known, built.whole)

    def missing(self, chosen: Mapping[int, Realized]) -> list[int]:
        """Those (by number) of which an object is gone or damaged; of the others it is noted that they are whole."""
        outputs = {number: one.kept.outputs for number, one in chosen.items()}
        objects = {path for each in outputs.values() for path in each.values() if path is not None}
        there = self._store.present(objects) if objects else set()
        gone = []
        for number, paths in outputs.items():
            if len(there) == len(objects) or all(path is None or path in there for path in paths.values()):
                chosen[number].is_whole = True
            else:
                gone.append(number)
        return gone
