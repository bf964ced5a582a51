"""Branch tasks of a workflow without luigi's parameter machinery, which costs about a millisecond each.

All branches of a workflow have the same parameters but for the number. One is made by law, the others are copies of it.
"""

from collections.abc import Mapping
from typing import Any

import luigi
from law.workflow.base import BaseWorkflow

from lawnix.errors import DeclarationError

_LAZY = ("param_kwargs", "task_id", "_Task__hash")
"""What luigi's constructor computes for each instance and a copy computes when it is asked."""
_EXCLUDES = ("exclude_params_branch", "exclude_params_workflow")


def state_of(task: luigi.Task) -> dict[str, Any]:
    """The instance's own attributes; `vars()` would ask law's proxies first, each time."""
    state: dict[str, Any] = object.__getattribute__(task, "__dict__")
    return state


def own(task: luigi.Task, name: str) -> Any:
    """A method as the class of a branch task has it; law looks for a proxy first, which only workflows have."""
    return object.__getattribute__(task, name)


def branch_tasks(workflow: Any) -> Mapping[int, Any]:
    """The branch tasks of `workflow` by number; kept on it, where law looks for them, too."""
    prepare(workflow)
    tasks: Mapping[int, Any] = workflow.get_branch_tasks()
    return tasks


def prepare(workflow: Any) -> None:
    """Make the branch tasks of `workflow`, unless law has made them already or has to make them itself."""
    try:
        workflow.get_branch_map()
    except TypeError as error:
        if workflow.create_branch_map() is None:
            family = workflow.get_task_family()
            raise DeclarationError(
                f"create_branch_map() of {family} returned None; it has to return a dict"
            ) from error
        raise
    if workflow._branch_tasks is None and workflow.cache_branch_map and are_alike(workflow):
        numbers = list(workflow.get_branch_map())
        workflow._branch_tasks = _copies(workflow, numbers) if numbers else {}


def are_alike(workflow: Any) -> bool:
    """Whether branches have the same parameters but for the number: nothing in the class says otherwise."""
    others = ("law", "luigi", "lawnix", "builtins")
    own = [base for base in type(workflow).__mro__ if base.__module__.split(".")[0] not in others]
    hooks = (
        "__init__",
        "__new__",
        "modify_param_values",
        "modify_param_args",
        "get_param_values",
        "as_branch",
    )
    if getattr(type(workflow), "_condition_attr", None) is not None:  # law binds methods to such instances
        return False
    if any(getattr(workflow, name) != getattr(BaseWorkflow, name) for name in _EXCLUDES):
        return False
    return not workflow._workflow_param_names and not any(
        hook in vars(base) for base in own for hook in hooks
    )


def _copies(workflow: Any, numbers: list[int]) -> dict[int, Any]:
    first = workflow.as_branch(branch=numbers[0])
    tasks = {numbers[0]: first}
    cls: Any = type(workflow)
    fresh = type.__call__(cls, **first.param_kwargs)  # not luigi's instance: somebody may have used that
    state = {name: value for name, value in state_of(fresh).items() if name not in _LAZY}
    state["_workflow_task"] = workflow
    for number in numbers[1:]:
        task = cls.__new__(cls)
        vars(task).update(state)
        vars(task).update(
            branch=number, _message_cache=[]
        )  # the only mutable thing that law puts into a branch
        tasks[number] = task
    return tasks


def lazy_attribute(task: luigi.Task, name: str) -> Any:
    """What luigi's constructor would have set on a copied branch task.

    Raises:
        AttributeError: It would not have set `name`.
    """
    if name not in _LAZY:
        raise AttributeError(f"{type(task).__name__!r} object has no attribute {name!r}")
    values = state_of(task)
    parameters = task.get_params()
    values["param_kwargs"] = {parameter: values[parameter] for parameter, _ in parameters}
    values["task_id"] = luigi.task.task_id_str(
        task.get_task_family(), task.to_str_params(only_significant=True, only_public=True)
    )
    values["_Task__hash"] = hash(values["task_id"])
    return values[name]
