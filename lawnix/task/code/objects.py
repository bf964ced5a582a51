"""Objects: which rule knows what a value is."""

import contextvars
import enum
import functools
import io
import logging
import operator
import os
import pickle
import re
import string
import struct
import threading
import types
import typing
import weakref
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import Any, Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import digest
from lawnix.errors import LawnixError, NoCanonicalFormError
from lawnix.task.code.classes import class_part, member_part
from lawnix.task.code.files import source_file
from lawnix.task.code.functions import function_part
from lawnix.task.code.parts import (
    Lead,
    Part,
    Thing,
    compiled_part,
    foreign_name,
    named,
    source,
    target,
    unknown,
)
from lawnix.task.code.pieces import pieces_of
from lawnix.task.code.project import Project, family_of, is_function, is_parameter, is_task_class
from lawnix.task.code.wrappers import inside
from lawnix.task.code.written import module_part

# known by what they are: their content is the world's, or there is none
QUIET: Final = (
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
# which hand on what they wrap each time they are asked; others may be caches
_TRANSPARENT: Final = (
    functools.partial,
    functools.partialmethod,
    functools.singledispatchmethod,
    staticmethod,
    classmethod,
    property,
    types.MethodType,
)
_COMPILED: Final = frozenset({"cython_function_or_method", "fused_cython_function"})
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
    if part is None and project.pickles:
        part = _pickled(thing, project)
    return unknown(name, value) if part is None else part


def _pickled(thing: Thing, project: Project) -> Part | None:
    """A value by its pickle, or None if it has none."""
    text = io.BytesIO()
    pickler = pickle.Pickler(text, protocol=4)
    pickler.fast = True  # without a memo, which depends on what is one and the same in memory
    try:
        pickler.dump(thing.value)
    except Exception:  # it cannot be pickled, or holds itself
        return None
    part = Part("value", thing.name, b"pickle " + digest("code pickle", text.getvalue()).encode())
    part.holds = _again(thing, project, part)
    return part


def _other_part(thing: Thing, project: Project) -> Part | None:
    value, name = thing.value, thing.name
    if issubclass(type(value), type):
        return class_part(value, project)
    if issubclass(type(value), types.ModuleType):
        return _module(value, project)
    part = _hooked(value, name) or _by_rule(value, name, project)
    if part is not None:
        part.holds = _again(thing, project, part)
        part.keeps = (
            not isinstance(value, _TRANSPARENT) and not project.owns_class(type(value)) and any(inside(value))
        )
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
    if not isinstance(file, str) or not project.owns(module.__name__, file):
        return named(module.__name__)
    compiled = compiled_part(module.__name__, project)
    if compiled is not None:
        return compiled
    text = source_file(file)
    return named(module.__name__) if text is None else module_part(module.__name__, text)


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
    if kind.__name__ in _COMPILED:
        return _compiled(value, project)
    if kind.__module__ == "ctypes" and isinstance(getattr(value, "_name", None), str):
        return source(Path(value._name), os.path.basename(value._name))
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
    if kind in QUIET:
        return Part("value", "", foreign_name(kind).encode())
    if isinstance(value, _BY_REDUCTION):
        return _made_of(value, name, [("arguments", value.__reduce__()[1:])], project)
    if isinstance(value, types.GenericAlias | types.UnionType) or kind.__module__ == "typing":
        return Part("value", name, _written_type(value).encode("utf-8", "surrogatepass"))
    pieces = pieces_of(value, project)
    return (
        None
        if pieces is None
        else _made_of(value, name, pieces, project, is_ordered=not isinstance(value, Set))
    )


def _written_type(value: Any) -> str:
    """A type expression in one way of writing; `repr` writes unions in several, by the version of Python."""
    if isinstance(value, list | tuple):  # the arguments of a Callable
        return f"[{', '.join(map(_written_type, value))}]"
    origin = typing.get_origin(value)
    if origin is None or origin is typing.Literal:
        is_class = isinstance(value, type) and not isinstance(value, types.GenericAlias)
        return f"{value.__module__}.{value.__qualname__}" if is_class else repr(value)
    is_union = origin in (typing.Union, types.UnionType)
    return f"{'union' if is_union else _written_type(origin)}{_written_type(typing.get_args(value))}"


def _builtin(value: Any, project: Project) -> Part:
    """A function or method written in C; a bound one with what it is bound to."""
    owner = getattr(value, "__self__", None)
    compiled = _compiled(value, project)
    if compiled is not None:
        return compiled
    home = value if getattr(value, "__module__", None) else getattr(value, "__objclass__", None)
    module = str(getattr(home, "__module__", "builtins"))
    part = named(f"{module.partition('.')[0]}.{getattr(value, '__qualname__', '?')}")
    if owner is None or isinstance(owner, types.ModuleType):
        return part
    return Part("value", "", part.form, (Lead("self", target(owner, "", project)),))


def _compiled(value: Any, project: Project) -> Part | None:
    """A function of a compiled module of the project: its name, and all of the file."""
    home = value if getattr(value, "__module__", None) else getattr(value, "__objclass__", None)
    name = getattr(home, "__module__", None)
    found = compiled_part(name, project) if isinstance(name, str) else None
    if found is None:
        return None
    shown = f"{name}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    return Part("function", shown, f"compiled {shown}".encode(), (Lead("file", found),))


def _made_of(
    value: Any, name: str, pieces: Sequence[tuple[str, Any]], project: Project, *, is_ordered: bool = True
) -> Part:
    """A value that is no more than its pieces and its type."""
    kind = type(value)
    leads = [Lead(word, target(piece, "", project)) for word, piece in pieces]
    library = ""
    if project.owns_class(kind):
        leads.append(Lead("class", Thing(kind, "")))
        form = b"instance"
    else:
        form = foreign_name(kind).encode()
        library = foreign_name(kind).partition(".")[0]
    return Part("value", name, form, tuple(leads), is_ordered, library=library)
