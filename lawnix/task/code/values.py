"""Data: one byte string for a plain value with its type, wherever the project lies and however sets are ordered."""

import array
import datetime
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, Final

from lawnix.core.canonical import canonical
from lawnix.errors import NoCanonicalFormError
from lawnix.task.code.project import Project
from lawnix.task.code.untracked import is_untracked

_DEPTH: Final = 50  # what is nested deeper, or in itself, is taken apart piece by piece instead
_INSIDE: Final = b"@"  # marks a path that is written as seen from the project


def plain_form(value: object, project: Project) -> bytes | None:
    """The form of `value` if it is data through and through, else None.

    Types are told apart, so are lists and tuples, and the order of a dictionary counts: a loop over it can tell. A path
    into the project (`Path(__file__).parent / "table.csv"`) is known by its place in there.
    """
    return _form(value, project, _DEPTH)


def is_mutable(value: object) -> bool:
    """Whether the form of this plain value may be another one next time."""
    if type(value) in (tuple, frozenset):
        return any(is_mutable(item) for item in value)  # type: ignore[attr-defined]  # by its type
    if isinstance(value, slice):
        return any(map(is_mutable, (value.start, value.stop, value.step)))
    if type(value) is bytearray:
        return True
    return _leaf(type(value)) is None and not issubclass(type(value), PurePath)


def _form(value: object, project: Project, depth: int) -> bytes | None:
    kind = type(value)
    write = _leaf(kind)
    if write is not None:
        return _sized(kind, write(value))
    if kind is str:
        return _text(value, project)  # type: ignore[arg-type]  # by its kind
    if depth == 0 or is_untracked(value):
        return None
    if kind in (list, tuple):
        return _items(kind, value, project, depth)
    if kind in (set, frozenset):
        return _items(kind, value, project, depth, ordered=False)
    if kind is dict:
        return _items(kind, [each for pair in value.items() for each in pair], project, depth)  # type: ignore[attr-defined]  # as above
    if kind is slice:
        return _items(kind, [value.start, value.stop, value.step], project, depth)  # type: ignore[attr-defined]  # as above
    if kind in (array.array, memoryview):
        return _buffer(value, project, depth)
    if issubclass(kind, PurePath) and kind.__module__.startswith("pathlib"):
        return _path(value, project)
    numpy = sys.modules.get("numpy")
    if numpy is not None and (kind is numpy.ndarray or issubclass(kind, numpy.generic)):
        return _array(value, project, depth)
    if numpy is not None and kind is numpy.poly1d:
        return _items(kind, [value.coeffs, value.variable], project, depth)  # type: ignore[attr-defined]  # as above
    return None


def _leaf(kind: type) -> Callable[[Any], bytes] | None:
    """How values of a type are written that hold no others; None for other types."""
    write = _LEAVES.get(kind)
    if write is not None:
        return write
    decimal, fractions = (
        sys.modules.get("decimal"),
        sys.modules.get("fractions"),
    )  # else there are no such values
    is_decimal = decimal is not None and kind is decimal.Decimal
    return _shown if is_decimal or (fractions is not None and kind is fractions.Fraction) else None


def _sized(kind: type, raw: bytes) -> bytes:
    return b"%b%d:%b" % (kind.__name__.encode(), len(raw), raw)


def _text(value: str, project: Project) -> bytes:
    if os.sep in value:
        inside = project.inside(value)
        if inside is not None:
            return _INSIDE + _sized(str, inside.encode("utf-8", "surrogatepass"))
    return _sized(str, value.encode("utf-8", "surrogatepass"))


def _path(value: Any, project: Project) -> bytes:
    inside = project.inside(str(value)) if value.is_absolute() else None
    return (
        _sized(PurePath, bytes(value)) if inside is None else _INSIDE + _sized(PurePath, os.fsencode(inside))
    )


def _items(kind: type, items: Any, project: Project, depth: int, *, ordered: bool = True) -> bytes | None:
    forms: list[bytes] = []
    for item in items:
        form = _form(item, project, depth - 1)
        if form is None:
            return None
        forms.append(form)
    return b"%b[%d]%b" % (kind.__name__.encode(), len(forms), b"".join(forms if ordered else sorted(forms)))


def _array(value: Any, project: Project, depth: int) -> bytes | None:
    """A NumPy array or scalar by dtype, shape and bytes; one of objects by these."""
    if value.dtype.hasobject:
        return _items(type(value), [list(value.shape), value.tolist()], project, depth)
    try:
        return _sized(type(value), canonical(value))
    except (NoCanonicalFormError, TypeError, ValueError):  # an exotic dtype
        return None


def _buffer(value: Any, project: Project, depth: int) -> bytes | None:
    """Numbers in memory by their type and what they are, whatever the byte order of the machine."""
    kind = type(value)
    if kind is array.array:
        return _items(kind, [value.typecode, value.tolist()], project, depth)
    try:
        return _items(kind, [value.format, list(value.shape), value.tolist()], project, depth)
    except (NotImplementedError, ValueError):  # an exotic format; it was released
        return None


def _shown(value: object) -> bytes:
    return repr(value).encode("utf-8", "surrogatepass")


_LEAVES: Final[dict[type, Callable[[Any], bytes]]] = {
    type(None): _shown,
    bool: _shown,
    int: lambda value: hex(value).encode(),
    float: _shown,
    complex: _shown,
    bytes: bytes,
    bytearray: bytes,
    type(Ellipsis): _shown,
    type(NotImplemented): _shown,
    range: _shown,
    datetime.date: _shown,
    datetime.datetime: _shown,
    datetime.time: _shown,
    datetime.timedelta: _shown,
    datetime.timezone: _shown,
    uuid.UUID: _shown,
}
