"""Things that their author takes out of the digest of the code."""

import functools
import weakref
from typing import Any, Final, TypeVar, cast

from lawnix.errors import UntrackableError

T = TypeVar("T")

# what has an identity of its own is remembered by it: weakly where that can be, else for good (lists and dictionaries)
_marked: Final[dict[int, Any]] = {}


def untracked(value: T) -> T:
    """`value`, marked so that the code digest of tasks which reach it leaves it out.

    For what a `run()` uses but what doesn't decide its result, as colours, loggers or a table of machines; also as a
    decorator of functions, methods and classes::

        COLOURS = lawnix.untracked({"signal": "red"})

        @lawnix.untracked
        def report(text): ...

    A mutable or callable thing is returned as it is. A number, a string, bytes or a tuple has no identity (every 3 is
    the same 3), so an equal value of a subclass is returned.

    Raises:
        UntrackableError: `value` is None or a bool, which can neither be told apart nor have subclasses.
    """
    if value is None or isinstance(value, bool):
        raise UntrackableError(value)
    if type(value) in _PLAIN:
        plain: Any = type(value)
        return cast("T", _marked_kind(plain)(value))
    place = id(value)
    try:
        _marked[place] = weakref.ref(value, lambda _: _marked.pop(place, None))
    except TypeError:
        _marked[place] = lambda: value
    return value


def is_untracked(value: object) -> bool:
    """Whether `value` was marked by `untracked`."""
    if issubclass(type(value), _Untracked):
        return True
    reference = _marked.get(id(value))
    return reference is not None and reference() is value


class _Untracked:
    """What the marked kinds of numbers, strings and tuples have in common."""

    __slots__ = ()


_PLAIN: Final = frozenset({int, float, complex, str, bytes, tuple})


@functools.cache
def _marked_kind(kind: type[Any]) -> type[Any]:
    """The subclass of `kind` whose values are untracked."""
    return type(f"Untracked{kind.__name__.capitalize()}", (_Untracked, kind), {"__slots__": ()})
