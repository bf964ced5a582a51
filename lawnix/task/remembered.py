"""Values of parameters, found out once while a graph is walked.

luigi asks the command line, the environment and its configuration for each that is not given whenever a task is made or
looked up, and twice for a new one, which costs about a tenth of a millisecond; while the walk goes on, none of these
changes.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import luigi
from law.task.base import BaseTask

from lawnix.task.requirements import Requirements

_Parameters = Sequence[tuple[str, "luigi.Parameter[Any]"]]

_Values = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class _Known:
    """What was found out, by class."""

    defaults: dict[type, Mapping[str, Any]] = field(default_factory=dict)
    values: dict[Hashable, _Values] = field(default_factory=dict)
    requirements: Requirements = field(default_factory=Requirements)


_known: Final[ContextVar[_Known | None]] = ContextVar("known_values", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Within, each class is asked once for its defaults, and once for its values where the same are given."""
    token = _known.set(_known.get() or _Known())
    try:
        yield
    finally:
        _known.reset(token)


def required(cls: Any, inst: luigi.Task, kwargs: dict[str, Any], find: Callable[..., Any]) -> Any:
    """What `find(inst, **kwargs)` returns, law's `req` of `cls`."""
    known = _known.get()
    if known is None:
        return find(inst, **kwargs)
    task = known.requirements.req(cls, inst, kwargs)
    if task is None:
        task = find(inst, **kwargs)
        known.requirements.keep(cls, inst, kwargs, task)
    return task


def values_of(
    cls: Any,
    params: _Parameters,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    find: Callable[[_Parameters, Sequence[Any], dict[str, Any]], _Values],
) -> list[tuple[str, Any]]:
    """What `find(params, args, kwargs)` returns, law's `get_param_values` of `cls`."""
    known = _known.get()
    if known is None or not _asks_only_luigi(cls):
        return list(find(params, args, kwargs))
    given = (cls, *args, *kwargs.items())
    key = (given, tuple(map(type, (*args, *kwargs.values()))))  # 1 and True are equal, and not the same
    try:
        values = known.values.get(key)
    except TypeError:  # something that cannot be hashed, such as a list
        return list(find(params, args, kwargs))
    if values is None:
        try:
            values = find(params, args, _filled_in(cls, params, args, kwargs, known))
        except Exception:  # its message would name what nobody has given
            values = find(params, args, kwargs)
        known.values[key] = values
    return list(values)


def _asks_only_luigi(cls: Any) -> bool:
    """Whether no hook of law's lets the author decide values himself."""
    return all(
        getattr(cls, hook).__code__ is getattr(BaseTask, hook).__code__
        for hook in ("modify_param_args", "modify_param_values")
    )


def _filled_in(
    cls: Any, params: _Parameters, args: Sequence[Any], kwargs: dict[str, Any], known: _Known
) -> dict[str, Any]:
    """`kwargs`, with the remembered values of what neither they nor `args` give."""
    if cls not in known.defaults:
        known.defaults[cls] = dict(_defaults(cls.get_task_family(), params))
    values = {**known.defaults[cls], **kwargs}
    for name in [name for name, parameter in params if parameter.positional][: len(args)]:
        if name not in kwargs:  # else luigi says that it is given twice
            values.pop(name, None)
    return values


def _defaults(family: str, params: _Parameters) -> Iterator[tuple[str, Any]]:
    for name, parameter in params:
        try:
            if parameter.has_task_value(family, name):
                yield name, parameter.task_value(family, name)
        except Exception:  # luigi asks again, and says whose value cannot be read
            return
