"""What is known of the nodes of a graph, by number: of very many a byte each, or eight."""

from collections.abc import Iterable, Iterator, MutableMapping, MutableSet
from typing import Any, TypeVar

Thing = TypeVar("Thing")


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


class NumberMap(MutableMapping[int, Thing]):
    """Things by numbers from 0 on, in the order of these; None is none. A hash table takes four times the room."""

    __slots__ = ("_count", "_things")

    def __init__(self) -> None:
        self._things: list[Thing | None] = []
        self._count = 0

    def __contains__(self, number: object) -> bool:
        return (
            isinstance(number, int) and 0 <= number < len(self._things) and self._things[number] is not None
        )

    def __getitem__(self, number: int) -> Thing:
        thing = self._things[number] if 0 <= number < len(self._things) else None
        if thing is None:
            raise KeyError(number)
        return thing

    def get(self, number: int, default: Any = None) -> Any:
        """The thing of a number, if there is one; as `__getitem__`, which would have to fail first."""
        thing = self._things[number] if 0 <= number < len(self._things) else None
        return default if thing is None else thing

    def __setitem__(self, number: int, thing: Thing) -> None:
        things = self._things
        if number >= len(things):
            things.extend([None] * (number + 1 - len(things)))
        self._count += things[number] is None
        things[number] = thing

    def __delitem__(self, number: int) -> None:
        if number not in self:
            raise KeyError(number)
        self._things[number] = None
        self._count -= 1

    def pop(self, number: int, default: Any = None) -> Any:
        """Take the thing of a number out, if there is one."""
        thing = self.get(number, default)
        if number in self:
            del self[number]
        return thing

    def __iter__(self) -> Iterator[int]:
        return (number for number, thing in enumerate(self._things) if thing is not None)

    def __len__(self) -> int:
        return self._count
