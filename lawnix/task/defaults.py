"""Values of parameters that are not given, found out once while a graph is walked.

luigi asks the command line, the environment and its configuration for each of them whenever a task is made or looked
up, which costs about a tenth of a millisecond; while the walk goes on, none of these changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import luigi
from law.task.base import BaseTask

_Parameters = Sequence[tuple[str, "luigi.Parameter[Any]"]]

_known: Final[ContextVar[dict[type, Mapping[str, Any]] | None]] = ContextVar("known_defaults", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Within, each class is asked once for its defaults."""
    token = _known.set(_known.get() or {})
    try:
        yield
    finally:
        _known.reset(token)


def filled_in(cls: Any, params: _Parameters, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """`kwargs`, with the remembered values of what neither they nor `args` give."""
    known = _known.get()
    if known is None or cls.modify_param_args.__code__ is not BaseTask.modify_param_args.__code__:
        return kwargs
    if cls not in known:
        known[cls] = dict(_defaults(cls.get_task_family(), params))
    values = {**known[cls], **kwargs}
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
