"""Kept: realizations in little room, since a run has very many, most of which nobody looks at again."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import NO_RECORD, Found, Meaning, Outputs, Read, Realization

_LENGTH: Final = 32  # of a digest as it is written
_LEFT_OUT: Final = "-" * _LENGTH


class Kept:
    """An ordinary realization without what is for people: digests one after the other, and names that many share.

    Attributes:
        key: The key it was built under.
        found: Nothing; see `Realization`, as for the others.
        reads: Nothing.
        meanings: Those of no output.
    """

    __slots__ = ("_digests", "_names", "key")
    found: tuple[Found, ...] = ()
    reads: tuple[Read, ...] = ()
    meanings: Mapping[str, Meaning] = MappingProxyType({})

    def __init__(self, realization: Realization) -> None:
        """Keep a realization; see `kept`."""
        self.key = realization.key
        self._names = _one(tuple(realization.outputs))
        objects = [_LEFT_OUT if path is None else path.digest for path in realization.outputs.values()]
        self._digests = "".join([realization.digest, realization.derivation, *objects])

    @property
    def digest(self) -> Digest:
        """Its name."""
        return self._at(0)

    @property
    def derivation(self) -> Digest:
        """The derivation digest at the time of the build."""
        return self._at(1)

    @property
    def outputs(self) -> Outputs:
        """The object of each declared output."""
        outputs: dict[str, ObjectPath | None] = {}
        for place, name in enumerate(self._names, 2):
            digest = self._at(place)
            outputs[name] = None if digest == _LEFT_OUT else ObjectPath(digest, name)
        return outputs

    @property
    def whole(self) -> Realization:
        """The realization, each time anew."""
        realization = Realization(self.key, self.derivation, self.outputs, record=NO_RECORD)
        realization.be_known_as(self.digest)
        return realization

    def _at(self, place: int) -> Digest:
        return Digest(self._digests[place * _LENGTH : (place + 1) * _LENGTH])


def kept(realization: Realization) -> Kept | Realization:
    """`realization` less what is for people, in as little room as can be."""
    paths = realization.outputs.items()
    special = realization.found or realization.reads or realization.meanings
    if special or any(path is not None and path.name != name for name, path in paths):
        return realization.without_record()
    return Kept(realization)


@lru_cache(4096)
def _one(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same for all that have the same outputs."""
    return names
