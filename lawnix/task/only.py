"""Some outputs of a task alone: who reads only these does not depend on the others."""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

from collections.abc import Mapping
from typing import Any

import law
import luigi

from lawnix.errors import DeclarationError, NoSuchOutputError
from lawnix.task.base import WrapperTask
from lawnix.task.branches import is_workflow
from lawnix.task.collection import StoreCollection
from lawnix.task.derived import DerivedTask, PartOfTask
from lawnix.task.structure import leaves


def only(task: luigi.Task, *outputs: str) -> luigi.Task:
    """What stands for some outputs of a task, to be returned by `requires()`.

    `input()` has these outputs alone, and what is made from them is kept as long as they hold what they held, whatever
    the others do.

    Example: `return lawnix.only(Fit.req(self), "histograms")`

    Args:
        task: A lawnix task, or a workflow of them; then each branch is read that way.
        outputs: The keys of what `output()` returns; below another, with a dot: `plots.mass`. With one of them,
            `input()` has that output; with several, a dictionary.

    Raises:
        DeclarationError: No outputs are named, or it is no lawnix task.
    """
    if not outputs:
        raise DeclarationError(f"lawnix.only({task!r}) names no outputs; use the task itself to read all")
    if not isinstance(task, DerivedTask):
        raise DeclarationError(
            f"lawnix.only() knows the outputs of lawnix tasks, but {task!r} is none; derive it from lawnix.Task"
        )
    return Only(task=task, outputs=tuple(outputs))


class Only(PartOfTask, WrapperTask):
    """Some outputs of a task."""

    task_namespace = "lawnix"
    exclude_index = True

    task: luigi.Parameter[Any] = law.TaskInstanceParameter(description="whose outputs they are")
    outputs: luigi.Parameter[Any] = law.CSVParameter(description="the keys of the outputs")

    def requires(self) -> Any:
        """The task."""
        return self.task

    def output(self) -> Any:
        """The outputs; of a workflow, those of its branches by number, in a collection."""
        if is_workflow(self.task):
            branches = self.task.get_branch_tasks()
            return {"collection": StoreCollection({n: self._select(b) for n, b in branches.items()})}
        return self._select(self.task)

    def _select(self, task: Any) -> Any:
        structure = task.output()
        found = {role: _at(structure, role.split(".")) for role in self.outputs}
        for role, part in found.items():
            if part is None:
                raise NoSuchOutputError(task.get_task_family(), role, [role for role, _ in leaves(structure)])
        return found if len(found) > 1 else found[self.outputs[0]]


def _at(structure: Any, keys: list[str]) -> Any:
    """What stands in `structure` at `keys`; None if nothing does."""
    for key in keys:
        if isinstance(structure, Mapping):
            structure = next((part for name, part in structure.items() if str(name) == key), None)
        elif isinstance(structure, list | tuple) and key.isdecimal() and int(key) < len(structure):
            structure = structure[int(key)]
        else:
            return None
    return structure
