"""Numbers: which node of a graph a task is, told as luigi tells tasks apart, by class and significant parameters."""

from collections.abc import Hashable
from typing import Any, Final

import luigi
from law.workflow.base import BaseWorkflow

from lawnix.task.branches import state_of

_BRANCH: Final = "branch"

Identity = tuple[Hashable, int | None]
"""What equal tasks have in common: all but the number of a branch, and that; None of what is no branch."""


class Numbers:
    """The nodes of tasks. No task is kept for it: there may be very many."""

    def __init__(self) -> None:
        self._nodes: dict[Hashable, int] = {}
        self._branches: dict[Hashable, dict[int, int]] = {}  # of a workflow, by their numbers
        self._significant: dict[type, tuple[str, ...]] = {}
        self._kept: list[luigi.Task] = []  # those that are known by their place in memory

    def find(self, task: luigi.Task) -> int | None:
        """The node of a task, or of another instance of it."""
        like, branch = self.identity(task)
        return self._nodes.get(like) if branch is None else self._branches.get(like, {}).get(branch)

    def enter(self, task: luigi.Task, number: int) -> None:
        """A task has a node."""
        self.enter_as(self.identity(task), number)
        if self._is_by_place(task):
            self._kept.append(task)

    def enter_as(self, identity: Identity, number: int) -> None:
        """What has this identity has a node."""
        like, branch = identity
        if branch is None:
            self._nodes[like] = number
        else:
            self._branches.setdefault(like, {})[branch] = number

    def identity(self, task: luigi.Task) -> Identity:
        """What equal tasks have in common; of a task whose parameters cannot be hashed, itself."""
        cls = type(task)
        names = self._significant.get(cls)
        if names is None:
            significant = [name for name, parameter in cls.get_params() if parameter.significant]
            names = tuple(
                name for name in significant if not (issubclass(cls, BaseWorkflow) and name == _BRANCH)
            )
            self._significant[cls] = names
        state = state_of(task)
        key = (cls, tuple([state.get(name) for name in names]))
        try:
            hash(key)
        except TypeError:
            return (cls, id(task)), None
        return key, state[_BRANCH] if isinstance(task, BaseWorkflow) else None

    def _is_by_place(self, task: Any) -> bool:
        return self.identity(task)[0] == (type(task), id(task))
