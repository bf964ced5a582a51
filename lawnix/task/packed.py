"""Packed: very many numbers and digests in little room, and as texts that can be kept."""

import binascii
import sys
from array import array
from collections.abc import Iterator, Sequence
from typing import Final, overload

from lawnix.core.digest import Digest

WIDTH: Final = 32  # characters of a digest


def numbers_from(numbers: Sequence[int] = ()) -> "array[int]":
    """These numbers, in four bytes each."""
    return array("i", numbers)


def written_numbers(numbers: "array[int]") -> str:
    """The text from which `read_numbers` makes them again, on whatever machine."""
    return binascii.b2a_base64(_in_order(numbers), newline=False).decode()


def read_numbers(text: str) -> "array[int]":
    """The numbers that were written."""
    numbers = numbers_from()
    numbers.frombytes(binascii.a2b_base64(text))
    return _in_order(numbers)


def _in_order(numbers: "array[int]") -> "array[int]":
    """With the bytes of each in the order in which they are written."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


class Digests(Sequence[Digest]):
    """Digests one behind the other, each made when somebody asks for it."""

    __slots__ = ("_written",)

    def __init__(self, text: str = "") -> None:
        """Those in a text that `str()` has made of others."""
        self._written = bytearray(text.encode())

    def append(self, digest: Digest) -> None:
        """Take one in."""
        self._written += digest.encode()

    def __str__(self) -> str:
        return self._written.decode()

    def __len__(self) -> int:
        return len(self._written) // WIDTH

    def __iter__(self) -> Iterator[Digest]:
        return (self._at(start) for start in range(0, len(self._written), WIDTH))

    @overload
    def __getitem__(self, place: int) -> Digest: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Digest]: ...

    def __getitem__(self, place: int | slice) -> Digest | Sequence[Digest]:
        found = range(0, len(self._written), WIDTH)[place]
        return self._at(found) if isinstance(found, int) else [self._at(start) for start in found]

    def _at(self, start: int) -> Digest:
        return Digest(self._written[start : start + WIDTH].decode())
