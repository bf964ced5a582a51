"""Pending records: they are in a journal, and come into the index together, before anybody asks for one of them.

A transaction for each few records would write the same pages of the index again and again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lawnix.store.records import Record

_MANY: Final = 4000  # records, a few MB


class Pending:
    """Records in the order in which they were appended, by their journals, and where they end there."""

    def __init__(self) -> None:
        self._journals: dict[str, tuple[list[Record], int]] = {}
        self._names: set[object] = set()  # and times, which nobody asks for
        self._kinds: set[type] = set()
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._journals)

    @property
    def are_many(self) -> bool:
        """Whether it is time to take them."""
        return self._count >= _MANY

    def add(self, records: Sequence[Record], name: str, end: int) -> None:
        """Add records that are in the journal `name` as far as `end`."""
        known = self._journals.get(name, ([], 0))[0]
        known.extend(records)
        self._journals[name] = known, end
        self._count += len(records)
        self._kinds.update(map(type, records))
        self._names.update(*records)

    def concern(self, names: Iterable[str]) -> bool:
        """Whether one of `names` is in a record."""
        return not self._names.isdisjoint(names)

    def has(self, kind: type) -> bool:
        """Whether there is a record of this kind."""
        return kind in self._kinds

    def taken(self) -> Mapping[str, tuple[Sequence[Record], int]]:
        """All of them, which are not pending any more."""
        found = self._journals
        self._journals, self._names, self._kinds, self._count = {}, set(), set(), 0
        return found
