"""What a task is: its derivation, made from the class once and from the instance quickly."""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import law
import luigi

from lawnix.core.canonical import canonical_at
from lawnix.core.derivation import Derivation, Input, OutputSpec
from lawnix.core.digest import Digest, digest
from lawnix.errors import DuplicateOutputError, ForeignOutputError, NoSuchBranchError
from lawnix.settings import Settings
from lawnix.task.branches import state_of
from lawnix.task.code import Code, code_of
from lawnix.task.late import LateFiles
from lawnix.task.parameters import written
from lawnix.task.structure import leaves
from lawnix.task.target import StoreTarget

# attributes of self that show more of a branch than its data, or of requirements than their outputs
_BRANCH_NUMBER: Final = frozenset({"branch", "*"})
_BRANCH_MAP: Final = frozenset({"branch_map", "get_branch_map", "branches", "get_branch_chunks", "*"})
_REQUIREMENTS: Final = frozenset(
    {"requires", "workflow_requires", "deps", "requires_from_branch", "as_workflow", "*"}
)
_WORKFLOW_INPUTS: Final = frozenset({"workflow_input", "workflow_requires", "*"})


@dataclass(frozen=True, slots=True)
class Family:
    """What all tasks of one class share.

    Attributes:
        label: The task family.
        code: What the builder's code is.
        parameters: Those that decide the result.
        environment: The declared environment variables and their values.
        late: Files of the code that builds import themselves.
    """

    label: str
    code: Code
    parameters: Mapping[str, luigi.Parameter[Any]]
    environment: Mapping[str, str | None]
    late: LateFiles

    @property
    def reads_workflow_inputs(self) -> bool:
        """Whether branches read what the workflow as a whole requires."""
        return bool(self.code.reads & _WORKFLOW_INPUTS)


def family_of(cls: Any, settings: Settings) -> Family:
    """What all tasks of `cls` share; to be asked once per class and run."""
    cls.wrap_run()  # a notebook's autoreload puts another function into the place of the wrapped one
    code = code_of(cls, track=settings.track, unknown=settings.unknown)
    return Family(
        label=cls.get_task_family(),
        code=code,
        parameters={
            name: parameter for name, parameter in cls.get_params() if _decides(cls, name, parameter)
        },
        environment={name: os.environ.get(name) for name in cls.environment},
        late=LateFiles(component.file for component in code.components if component.file is not None),
    )


def _decides(cls: Any, name: str, parameter: luigi.Parameter[Any]) -> bool:
    """Whether a parameter decides the result: not if it only says where or when, as those that law itself brings do."""
    if not parameter.significant or law.util.multi_match(name, set(cls.exclude_params_identity)):
        return False
    owner = next(base for base in cls.__mro__ if name in vars(base))
    return owner.__module__.split(".")[0] not in ("law", "luigi", "lawnix")


def parameters_of(task: luigi.Task, family: Family) -> Mapping[str, str]:
    """The parameters that decide the result, as they are written.

    Raises:
        NoCanonicalFormError: The value of one cannot be written.
    """
    values = state_of(task)
    return {
        name: written(parameter, values[name], f"parameter {name} of {family.label}")
        for name, parameter in family.parameters.items()
    }


def branch_of(task: Any, family: Family) -> tuple[str, Digest]:
    """The branch data of a branch task, for people and as a digest."""
    workflow = state_of(task).get(
        "_workflow_task"
    )  # not through law's proxies: this is asked for every branch
    branch_map = task.branch_map if workflow is None else workflow.get_branch_map()
    number = state_of(task)["branch"]
    if number not in branch_map:
        raise NoSuchBranchError(family.label, number, list(branch_map))
    data = branch_map[number]
    form = canonical_at(data, f"the branch data of {family.label}")
    if family.code.reads & _BRANCH_NUMBER:
        form += canonical_at(task.branch, "branch")
    if family.code.reads & _BRANCH_MAP:
        form += canonical_at(
            {str(number): item for number, item in task.branch_map.items()}, "the branch map"
        )
    shown = repr(data)
    return shown if len(shown) <= 120 else shown[:117] + "...", digest("branch", form)


def outputs_of(task: luigi.Task) -> tuple[OutputSpec, ...]:
    """The outputs that a task declares.

    Raises:
        ForeignOutputError: An output is no store target.
        DuplicateOutputError: Two outputs have one name.
    """
    specs: list[OutputSpec] = []
    names: set[str] = set()
    for role, target in leaves(task.output()):
        if not isinstance(target, StoreTarget):
            raise ForeignOutputError(repr(task), repr(target))
        if target.name in names:
            raise DuplicateOutputError(repr(task), target.name)
        names.add(target.name)
        specs.append(target.spec(role))
    return tuple(specs)


def derive(
    task: luigi.Task,
    family: Family,
    parameters: Mapping[str, str],
    inputs: Mapping[str, Input],
    *,
    is_branch: bool,
) -> Derivation:
    """The derivation of a task whose inputs are named `inputs`."""
    return Derivation(
        label=family.label,
        parameters=parameters,
        code=family.code.digest,
        inputs=inputs,
        outputs=outputs_of(task),
        branch=branch_of(task, family) if is_branch else None,
        environment=family.environment,
        fixed_output=getattr(task, "fixed_output", None),
        reads_parameters=bool(family.code.reads & _REQUIREMENTS),
    )
