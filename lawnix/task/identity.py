"""What a task is: its derivation, made from the class once and from the instance quickly."""

from __future__ import annotations  # luigi's Parameter could not be subscripted before 3.7

import logging
import os
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import law
import luigi

from lawnix.core.canonical import canonical_at
from lawnix.core.digest import Digest, digest
from lawnix.errors import DuplicateOutputError, ForeignOutputError, NoSuchBranchError
from lawnix.settings import Settings
from lawnix.task.code.code import Code, code_of, code_of_function
from lawnix.task.copies import own, state_of
from lawnix.task.late import LateFiles
from lawnix.task.parameters import written
from lawnix.task.structure import leaves
from lawnix.task.target import StoreTarget

if TYPE_CHECKING:
    from lawnix.core.derivation import Derivation, Input, OutputSpec
    from lawnix.task.enclosure import Enclosure
    from lawnix.task.hosted import Hosted

logger = logging.getLogger(__name__)

_SHOWN: Final = 120  # characters of branch data, for people

# attributes of self that show more of a branch than its data, or of requirements than their outputs
_BRANCH_NUMBER: Final = frozenset({"branch", "*"})
_BRANCH_MAP: Final = frozenset({"branch_map", "get_branch_map", "branches", "get_branch_chunks", "*"})
_REQUIREMENTS: Final = frozenset(
    {"requires", "workflow_requires", "deps", "requires_from_branch", "as_workflow", "*"}
)
_WORKFLOW_INPUTS: Final = frozenset({"workflow_input", "workflow_requires", "*"})


class Family(NamedTuple):
    """What all tasks of one class share.

    Attributes:
        label: The task family.
        code: What the builder's code is.
        parameters: Those that decide the result.
        environment: The declared environment variables and their values.
        late: Files of the code that builds import themselves.
        track: The packages whose code counts beside the project's own.
        hosted: The environment of the run, as far as it counts for those without a sandbox; None if it does not.
    """

    label: str
    code: Code
    parameters: Mapping[str, luigi.Parameter[Any]]
    environment: Mapping[str, str | None]
    late: LateFiles
    track: tuple[str, ...]
    hosted: Hosted | None = None

    @property
    def reads_workflow_inputs(self) -> bool:
        """Whether branches read what the workflow as a whole requires."""
        return bool(self.code.reads & _WORKFLOW_INPUTS)


def family_of(cls: Any, settings: Settings) -> Family:
    """What all tasks of `cls` share; to be asked once per class and run."""
    cls.wrap_run()  # a notebook's autoreload puts another function into the place of the wrapped one
    code = code_of(cls, track=settings.track, unknown=settings.unknown, libraries=settings.libraries)
    _warn_of(cls.get_task_family(), tuple(c.name for c in code.components if c.kind == "unknown"))
    return Family(
        label=cls.get_task_family(),
        code=code,
        parameters=deciding(cls),
        environment={name: os.environ.get(name) for name in cls.environment},
        late=LateFiles(component.file for component in code.components if component.file is not None),
        track=tuple(settings.track),
        hosted=_hosted(settings.host_identity),
    )


def _hosted(host_identity: str) -> Hosted | None:
    """The environment of the run, as far as it counts."""
    if host_identity == "none":
        return None
    from lawnix.task.hosted import hosted  # by default nobody asks

    return hosted(host_identity)


@lru_cache(maxsize=1000)
def _warn_of(family: str, names: tuple[str, ...]) -> None:
    """Tell once of what counts by its type only."""
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        logger.warning(
            "the code of %s reaches %s%s, of which only the type counts; see `lawnix show --code %s`",
            family,
            names[0],
            more,
            family,
        )


def deciding(cls: Any) -> Mapping[str, luigi.Parameter[Any]]:
    """The parameters that decide the result of tasks of a class."""
    return {name: parameter for name, parameter in cls.get_params() if _decides(cls, name, parameter)}


def _decides(cls: Any, name: str, parameter: luigi.Parameter[Any]) -> bool:
    """Whether a parameter decides the result: not if it only says where or when, as those that law itself brings do."""
    if not parameter.significant or law.util.multi_match(
        name, set(getattr(cls, "exclude_params_identity", ()))
    ):
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
        name: intern(written(parameter, values[name], f"parameter {name} of {family.label}"))
        for name, parameter in family.parameters.items()
    }


def outputs_of(task: luigi.Task, track: Sequence[str]) -> tuple[OutputSpec, ...]:
    """The outputs that a task declares.

    Raises:
        ForeignOutputError: An output is no store target.
        DuplicateOutputError: Two outputs have one name.
    """
    specs: list[OutputSpec] = []
    names: set[str] = set()
    declared = own(task, "output")()
    # the ordinary case first
    for role, target in [("", declared)] if isinstance(declared, StoreTarget) else leaves(declared):
        if not isinstance(target, StoreTarget):
            raise ForeignOutputError(repr(task), repr(target))
        if target.name in names:
            raise DuplicateOutputError(repr(task), target.name)
        names.add(target.name)
        how = target.digest
        specs.append(
            target.spec(role, f"function {code_of_function(how, track=track)}" if callable(how) else how)
        )
    return _one(tuple(specs))


@lru_cache(4096)
def _one(outputs: tuple[OutputSpec, ...]) -> tuple[OutputSpec, ...]:
    """The same for all tasks that declare the same; there may be very many."""
    return outputs


class Siblings:
    """Tasks of one class with the same parameters: all branches of a workflow, or a task alone.

    What they share is written down once.

    Attributes:
        family: What all tasks of the class share.
        parameters: Those that decide the result, as they are written.
        enclosure: What they are built in; None for the process of the run.
    """

    def __init__(
        self,
        task: Any,
        family: Family,
        branches: Mapping[int, Any] | None = None,
        enclosure: Enclosure | None = None,
    ) -> None:
        """Describe `task` and its siblings; `branches` is the branch map, if they are branches.

        Raises:
            NoCanonicalFormError: The value of a parameter cannot be written.
        """
        self.family = family
        self.parameters = parameters_of(task, family)
        self.enclosure = enclosure
        self._branches = branches
        self._first: Derivation | None = None

    @property
    def sandbox(self) -> Digest | None:
        """The digest of what they are built in; None if that decides nothing."""
        if self.enclosure is not None and self.enclosure.digest is not None:
            return self.enclosure.digest
        return None if self.family.hosted is None else self.family.hosted.digest

    @property
    def are_branches(self) -> bool:
        """Whether they are branches of a workflow."""
        return self._branches is not None

    def derive(self, task: Any, inputs: Mapping[str, Input]) -> Derivation:
        """The derivation of one of them, whose inputs are named `inputs`.

        Raises:
            LawnixError: It declares what cannot be, or its branch data have no canonical form.
        """
        outputs = outputs_of(task, self.family.track)
        if self._first is not None and outputs == self._first.outputs:  # as mostly: the same serves all
            outputs = self._first.outputs
        branch = None if self._branches is None else self._branch_of(task, self._branches)
        if self._first is None:
            from lawnix.core.derivation import Derivation  # loaded by who plans

            self._first = Derivation(
                label=self.family.label,
                parameters=self.parameters,
                code=self.family.code.digest,
                inputs=inputs,
                outputs=outputs,
                branch=branch,
                environment=self.family.environment,
                sandbox=self.sandbox,
                fixed_output=task.fixed_output,
                reads_parameters=bool(self.family.code.reads & _REQUIREMENTS),
            )
            return self._first
        return self._first.sibling(inputs, outputs, branch, task.fixed_output)

    def branch_map_for(self, number: int) -> Mapping[int, Any]:
        """As much of the branch map as the code of a branch may look at."""
        assert self._branches is not None
        return self._branches if self.family.code.reads & _BRANCH_MAP else {number: self._branches[number]}

    def _branch_of(self, task: Any, branches: Mapping[int, Any]) -> tuple[str, Digest]:
        """The branch data, for people and as a digest."""
        number = state_of(task)["branch"]
        if number not in branches:
            raise NoSuchBranchError(self.family.label, number, list(branches))
        data = branches[number]
        form = canonical_at(data, f"the branch data of {self.family.label}")
        reads = self.family.code.reads
        if reads & _BRANCH_NUMBER:
            form += canonical_at(number, "branch")
        if reads & _BRANCH_MAP:
            form += self._branch_map
        shown = repr(data)
        return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}...", digest("branch", form)

    @cached_property
    def _branch_map(self) -> bytes:
        assert self._branches is not None
        return branch_map_form(self._branches)


def branch_map_form(branches: Mapping[int, Any]) -> bytes:
    """The canonical form of a branch map.

    Raises:
        NoCanonicalFormError: The data of a branch have none.
    """
    return canonical_at({str(number): item for number, item in branches.items()}, "the branch map")
