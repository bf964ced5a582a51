"""Branch tasks of a workflow without luigi's parameter machinery, which costs about a millisecond each.

All branches of a workflow have the same parameters but for the number. One is made by law, the others are copies of it.
"""

from collections.abc import Iterator, Mapping, Sequence, ValuesView
from typing import Any

from law.workflow.base import BaseWorkflow

from lawnix.errors import DeclarationError
from lawnix.task.copies import Copies, another, are_made_by_law

_EXCLUDES = ("exclude_params_branch", "exclude_params_workflow")


def is_workflow(task: Any) -> bool:
    """Whether a task stands for branches."""
    return isinstance(task, BaseWorkflow) and bool(task.is_workflow())


def is_branch(task: Any) -> bool:
    """Whether a task is a branch of a workflow."""
    return isinstance(task, BaseWorkflow) and not task.is_workflow()


def branch_tasks(workflow: Any) -> Mapping[int, Any]:
    """The branch tasks of `workflow` by number; kept on it, where law looks for them, too."""
    prepare(workflow)
    tasks: Mapping[int, Any] = workflow.get_branch_tasks()
    return tasks


def branch_map_of(workflow: Any) -> Mapping[int, Any]:
    """The branch map of `workflow`.

    Raises:
        DeclarationError: The author's `create_branch_map()` returned None.
    """
    try:
        branches: Mapping[int, Any] = workflow.get_branch_map()
    except TypeError as error:
        if workflow.create_branch_map() is None:
            family = workflow.get_task_family()
            raise DeclarationError(
                f"create_branch_map() of {family} returned None; it has to return a dict"
            ) from error
        raise
    return branches


def prepare(workflow: Any) -> None:
    """Make the branch tasks of `workflow`, unless law has made them already or has to make them itself."""
    numbers = list(branch_map_of(workflow))
    if can_be_made(workflow):
        made = Branches(workflow, numbers[0]) if numbers else None
        workflow._branch_tasks = made.all(numbers) if made is not None else {}


def can_be_made(workflow: Any) -> bool:
    """Whether copies of one branch task can stand for all, of which law has made none yet."""
    return workflow._branch_tasks is None and bool(workflow.cache_branch_map) and are_alike(workflow)


def are_alike(workflow: Any) -> bool:
    """Whether branches have the same parameters but for the number: nothing in the class says otherwise."""
    if getattr(type(workflow), "_condition_attr", None) is not None:  # law binds methods to such instances
        return False
    if any(getattr(workflow, name) != getattr(BaseWorkflow, name) for name in _EXCLUDES):
        return False
    return not workflow._workflow_param_names and are_made_by_law(type(workflow))


class Members(Mapping[str, int]):
    """The nodes of the branches of a workflow by their numbers, as roles; a dictionary of many takes far more room."""

    def __init__(self, nodes: Mapping[int, int]) -> None:
        self._nodes = nodes

    def __getitem__(self, role: str) -> int:
        try:
            return self._nodes[int(role)]
        except ValueError:
            raise KeyError(role) from None

    def __iter__(self) -> Iterator[str]:
        return map(str, self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def values(self) -> ValuesView[int]:
        """The nodes, quickly."""
        return self._nodes.values()


class Branches(Copies):
    """Makes branch tasks of a workflow whose branches are alike, as copies of one that law has made."""

    def __init__(self, workflow: Any, first: int) -> None:
        """Have law make the branch task `first`."""
        self._first = workflow.as_branch(branch=first)
        super().__init__(another(self._first), ("branch",), _workflow_task=workflow)

    def branch(self, number: int) -> Any:
        """A branch task, each time anew."""
        return self.make((number,))

    def all(self, numbers: Sequence[int]) -> dict[int, Any]:
        """The branch tasks with these numbers, with the one that law has made."""
        made = self._first.branch
        return {number: self._first if number == made else self.branch(number) for number in numbers}
