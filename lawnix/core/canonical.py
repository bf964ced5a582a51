"""The canonical form: the one byte string for a value.

Every value is written as a tag, and what follows a tag says how long it is, so that two different values never
have one form and no form is the beginning of another. Types are told apart: 1, 1.0 and True are three values. A list
and a tuple of the same items are one *sequence*; the order of keys of a mapping and of items of a set does not matter.
"""

import dataclasses
import datetime
import struct
import sys
from collections.abc import Callable, Mapping, Set
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from lawnix.errors import NoCanonicalFormError

_double = struct.Struct(">d").pack


def canonical(value: object) -> bytes:
    """The canonical form of `value`.

    Covers None, bool, int, float without NaN, str, bytes, sequences, mappings with string keys, sets, date, time,
    datetime, timedelta, Decimal, paths, Enum members, frozen dataclasses, and NumPy scalars and arrays (by dtype, shape
    and bytes).

    Raises:
        NoCanonicalFormError: `value`, or something in it, is none of these; the error says where.
    """
    parts: list[bytes] = []
    _write(value, parts, "")
    return b"".join(parts)


def _write(value: object, parts: list[bytes], where: str) -> None:
    write = _WRITERS.get(type(value))
    if write is None:
        write = _writer_of(value, where)
    write(value, parts, where)


def _sized(tag: bytes, raw: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(raw), raw)


def _write_int(value: int, parts: list[bytes], where: str) -> None:
    parts.append(_sized(b"i", hex(value).encode()))


def _write_float(value: float, parts: list[bytes], where: str) -> None:
    if value != value:  # NaN is not equal to itself, so it is no name for anything
        raise NoCanonicalFormError(value, where)
    parts.append(b"d" + _double(value))


def _write_str(value: str, parts: list[bytes], where: str) -> None:
    raw = value.encode("utf-8", "surrogatepass")
    parts.append(b"s%d:%b" % (len(raw), raw))


def _write_sequence(value: Any, parts: list[bytes], where: str) -> None:
    parts.append(b"l%d:" % len(value))
    for index, item in enumerate(value):
        if type(item) in _SIMPLE:  # most are, and never need a place to be named
            _WRITERS[type(item)](item, parts, where)
        else:
            _write(item, parts, f"{where}[{index}]")


def _write_mapping(value: Mapping[object, object], parts: list[bytes], where: str) -> None:
    for key in value:
        if not isinstance(key, str):
            raise NoCanonicalFormError(key, f"key of {where or 'mapping'}")
    parts.append(b"m%d:" % len(value))
    for key in sorted(value):  # type: ignore[type-var]  # every key is a str, see above
        _write_str(str(key), parts, where)
        item = value[key]
        if type(item) in _SIMPLE:
            _WRITERS[type(item)](item, parts, where)
        else:
            _write(item, parts, f"{where}[{key!r}]")


def _write_set(value: Set[object], parts: list[bytes], where: str) -> None:
    forms = sorted(canonical_at(item, f"an item of {where or 'set'}") for item in value)
    parts.append(b"S%d:" % len(forms))
    parts.extend(forms)


def canonical_at(value: object, where: str) -> bytes:
    """`canonical(value)`, whose errors say that the value stands at `where`."""
    parts: list[bytes] = []
    _write(value, parts, where)
    return b"".join(parts)


def _write_enum(value: Enum, parts: list[bytes], where: str) -> None:
    parts.append(_sized(b"e", f"{type(value).__qualname__}.{value.name}".encode()))


def _write_dataclass(value: Any, parts: list[bytes], where: str) -> None:
    parts.append(_sized(b"c", type(value).__qualname__.encode()))
    fields: dict[object, object] = {
        field.name: getattr(value, field.name) for field in dataclasses.fields(value)
    }
    _write_mapping(fields, parts, where or type(value).__qualname__)


def _write_array(value: Any, parts: list[bytes], where: str) -> None:
    if value.dtype.hasobject:
        raise NoCanonicalFormError(value, where)
    dtype = repr(value.dtype.descr) if value.dtype.names else value.dtype.newbyteorder("<").str
    parts.append(_sized(b"a", dtype.encode()))
    _write_sequence([int(length) for length in value.shape], parts, where)
    little_endian = value if value.dtype.names else value.astype(value.dtype.newbyteorder("<"), copy=False)
    parts.append(_sized(b"b", little_endian.tobytes()))  # C order


_Writer = Callable[[Any, list[bytes], str], None]


def _tagged(tag: bytes, text: Callable[[Any], str]) -> _Writer:
    def write(value: object, parts: list[bytes], where: str) -> None:
        parts.append(_sized(tag, text(value).encode("utf-8", "surrogatepass")))

    return write


_write_path = _tagged(b"p", lambda path: path.as_posix())
_write_decimal = _tagged(b"x", str)

_WRITERS: Final[dict[type, _Writer]] = {
    type(None): lambda value, parts, where: parts.append(b"n"),
    bool: lambda value, parts, where: parts.append(b"t" if value else b"f"),
    int: _write_int,
    float: _write_float,
    str: _write_str,
    bytes: lambda value, parts, where: parts.append(_sized(b"b", value)),
    bytearray: lambda value, parts, where: parts.append(_sized(b"b", bytes(value))),
    list: _write_sequence,
    tuple: _write_sequence,
    dict: _write_mapping,
    set: _write_set,
    frozenset: _write_set,
    datetime.datetime: _tagged(b"T", datetime.datetime.isoformat),
    datetime.date: _tagged(b"D", datetime.date.isoformat),
    datetime.time: _tagged(b"h", datetime.time.isoformat),
    datetime.timedelta: _tagged(b"w", lambda delta: f"{delta.days},{delta.seconds},{delta.microseconds}"),
}
_SIMPLE: Final = frozenset({str, int, bool, bytes, type(None)})
"""Those of which every value has a form."""


def _writer_of(value: object, where: str) -> _Writer:
    """The writer for a value whose own class has none: by what it is, not by what it is derived from by accident."""
    if isinstance(value, Enum):
        return _write_enum
    if isinstance(value, PurePath):
        return _write_path
    # values of these can only be here if they are
    decimal, numpy = sys.modules.get("decimal"), sys.modules.get("numpy")
    if decimal is not None and type(value) is decimal.Decimal:
        return _write_decimal
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return _write_array
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if type(value).__dataclass_params__.frozen:  # type: ignore[attr-defined]  # not in the stubs
            return _write_dataclass
        raise NoCanonicalFormError(value, where)
    for kind in (
        str,
        int,
        float,
        bytes,
        list,
        tuple,
    ):  # subclasses such as Digest, IntEnum is an Enum, namedtuple
        if isinstance(value, kind):
            return _WRITERS[kind]
    if isinstance(value, Mapping):  # FrozenOrderedDict of luigi, DotDict of law
        return _write_mapping
    if isinstance(value, Set):
        return _write_set
    raise NoCanonicalFormError(value, where)
