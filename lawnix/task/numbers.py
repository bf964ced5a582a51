"""Numbers: which node of a graph a task is, told as luigi tells tasks apart, by class and significant parameters."""

from collections.abc import Hashable
from typing import Any, Final, NamedTuple

import luigi
from law.workflow.base import BaseWorkflow

from lawnix.task.copies import state_of

_BRANCH: Final = "branch"


class Identity(NamedTuple):
    """What equal tasks have in common.

    Attributes:
        cls: The class.
        values: The values of the significant parameters less the number of a branch; of a task whose parameters cannot
            be hashed, its place in memory.
        branch: The number of a branch; None of what is no branch.
    """

    cls: type
    values: Hashable
    branch: int | None


class Numbers:
    """The nodes of tasks. No task is kept for it: there may be very many."""

    def __init__(self) -> None:
        self._nodes: dict[type, dict[Hashable, int]] = {}
        self._branches: dict[tuple[type, Hashable], dict[int, int]] = {}  # of a workflow, by their numbers
        self._significant: dict[type, tuple[str, ...]] = {}
        self._kept: list[luigi.Task] = []  # those that are known by their place in memory

    def find(self, task: luigi.Task) -> int | None:
        """The node of a task, or of another instance of it."""
        return self.of(self.identity(task))

    def of(self, identity: Identity) -> int | None:
        """The node of the tasks with this identity."""
        cls, values, branch = identity
        if branch is None:
            return self._nodes.get(cls, {}).get(values)
        return self._branches.get((cls, values), {}).get(branch)

    def enter(self, task: luigi.Task, number: int) -> None:
        """A task has a node."""
        self.enter_as(self.identity(task), task, number)

    def enter_as(self, identity: Identity, task: luigi.Task, number: int) -> None:
        """A task, which had this identity when it was met, has a node."""
        cls, values, branch = identity
        if branch is None:
            self._nodes.setdefault(cls, {})[values] = number
        else:
            self._branches.setdefault((cls, values), {})[branch] = number
        if not isinstance(values, tuple):
            self._kept.append(task)

    def identity(self, task: luigi.Task) -> Identity:
        """What equal tasks have in common."""
        cls: Any = type(task)
        state = state_of(task)
        values = tuple([state.get(name) for name in self.significant(cls)])
        try:
            hash(values)
        except TypeError:
            return Identity(cls, id(task), None)
        return Identity(cls, values, state[_BRANCH] if issubclass(cls, BaseWorkflow) else None)

    def significant(self, cls: Any) -> tuple[str, ...]:
        """The parameters that tell tasks of a class apart, less the number of a branch."""
        names = self._significant.get(cls)
        if names is None:
            is_workflow = issubclass(cls, BaseWorkflow)
            names = self._significant[cls] = tuple(
                name
                for name, parameter in cls.get_params()
                if parameter.significant and not (is_workflow and name == _BRANCH)
            )
        return names
