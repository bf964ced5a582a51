"""Copies: tasks of a class without luigi's parameter machinery, as copies of one that luigi has made.

What luigi's constructor computes for each instance a copy computes when it is asked. A class may have said that its
tasks are made in another way; then luigi makes each.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import law
import luigi

LAZY: Final = ("param_kwargs", "task_id", "_Task__hash")
"""What luigi's constructor computes for each instance and a copy computes when it is asked."""
_MESSAGES: Final = "_message_cache"  # the only mutable thing that law puts into a task
_CONSTANTS: Final = (str, bytes, int, float, tuple, frozenset, type(None))
_OTHERS: Final = ("law", "luigi", "lawnix", "builtins")
_TERMS: Final = ("priority", "resources", "process_resources", "retry_count", "worker_timeout")
"""What luigi asks of a task about running it."""
_HOOKS: Final = (
    "__init__",
    "__new__",
    "__getattr__",
    "__getattribute__",
    "__setattr__",
    "modify_param_values",
    "modify_param_args",
    "get_param_values",
    "as_branch",
)


def state_of(task: luigi.Task) -> dict[str, Any]:
    """The instance's own attributes; `vars()` would ask law's proxies first, each time."""
    state: dict[str, Any] = object.__getattribute__(task, "__dict__")
    return state


def own(task: luigi.Task, name: str) -> Any:
    """A method as the class of a task has it; law looks for a proxy first, which only workflows have."""
    return object.__getattribute__(task, name)


def are_made_by_law(cls: type) -> bool:
    """Whether nothing in a class says that its tasks are made in another way than law's."""
    own = [base for base in cls.__mro__ if base.__module__.split(".")[0] not in _OTHERS]
    return not any(hook in vars(base) for base in own for hook in _HOOKS)


def another(task: Any) -> Any:
    """The task once more, as luigi's constructor makes it; its instance somebody may have used."""
    return type.__call__(type(task), **task.param_kwargs)


class Copies:
    """Makes tasks that have some attributes of their own, and all others as the one that luigi has made."""

    def __init__(self, task: luigi.Task, names: Sequence[str], **others: Any) -> None:
        """Copy `task`, which is as luigi has made it, but for `names`; `others` are attributes that all have."""
        self._cls: Any = type(task)
        self._names = names
        self._state = {name: value for name, value in state_of(task).items() if name not in LAZY} | others

    @property
    def share_constants(self) -> bool:
        """Whether nobody can change what copies have in common."""
        return all(
            isinstance(value, _CONSTANTS) or value is law.no_value
            for name, value in self._state.items()
            if name not in (*self._names, _MESSAGES)
        )

    @cached_property
    def speaker(self) -> Any:
        """A task that tells for all how they are to be run; None where their class lets each tell it."""
        if not all(_is_constant(self._cls, name) and name not in self._state for name in _TERMS):
            return None
        return self.make([self._state[name] for name in self._names])

    def make(self, values: Sequence[Any]) -> Any:
        """A task with these values of the attributes of its own, each time anew."""
        task = self._cls.__new__(self._cls)
        state = state_of(task)
        state.update(self._state)
        state.update(zip(self._names, values, strict=True))
        state[_MESSAGES] = []
        return task

    def tell(self, task: luigi.Task, values: Sequence[Any]) -> bool:
        """Whether a copy with these values is as this task is, to which somebody may have given attributes."""
        state = state_of(task)
        if len(state) != len(self._state):  # what is computed when it is asked is known by now
            state = {name: value for name, value in state.items() if name not in LAZY}
        try:
            return state == self._state | dict(zip(self._names, values, strict=True))
        except Exception:  # values that cannot be compared, such as arrays
            return False

    def has_more(self, task: luigi.Task) -> bool:
        """Whether somebody has given attributes to a task, which another would not have."""
        return not state_of(task).keys() <= self._state.keys() | set(LAZY)


def _is_constant(cls: type, name: str) -> bool:
    """Whether what a class has under a name is luigi's own, or a value that is the same for all its tasks."""
    owner = next(base for base in cls.__mro__ if name in vars(base))
    return owner is luigi.Task or isinstance(vars(owner)[name], (*_CONSTANTS, dict))


def lazy_attribute(task: luigi.Task, name: str) -> Any:
    """What luigi's constructor would have set on a copied task.

    Raises:
        AttributeError: It would not have set `name`.
    """
    if name not in LAZY:
        raise AttributeError(f"{type(task).__name__!r} object has no attribute {name!r}")
    values = state_of(task)
    parameters = task.get_params()
    values["param_kwargs"] = {parameter: values[parameter] for parameter, _ in parameters}
    values["task_id"] = luigi.task.task_id_str(
        task.get_task_family(), task.to_str_params(only_significant=True, only_public=True)
    )
    values["_Task__hash"] = hash(values["task_id"])
    return values[name]
