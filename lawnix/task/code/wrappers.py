"""Wrappers: what is inside of decorated, partial, bound and cached things."""

import functools
from collections.abc import Iterator
from types import FunctionType, MappingProxyType, MethodType
from typing import Any, Final

from lawnix.task.code.project import Project, is_function

# where libraries keep the functions that they were given: functools, wrapt, numba, NumPy's vectorize
_KEPT_UNDER: Final = ("__wrapped__", "_self_wrapper", "py_func", "pyfunc")
_EMPTY: Final = object()


def inside(value: Any) -> Iterator[tuple[str, Any]]:
    """What `value` wraps, each with a word for how; nothing if it is no wrapper that we know."""
    kind = type(value)  # not isinstance(), which asks a proxy what it stands for
    if kind is FunctionType:
        yield from ((name, content) for name, content in closure(value) if content is not _EMPTY)
        if "__wrapped__" in value.__dict__:
            yield "wrapped", value.__dict__["__wrapped__"]
        if isinstance(value.__dict__.get("registry"), MappingProxyType):  # singledispatch
            yield "registry", dict(value.__dict__["registry"])
    elif issubclass(kind, staticmethod | classmethod | MethodType):
        yield "function", value.__func__
    elif issubclass(kind, property):
        accessors = ((word, getattr(value, word)) for word in ("fget", "fset", "fdel"))
        yield from ((word, each) for word, each in accessors if each is not None)
    elif issubclass(kind, functools.cached_property | functools.partial | functools.partialmethod):
        yield "function", value.func
    elif issubclass(kind, functools.singledispatchmethod):
        yield "function", value.dispatcher
    elif not issubclass(kind, type) and hasattr(kind, "__call__"):  # noqa: B004  # of the class, the object may lie
        kept = {id(each): each for word in _KEPT_UNDER if callable(each := getattr(value, word, None))}
        yield from (("wrapped", each) for each in kept.values())


def closure(function: FunctionType) -> list[tuple[str, Any]]:
    """The free variables of `function` with their values; `is_empty` for one that has none yet."""
    contents: list[tuple[str, Any]] = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name == "__class__":  # the class of a method, for super()
            continue
        try:
            contents.append((name, cell.cell_contents))
        except ValueError:
            contents.append((name, _EMPTY))
    return contents


def is_empty(content: object) -> bool:
    """Whether a free variable has no value (yet)."""
    return content is _EMPTY


def functions_in(value: object) -> list[FunctionType]:
    """All functions that a call of `value` may go through, from the outermost decorator inwards."""
    found: list[FunctionType] = []
    seen: set[int] = set()
    todo = [value]
    while todo:
        each = todo.pop(0)
        if id(each) in seen or issubclass(type(each), type):
            continue
        seen.add(id(each))
        if is_function(each):
            found.append(each)
        else:  # a decorator that is an object keeps what it decorates
            todo.extend(filter(is_function, getattr(each, "__dict__", {}).values()))
        todo.extend(content for _, content in inside(each))
    return found


def reaches(value: object, project: Project) -> bool:
    """Whether something of the project is in `value`."""
    return (isinstance(value, type) and project.owns_class(value)) or any(
        map(project.owns_function, functions_in(value))
    )
