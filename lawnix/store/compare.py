"""Comparison: where two objects differ, place by place where their format is known."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, Final

from lawnix.store.meaning import parts_of

_BLOCK: Final = 1 << 20  # bytes
_LINE: Final = 4096  # bytes of a line that are looked at
_SHOWN: Final = 60  # characters of a line


def differences(first: Path, second: Path, name: str) -> Sequence[str]:
    """Where two files or directories differ, in words; empty if they mean the same.

    Args:
        first: The one.
        second: The other.
        name: What they are called: its ending says the format.
    """
    if first.is_dir() and second.is_dir():
        return list(_of_directories(first, second))
    if first.is_dir() != second.is_dir():
        return ["a directory in one and a file in the other"]
    return list(_of_files(first, second, name))


def _of_directories(first: Path, second: Path) -> Iterator[str]:
    here, there = _files_in(first), _files_in(second)
    for name in sorted({*here, *there}):
        if name not in there:
            yield f"{name}: only in the first"
        elif name not in here:
            yield f"{name}: only in the second"
        else:
            yield from (f"{name}: {place}" for place in _of_files(here[name], there[name], name))


def _files_in(directory: Path) -> Mapping[str, Path]:
    return {
        path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if not path.is_dir()
    }


def _of_files(first: Path, second: Path, name: str) -> Iterator[str]:
    found = _first_difference(first, second)
    if found is None:
        return
    here, there = parts_of(first, name), parts_of(second, name)
    if here is None or there is None or here.method != there.method:
        yield _in_words(first, second, *found)
        return
    for place in sorted({*here.digests, *there.digests}):
        if place not in there.digests:
            yield f"{place or 'value'}: only in the first"
        elif place not in here.digests:
            yield f"{place or 'value'}: only in the second"
        elif here.digests[place] != there.digests[place]:
            yield f"{place or 'value'} differs"


def _in_words(first: Path, second: Path, position: int, line: int, begin: int) -> str:
    try:
        return f"line {line + 1}: {_line_at(first, begin)} → {_line_at(second, begin)}"
    except UnicodeDecodeError:
        return f"byte {position}"


def _line_at(path: Path, begin: int) -> str:
    """The line that begins with a byte.

    Raises:
        UnicodeDecodeError: It is no text.
    """
    with path.open("rb") as file:
        file.seek(begin)
        raw = file.readline(_LINE)
    text = raw.decode("utf-8-sig").rstrip("\n")
    if "\0" in text:
        raise UnicodeDecodeError("utf-8", raw, 0, 1, "a zero byte is no text")
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…") if raw else "the end"


def _first_difference(first: Path, second: Path) -> tuple[int, int, int] | None:
    """The first byte that differs, its line, and the byte with which that begins, all from 0; None if none does."""
    position = line = begin = 0
    with first.open("rb") as here, second.open("rb") as there:
        for block, other in zip_longest(_blocks(here), _blocks(there), fillvalue=b""):
            same = len(block) if block == other else _length_of_the_same(block, other)
            line += block.count(b"\n", 0, same)
            end = block.rfind(b"\n", 0, same)
            begin = position + end + 1 if end >= 0 else begin
            position += same
            if block != other:
                return position, line, begin
    return None


def _length_of_the_same(block: bytes, other: bytes) -> int:
    shorter = min(len(block), len(other))
    return next((n for n in range(shorter) if block[n] != other[n]), shorter)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block
