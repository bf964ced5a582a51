"""Values of parameters, found out once while a graph is walked.

luigi asks the command line, the environment and its configuration for each that is not given whenever a task is made or
looked up, and twice for a new one, which costs about a tenth of a millisecond; while the walk goes on, none of these
changes. So what is not given is taken from another task for which the same parameters were given. Of what was given
nothing is remembered, since there may be very many tasks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import luigi
from law.task.base import BaseTask

from lawnix.task.requirements import Requirements

_Parameters = Sequence[tuple[str, "luigi.Parameter[Any]"]]

_Values = Sequence[tuple[str, Any]]


_Given = tuple[Any, ...]
"""A class, and the names of the parameters that are given."""


@dataclass(frozen=True)
class Known:
    """What was found out while a graph was walked, by class."""

    defaults: dict[type, Mapping[str, Any]] = field(default_factory=dict)
    plain: dict[type, bool] = field(default_factory=dict)  # whether luigi alone decides values
    examples: dict[_Given, _Values] = field(default_factory=dict)
    requirements: Requirements = field(default_factory=Requirements)


_known: Final[ContextVar[Known | None]] = ContextVar("known_values", default=None)


@contextmanager
def remembered(known: Known | None = None) -> Iterator[None]:
    """Within, each class is asked once for its defaults, and once for its values where the same are given.

    What was found out stays in `known`.
    """
    token = _known.set(_known.get() or known or Known())
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
    if known is None:
        return list(find(params, args, kwargs))
    is_plain = known.plain.get(cls)
    if is_plain is None:
        is_plain = known.plain[cls] = _asks_only_luigi(cls, find)
    if not is_plain:
        return list(find(params, args, kwargs))
    if args:  # rare, as the first parameter of all law tasks is their log file
        return list(_asked(cls, params, args, kwargs, known, find))
    given = (cls, *kwargs)
    example = known.examples.get(given)
    if example is None:
        example = known.examples[given] = _asked(cls, params, args, kwargs, known, find)
        return list(example)
    return [
        (name, _normal(parameter, kwargs[name])) if name in kwargs else pair
        for pair, (name, parameter) in zip(example, params, strict=True)
    ]


def _normal(parameter: "luigi.Parameter[Any]", value: Any) -> Any:
    """The value of a task for which this one is given, as luigi and law make it."""
    value = parameter.normalize(value)
    if isinstance(value, list | set):
        value = tuple(value)
    return parameter.parse(value) if isinstance(value, str) else value


def _asked(
    cls: Any,
    params: _Parameters,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    known: Known,
    find: Callable[[_Parameters, Sequence[Any], dict[str, Any]], _Values],
) -> _Values:
    """What luigi says."""
    try:
        return find(params, args, _filled_in(cls, params, args, kwargs, known))
    except Exception:  # its message would name what nobody has given
        return find(params, args, kwargs)


def _asks_only_luigi(cls: Any, find: Any) -> bool:
    """Whether no hook of law's lets the author decide values himself, and nobody stands between law and us."""
    following = getattr(find, "__func__", None)
    return following is vars(BaseTask)["get_param_values"].__func__ and all(
        getattr(cls, hook).__code__ is getattr(BaseTask, hook).__code__
        for hook in ("modify_param_args", "modify_param_values")
    )


def _filled_in(
    cls: Any, params: _Parameters, args: Sequence[Any], kwargs: dict[str, Any], known: Known
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
