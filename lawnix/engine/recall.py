"""Recall: what the store knows of the keys of a plan, asked in bulk and each thing once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization
from lawnix.store.protocol import Store

_FEW: Final = 64  # keys; a question for fewer costs about as much for each as to look what comes
_PATIENCE: Final = 3  # such questions before that is looked at; most graphs are not deeper


class Recall:
    """The part of a store's build trace that a plan has looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Digest, Sequence[Realization]] = {}  # also of keys of which there is nothing
        self._patience = _PATIENCE
        self._whole: set[Digest] = set()  # realizations whose objects are there

    def ask(self, keys: Collection[Digest], coming: Callable[[], Collection[Digest]]) -> None:
        """Ask for those keys of which nothing is known yet.

        Where that goes on and on with few keys, as along a chain, ask for all that was ever built for the derivations
        that are `coming`, too: mostly that answers every later question.
        """
        unknown = {key for key in keys if key not in self._known}
        if 0 < len(unknown) < _FEW:
            self._patience -= 1
            if self._patience < 0 and (derivations := coming()):
                built = self._store.by_derivation(derivations).values()
                unknown |= {one.key for realizations in built for one in realizations} - self._known.keys()
        if unknown:
            self._known |= dict.fromkeys(unknown, ())
            self.ask_again(unknown)

    def ask_again(self, keys: Collection[Digest]) -> None:
        """Ask for keys of which others may have made something known."""
        self._known.update(self._store.realizations(keys))

    def add(self, realization: Realization) -> None:
        """Something was built or looked at just now; its objects are there."""
        self._known[realization.key] = (*self._known.get(realization.key, ()), realization)
        self._whole.add(realization.digest)

    def realizations(self, key: Digest) -> Sequence[Realization]:
        """What is known under a key, the one recorded first at the front."""
        return self._known.get(key, ())

    def missing(self, realizations: Mapping[int, Realization]) -> list[int]:
        """Those (by number) of which an object is gone or damaged."""
        unsure = {n: one for n, one in realizations.items() if one.digest not in self._whole}
        objects = {path for one in unsure.values() for path in one.outputs.values() if path is not None}
        there = self._store.present(objects) if objects else set()
        gone = []
        for number, one in unsure.items():
            if len(there) == len(objects) or _objects(one) <= there:
                self._whole.add(one.digest)
            else:
                gone.append(number)
        return gone


def _objects(realization: Realization) -> set[ObjectPath]:
    return {path for path in realization.outputs.values() if path is not None}
