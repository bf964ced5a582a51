"""Faces: a tracked mapping or object as `run()` has it in hand, read-only, at some place in it.

Numbers, strings, arrays and lists are handed out as they are, and count then. A mapping or an object in it is handed
out with a face of its own, and counts as far as it is read in turn. What does more than ask for an answer that can be
told apart (a copy, an unknown method) asks for all.
"""

import configparser
import copy
import enum
import sys
from collections.abc import Callable, Iterator, Mapping, MappingView
from functools import partial
from pathlib import PurePath
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NoReturn, TypeVar, cast

from lawnix.errors import UntrackedTypeError
from lawnix.task.code.views import Step, View, faces

T = TypeVar("T")

_SIMPLE: Final = frozenset({str, int, float, bool, type(None)})
# what has these is a number, an array, a stream or a lock, and no place where others are kept
_NO_PLACE: Final = ("__add__", "__mul__", "__int__", "__float__", "__array__", "__next__", "__enter__")
# functions and methods of such names are asked again with the same arguments; others may do anything
_ASKING: Final = ("get", "has", "is")
_ASKING_WHOLLY: Final = frozenset({"items", "keys", "values", "options", "sections"})
_FUNCTIONS: Final = (FunctionType, BuiltinMethodType, MethodType, partial)


def tracked(thing: T, name: str = "") -> T:
    """A read-only view of a mapping or an object, which counts for a task as far as its `run()` reads it.

    For configuration that many tasks share. A task runs again if what it read is not what it was; a colour that is
    changed makes those run again that looked at it::

        CONFIG = lawnix.tracked(yaml.safe_load(Path("config.yaml").read_text()))

        class Select(lawnix.Task):
            def run(self):
                cut = CONFIG["cuts"]["pt_min"]

    What is in nested mappings and objects counts one by one; a list, an array or any other value counts as a whole. A
    loop over keys, `len()` and `in` count too. Comparisons, copies, and methods of objects (functions of modules) that
    are not called `get…`, `has…`, `is…`, `items`, `keys`, `values`, `options` or `sections` count all that is there.

    Args:
        thing: A mapping, or an object with attributes, as a module is.
        name: How the view is found again if `run()` does not reach it by name, as one that is kept in an object.

    Raises:
        UntrackedTypeError: `thing` is neither.
    """
    if type(thing) in faces:
        return thing
    if not (_is_mapping(thing) or _is_place(thing)):
        raise UntrackedTypeError(thing)
    module = sys._getframe(1).f_globals.get("__name__", "")  # as logging finds its caller
    return cast("T", _face(View(thing, name, str(module)), (), thing))


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and not isinstance(value, configparser.RawConfigParser)


def _is_place(value: Any) -> bool:
    """Whether `value` is an object that keeps others."""
    kind = type(value)
    if kind is ModuleType or isinstance(value, configparser.RawConfigParser):
        return True
    if kind.__module__ in ("builtins", "functools") or isinstance(value, type | enum.Enum | PurePath):
        return False
    has_state = hasattr(kind, "__dictoffset__") and kind.__dictoffset__ != 0
    has_state = has_state or any(vars(base).get("__slots__") for base in kind.__mro__)
    return has_state and not any(hasattr(kind, each) for each in _NO_PLACE)


def _face(view: View, path: tuple[Step, ...], thing: Any) -> Any:
    return (MappingFace if _is_mapping(thing) else ObjectFace)(view, path, thing)


def _hand_out(view: View, path: tuple[Step, ...], value: Any) -> Any:
    """What whoever asked for `path` gets."""
    if type(value) in faces:  # a view in a view notes for itself
        view.note(path, "kind")
        return value
    if _is_mapping(value) or _is_place(value):
        view.note(path, "kind")
        return _face(view, path, value)
    view.note(path, "value")
    return _copied(value)


def _copied(value: Any) -> Any:
    """`value`, so that what is done to a container in it is done to nothing else."""
    if type(value) in (list, tuple, set):
        return type(value)(_copied(item) for item in value)
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    return value


class _Face:
    """A view at some place in its thing."""

    __slots__ = ("_lawnix_path", "_lawnix_thing", "_lawnix_view")

    _lawnix_view: View
    _lawnix_path: tuple[Step, ...]
    _lawnix_thing: Any

    def __init__(self, view: View, path: tuple[Step, ...], thing: Any) -> None:
        for name, value in (("view", view), ("path", path), ("thing", thing)):
            object.__setattr__(self, f"_lawnix_{name}", value)

    def _lawnix_all(self) -> Any:
        """The thing, all of which counts."""
        self._lawnix_view.note(self._lawnix_path, "value")
        return self._lawnix_thing

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        view, path, thing = self._lawnix_view, self._lawnix_path, self._lawnix_thing
        step = (*path, ("attribute", name))
        try:
            value = getattr(thing, name)
        except AttributeError:
            view.note(step, "value")
            raise
        if isinstance(value, _FUNCTIONS) or callable(getattr(value, "__wrapped__", None)):
            return self._lawnix_function(name, value)
        return _hand_out(view, step, value)

    def _lawnix_function(self, name: str, value: Any) -> Any:
        """A method of the thing, or a function that it keeps."""
        view, thing = self._lawnix_view, self._lawnix_thing
        step = (*self._lawnix_path, ("attribute", name))
        is_own = getattr(value, "__self__", None) is thing
        if isinstance(value, BuiltinMethodType) and is_own and type(thing) is not ModuleType:
            return getattr(copy.deepcopy(self._lawnix_all()), name)  # such as dict.pop
        if name.lstrip("_").startswith(_ASKING) or name in _ASKING_WHOLLY:
            if not is_own:
                view.note(step, "kind")  # that it is a function
            return _Question(view, step, value, self._lawnix_all)
        if not is_own:
            view.note(step, "value")
        self._lawnix_all()
        return value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name!r} of a tracked view cannot be set: it is read-only")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name!r} of a tracked view cannot be removed: it is read-only")

    def __getitem__(self, key: Any) -> Any:
        if type(key) not in _SIMPLE or key != key:
            return _copied(self._lawnix_all()[key])
        step = (*self._lawnix_path, ("key", key))
        try:
            value = self._lawnix_thing[key]
        except LookupError:
            self._lawnix_view.note(step, "value")
            raise
        return _hand_out(self._lawnix_view, step, value)

    def __contains__(self, key: object) -> bool:
        if type(key) not in _SIMPLE or key != key:
            return key in self._lawnix_all()
        self._lawnix_view.note((*self._lawnix_path, ("key", key)), "has")
        return key in self._lawnix_thing

    def __repr__(self) -> str:
        return repr(self._lawnix_all())

    def __str__(self) -> str:
        return str(self._lawnix_all())

    def __format__(self, specification: str) -> str:
        return format(self._lawnix_all(), specification)

    def __dir__(self) -> list[str]:
        return dir(self._lawnix_all())

    def __copy__(self) -> Any:
        return copy.copy(self._lawnix_all())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(self._lawnix_all(), memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _itself, (self._lawnix_all(),)  # another process gets the thing, all of which counts


class MappingFace(_Face, Mapping[Any, Any]):
    """A mapping as far as it is read."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        self._lawnix_view.note(self._lawnix_path, "keys")
        return iter(list(self._lawnix_thing))

    def __len__(self) -> int:
        self._lawnix_view.note(self._lawnix_path, "keys")
        return len(self._lawnix_thing)

    def __or__(self, other: Mapping[Any, Any]) -> dict[Any, Any]:
        return {**self, **other}

    def __ror__(self, other: Mapping[Any, Any]) -> dict[Any, Any]:
        return {**other, **self}

    def copy(self) -> Any:
        """A copy of the mapping, all of which counts."""
        return copy.deepcopy(self._lawnix_all())


class ObjectFace(_Face):
    """An object as far as it is read; it passes for one of its class."""

    __slots__ = ()

    @property  # type: ignore[misc]  # as proxies do
    def __class__(self) -> type:
        return type(self._lawnix_thing)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._lawnix_all())

    def __len__(self) -> int:
        return len(self._lawnix_all())

    def __bool__(self) -> bool:
        kind = type(self._lawnix_thing)
        return not (hasattr(kind, "__bool__") or hasattr(kind, "__len__")) or bool(self._lawnix_all())

    def __eq__(self, other: object) -> bool:
        other = other._lawnix_all() if isinstance(other, _Face) else other
        return bool(self._lawnix_all() == other)

    def __hash__(self) -> int:
        return hash(self._lawnix_all())

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """As the object does; asked again later."""
        ask = _Question(self._lawnix_view, self._lawnix_path, self._lawnix_thing, self._lawnix_all)
        return ask(*arguments, **keywords)


faces.update((MappingFace, ObjectFace))


class _Question:
    """A function or method that is asked the same again later."""

    def __init__(
        self, view: View, path: tuple[Step, ...], function: Callable[..., Any], all_: Callable[[], Any]
    ) -> None:
        self._view, self._path, self._function, self._all = view, path, function, all_

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if not all(type(each) in _SIMPLE for each in (*arguments, *keywords.values())):
            self._all()
            return self._function(*arguments, **keywords)
        step = (*self._path, ("call", arguments, tuple(keywords.items())))
        try:
            value = self._function(*arguments, **keywords)
        except Exception:
            self._view.note(step, "value")
            raise
        if isinstance(value, MappingView) or hasattr(
            type(value), "__next__"
        ):  # what it will give is not known
            self._all()
            return value
        return _hand_out(self._view, step, value)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._all()  # another process may ask it anything
        return _itself, (self._function,)


def plain(value: Any) -> Any:
    """`value` without views: of one, and of those in lists and dictionaries, what is behind it, all of which counts."""
    if type(value) in faces:
        return copy.deepcopy(value)
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if type(value) is dict:
        return {key: plain(item) for key, item in value.items()}
    return value


def _itself(thing: Any) -> Any:
    return thing
