"""Makers: who makes the tasks of a graph again when somebody asks, so that very many need not be kept.

What they require and put out must follow from the code and their parameters alone, and nothing in their class may say
that they are made in another way than law's.
"""

from collections.abc import Sequence
from typing import Any, Final

import luigi

from lawnix.settings import Settings
from lawnix.task.branches import Branches, can_be_made
from lawnix.task.code.anything import CodeOfProjects
from lawnix.task.copies import Copies, another, are_made_by_law
from lawnix.task.declared import declaration_of
from lawnix.task.structure import leaves

_FEW: Final = (
    100  # tasks of a class, with what they require; only for more it pays to find out whether that can be
)


class Makers:
    """Those of the classes and workflows of one walk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._code = CodeOfProjects()
        self._counts: dict[type, int] = {}
        self._copies: dict[type, Copies | None] = {}
        self._branches: dict[int, Branches | None] = {}  # by id() of the workflow
        self._alive: list[luigi.Task] = []  # these workflows

    def of_tasks(self, task: Any, names: Sequence[str], requirements: Any) -> Copies | None:
        """Who makes tasks of the class of `task`, of the values of `names`; None where they have to be kept.

        So it is as long as there are few, with the `requirements` that are kept of each.
        """
        cls = type(task)
        if cls not in self._copies:
            self._counts[cls] = self._counts.get(cls, 0) + 1 + sum(1 for _ in leaves(requirements))
            if self._counts[cls] <= _FEW:
                return None
            can_be = are_made_by_law(cls) and self._is_closed(cls)
            self._copies[cls] = Copies(another(task), names) if can_be else None
        return self._copies[cls]

    def of_branches(self, workflow: Any, first: int) -> Branches | None:
        """Who makes the branch tasks of a workflow, of which `first` is one; None where they have to be kept."""
        if id(workflow) not in self._branches:
            makes = can_be_made(workflow) and self._is_closed(type(workflow))
            self._branches[id(workflow)] = Branches(workflow, first) if makes else None
            self._alive.append(workflow)
        return self._branches[id(workflow)]

    def forget(self, workflow: Any) -> None:
        """The branches of a workflow are others now."""
        self._branches.pop(id(workflow), None)

    def _is_closed(self, cls: type) -> bool:
        """Whether what tasks of a class require and put out follows from its code and their parameters alone."""
        return not declaration_of(cls, self._settings, self._code).doubts
