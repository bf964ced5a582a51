"""Pieces: what an object that is no function, class or plain value consists of."""

import collections
import configparser
import dataclasses
import functools
import sys
import types
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from lawnix.task.code.project import Project
from lawnix.task.code.wrappers import inside

Piece = tuple[str, Any]  # a word for where it stands, and what stands there

_PLAIN: Final = (dict, set, frozenset, list, tuple, str, bytes, int, float, complex)
# whose mappings and sets are in memory; one of another library may be a file that is read item by item
_PLAIN_CONTAINERS: Final = frozenset({"builtins", "collections", "law", "luigi", "types"})


def pieces_of(value: Any, project: Project) -> list[Piece] | None:
    """What a value consists of, or None if no rule knows."""
    kind = type(value)
    wrapped = [(word, each) for word, each in inside(value)]
    if isinstance(value, functools.partial | functools.partialmethod):
        return [*wrapped, ("arguments", tuple(value.args)), ("keywords", dict(value.keywords))]
    if isinstance(value, types.MethodType):
        return [*wrapped, ("self", value.__self__)]
    if project.owns_class(kind) or kind is types.SimpleNamespace or _is_state(value, project):
        if isinstance(
            value, configparser.RawConfigParser
        ):  # its state has all; law's has an items() of its own
            return [*_state(value)]
        return [*_content(value), *_state(value)]
    if wrapped:
        return wrapped
    if isinstance(value, _PLAIN) or kind.__module__.partition(".")[0] in _PLAIN_CONTAINERS:
        pieces = [*_content(value)]
        if pieces or isinstance(value, Mapping | Set | list | tuple | collections.deque):
            return (
                pieces
                if kind is not collections.defaultdict
                else [*pieces, ("factory", value.default_factory)]
            )
    if dataclasses.is_dataclass(value):
        return [(each.name, getattr(value, each.name, None)) for each in dataclasses.fields(value)]
    if hasattr(kind, "__attrs_attrs__"):
        return [(each.name, getattr(value, each.name, None)) for each in kind.__attrs_attrs__]
    return _of_library(value)


def _is_state(value: Any, project: Project) -> bool:
    """Whether an object of another package is known by what it holds."""
    return project.by_state and (hasattr(value, "__dict__") or isinstance(value, Mapping))


def _content(value: Any) -> Iterator[Piece]:
    """The items of a container, and what a subclass of a plain type holds."""
    match value:
        case Mapping():
            for place, (key, item) in enumerate(value.items()):
                yield f"key {place}", key
                yield f"item {place}", item
        case Set():
            yield from (("item", item) for item in value)
        case list() | tuple() | collections.deque():
            yield from ((f"item {place}", item) for place, item in enumerate(value))
        case str() | bytes() | int() | float() | complex() if type(value).__module__ != "numpy":
            plain: Any = next(each for each in (str, bytes, int, float, complex) if isinstance(value, each))
            yield "value", plain(value)


def _state(value: Any) -> Iterator[Piece]:
    """The attributes of an instance, without those that a cached property keeps there."""
    kind = type(value)
    for name, item in sorted(getattr(value, "__dict__", {}).items()):
        if not isinstance(getattr(kind, name, None), functools.cached_property):
            yield f"state {name}", item
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else sorted(slots):
            if hasattr(value, slot) and slot not in ("__dict__", "__weakref__"):
                yield f"state {slot}", getattr(value, slot)


def _of_library(value: Any) -> list[Piece] | None:
    """Values of NumPy and pandas, which can only be here if these are."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None:
        if isinstance(value, numpy.ufunc):
            return [("name", value.__name__)]
        if isinstance(value, numpy.dtype):
            return [("dtype", value.descr if value.names else value.str)]
        if isinstance(value, numpy.ndarray):  # of objects, or of a subclass
            plain = value.tolist() if value.dtype.hasobject else numpy.asarray(value)
            return [("array", plain), ("shape", value.shape), ("mask", getattr(value, "mask", None))]
    if pandas is not None:
        if isinstance(value, pandas.DataFrame):
            columns = [(f"column {place}", value.iloc[:, place]) for place in range(value.shape[1])]
            return [("columns", value.columns), ("index", value.index), *columns]
        if isinstance(value, pandas.Series | pandas.Index):
            index = [("index", value.index)] if isinstance(value, pandas.Series) else []
            return [("dtype", str(value.dtype)), ("name", value.name), ("values", value.to_numpy()), *index]
    return None
