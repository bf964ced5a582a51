"""Objects: which rule knows what a value is."""

import collections
import contextvars
import dataclasses
import enum
import functools
import logging
import operator
import re
import string
import struct
import sys
import threading
import types
import typing
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

from lawnix.core.canonical import canonical
from lawnix.errors import LawnixError, NoCanonicalFormError
from lawnix.task.code.classes import class_part, member_part
from lawnix.task.code.files import source_file
from lawnix.task.code.functions import function_part
from lawnix.task.code.parts import Lead, Part, Thing, foreign_name, named, target, unknown
from lawnix.task.code.project import Project, family_of, is_function, is_parameter, is_task_class
from lawnix.task.code.wrappers import inside
from lawnix.task.code.written import module_part

_Pieces = Iterator[tuple[str, Any]]

# known by what they are: their content is the world's, or there is none
_QUIET: Final = (
    object,
    type(threading.Lock()),
    type(threading.RLock()),
    threading.Event,
    threading.Condition,
    threading.Semaphore,
    threading.local,
    contextvars.ContextVar,
    typing.TypeVar,
    typing.ParamSpec,
    weakref.ref,
    weakref.WeakKeyDictionary,
    weakref.WeakValueDictionary,
    weakref.WeakSet,
)
_BUILTIN: Final = (
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    types.MethodWrapperType,
)
_PLAIN: Final = (dict, set, frozenset, list, tuple, str, bytes, int, float, complex)
# whose mappings and sets are in memory; one of another library may be a file that is read item by item
_PLAIN_CONTAINERS: Final = frozenset({"builtins", "collections", "law", "luigi", "types"})
_BY_REDUCTION: Final = (operator.itemgetter, operator.attrgetter, operator.methodcaller)


def part_of(thing: Thing, project: Project) -> Part:
    """What the value of `thing` is and leads to."""
    value, name = thing.value, thing.name
    if is_function(value):
        return function_part(value, project)
    try:
        part = _other_part(thing, project)
    except LawnixError:
        raise
    except Exception as error:  # objects of all libraries come here; none of them may stop a run
        return unknown(name, value, error)
    return unknown(name, value) if part is None else part


def _other_part(thing: Thing, project: Project) -> Part | None:
    value, name = thing.value, thing.name
    if issubclass(type(value), type):
        return class_part(value, project)
    if issubclass(type(value), types.ModuleType):
        return _module(value, project)
    part = _hooked(value, name) or _by_rule(value, name, project)
    if part is not None:
        part.holds = _again(thing, project, part)
    return part


def _again(thing: Thing, project: Project, part: Part) -> Callable[[], bool]:
    """Whether looking at a value again finds the same; these are few, so nothing is remembered of them."""

    def holds() -> bool:
        now = part_of(thing, project)
        return (
            now.form == part.form
            and len(now.leads) == len(part.leads)
            and all(map(_is_same, now.leads, part.leads))
        )

    return holds


def _is_same(new: Lead, old: Lead) -> bool:
    match new.target, old.target:
        case Thing(value=now), Thing(value=then):
            return new.label == old.label and now is then
        case Part() as now, Part() as then:
            return new.label == old.label and now.form == then.form
        case _:
            return False


def _module(module: types.ModuleType, project: Project) -> Part:
    file = getattr(module, "__file__", None)
    source = source_file(file) if isinstance(file, str) and project.owns(module.__name__, file) else None
    return named(module.__name__) if source is None else module_part(module.__name__, source)


def _hooked(value: Any, name: str) -> Part | None:
    """What an object says of itself with `__lawnix_digest__()`."""
    hook = getattr(type(value), "__lawnix_digest__", None)
    if hook is None:
        return None
    try:
        return Part("value", name, b"hook " + canonical(hook(value)))
    except NoCanonicalFormError as error:
        warning = (
            f"{name or 'something'} is known by its type only, since of its __lawnix_digest__(): {error}"
        )
        return Part("unknown", name or "hook", b"hook " + foreign_name(type(value)).encode(), warning=warning)


def _by_rule(value: Any, name: str, project: Project) -> Part | None:
    kind = type(value)
    if isinstance(value, enum.Enum):
        return member_part(value, name, project)
    if isinstance(value, _BUILTIN):
        return _builtin(value, project)
    if is_parameter(value):
        return Part("value", "", b"parameter")
    if is_task_class(kind):
        return Part("value", "", b"task " + family_of(kind).encode())
    if isinstance(value, re.Pattern):
        return _made_of(value, name, [("pattern", value.pattern), ("flags", value.flags)], project)
    if isinstance(value, logging.Logger | logging.LoggerAdapter):
        return Part("value", "", b"logger")
    if isinstance(value, struct.Struct | string.Template):
        return _made_of(
            value,
            name,
            [("format", getattr(value, "format", None) or getattr(value, "template", ""))],
            project,
        )
    if kind in _QUIET:
        return Part("value", "", foreign_name(kind).encode())
    if isinstance(value, _BY_REDUCTION):
        return _made_of(value, name, [("arguments", value.__reduce__()[1:])], project)
    if isinstance(value, types.GenericAlias | types.UnionType) or kind.__module__ == "typing":
        return Part("value", name, repr(value).encode())
    pieces = _pieces(value, project)
    return (
        None
        if pieces is None
        else _made_of(value, name, pieces, project, is_ordered=not isinstance(value, Set))
    )


def _builtin(value: Any, project: Project) -> Part:
    """A function or method written in C; a bound one with what it is bound to."""
    owner = getattr(value, "__self__", None)
    home = value if getattr(value, "__module__", None) else getattr(value, "__objclass__", None)
    module = str(getattr(home, "__module__", "builtins"))
    part = named(f"{module.partition('.')[0]}.{getattr(value, '__qualname__', '?')}")
    if owner is None or isinstance(owner, types.ModuleType):
        return part
    return Part("value", "", part.form, (Lead("self", target(owner, "", project)),))


def _made_of(
    value: Any, name: str, pieces: Sequence[tuple[str, Any]], project: Project, *, is_ordered: bool = True
) -> Part:
    """A value that is no more than its pieces and its type."""
    kind = type(value)
    leads = [Lead(word, target(piece, "", project)) for word, piece in pieces]
    if project.owns_class(kind):
        leads.append(Lead("class", Thing(kind, "")))
        form = b"instance"
    else:
        form = foreign_name(kind).encode()
    return Part("value", name, form, tuple(leads), is_ordered)


def _pieces(value: Any, project: Project) -> list[tuple[str, Any]] | None:
    """What a value consists of, or None if no rule knows."""
    kind = type(value)
    wrapped = [(word, each) for word, each in inside(value)]
    if isinstance(value, functools.partial | functools.partialmethod):
        return [*wrapped, ("arguments", tuple(value.args)), ("keywords", dict(value.keywords))]
    if isinstance(value, types.MethodType):
        return [*wrapped, ("self", value.__self__)]
    if project.owns_class(kind) or kind is types.SimpleNamespace:
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


def _content(value: Any) -> _Pieces:
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


def _state(value: Any) -> _Pieces:
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


def _of_library(value: Any) -> list[tuple[str, Any]] | None:
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
