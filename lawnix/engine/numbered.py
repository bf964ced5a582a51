"""Sets of the nodes of a graph, by number: of very many a byte each."""

from collections.abc import Iterable, Iterator, MutableSet


class NumberSet(MutableSet[int]):
    """Numbers from 0 on, dense enough that a byte for each that could be in takes less room than a hash table."""

    __slots__ = ("_has",)

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._has = bytearray()
        for number in numbers:
            self.add(number)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and 0 <= number < len(self._has) and self._has[number] == 1

    def __iter__(self) -> Iterator[int]:
        return (number for number, has in enumerate(self._has) if has)

    def __len__(self) -> int:
        return self._has.count(1)

    def add(self, number: int) -> None:
        """Take a number in."""
        if number >= len(self._has):
            self._has.extend(bytes(number + 1 - len(self._has)))
        self._has[number] = 1

    def discard(self, number: int) -> None:
        """Let a number go."""
        if number < len(self._has):
            self._has[number] = 0
