"""The walk: from tasks to the graph, each task once, whatever the depth."""

import functools
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import law
import luigi
from law.workflow.base import BaseWorkflow

from lawnix.core.digest import Digest
from lawnix.core.realization import TaskName
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode
from lawnix.errors import CycleError, DeclarationError, DuplicateFamilyError
from lawnix.settings import Settings
from lawnix.store.memo import StatMemo
from lawnix.store.protocol import Store
from lawnix.task.branches import (
    Members,
    are_alike,
    branch_map_of,
    branch_tasks,
    is_workflow,
)
from lawnix.task.copies import own, state_of
from lawnix.task.derived import DerivedTask, PartOfTask
from lawnix.task.identity import Family, Siblings
from lawnix.task.instances import Examples, passing
from lawnix.task.made import BranchWork, PlainWork
from lawnix.task.makers import Makers
from lawnix.task.numbers import Identity, Numbers
from lawnix.task.registered import check_family, place_of
from lawnix.task.remembered import Known, remembered
from lawnix.task.structure import held, leaves
from lawnix.task.upgrade import family_in_store
from lawnix.task.work import DerivedTaskWork, ForeignTaskWork, TaskWork

if TYPE_CHECKING:
    from lawnix.task.enclosure import Enclosure
    from lawnix.task.sandboxes import Sandboxes

_Visit = Generator[luigi.Task, int, int]
"""Asks for the node of one task after the other, and ends with that of its own."""


class Walker:
    """Makes nodes of tasks; a task that was met before is the node that it was.

    Attributes:
        graph: What has been made so far.
        examples: How tasks of the classes that were met are made.
        known: What nobody gave for their parameters.
        fetched: Contents of targets that are elsewhere, by their URIs, as far as they were fetched.
    """

    def __init__(
        self,
        settings: Settings,
        memo: StatMemo,
        store: Store,
        meet: Callable[[type], None] = lambda cls: None,
        fetched: Mapping[str, Digest] = MappingProxyType({}),
    ) -> None:
        """A walker that has not walked.

        Args:
            settings: What the user set.
            memo: What is known of files of this machine.
            store: Where results are found.
            meet: Told of each class before its first task is asked anything.
            fetched: Contents of targets that are elsewhere, by their URIs, as far as they are known already.
        """
        self.graph = Graph()
        self._settings = settings
        self._store = store
        self._memo = memo
        self.fetched = dict(fetched)
        self._numbers = Numbers()
        self.examples = Examples()
        self.known = Known()
        self._families: dict[type, Family] = {}
        self._siblings: dict[int, Siblings] = {}  # by id() of the workflow, which `_makers` holds
        self._makers = Makers(settings)
        self._ends: tuple[Mapping[str, int], tuple[int, ...]] = ({}, ())  # of the last branch
        self._met: set[type] = set()
        self._meet = meet

    def walk(self, tasks: Sequence[luigi.Task]) -> list[int]:
        """The nodes of `tasks`; all that they require joins the graph.

        Raises:
            CycleError: Tasks require each other in a circle.
        """
        with remembered(self.known), passing(self.examples):
            return [self._walk(task) for task in tasks]

    def check_families(self) -> None:
        """Check that no two classes in the graph are called the same, as luigi takes their tasks for one.

        Raises:
            DuplicateFamilyError: Two are, and none is derived from the other.
        """
        classes: dict[str, type] = {}
        for cls, family in self._families.items():
            other = classes.setdefault(family.label, cls)
            if not issubclass(cls, other) and not issubclass(other, cls):
                raise DuplicateFamilyError(family.label, [place_of(other), place_of(cls)])

    def find(self, task: TaskName) -> int:
        """The node of the task with this name."""
        module, family, parameters = task
        check_family(family)
        return self.walk([luigi.task_register.load_task(module, family, dict(parameters))])[0]

    def number_of(self, task: luigi.Task) -> int | None:
        """The node of a task of the graph."""
        return self._numbers.find(task)

    def enter(self, task: luigi.Task, number: int) -> None:
        """A task has a node that somebody else has made."""
        self._numbers.enter(task, number)

    def derived_work(self, task: Any, requirements: Any, identity: Identity | None = None) -> DerivedTaskWork:
        """A task with a result of its own, as the engine sees it; `identity` is its own if that is known."""
        if isinstance(task, BaseWorkflow):
            return self._branch_work(task, task.as_workflow(), requirements)
        family, enclosure = self._family(type(task)), self._enclosure(task)
        values = (identity or self._numbers.identity(task)).values
        alike = self._makers.of_tasks(task, self._numbers.significant(type(task)), requirements)
        if alike is None or not isinstance(values, tuple) or not alike.tell(task, values):
            return DerivedTaskWork(task, requirements, self, Siblings(task, family, enclosure=enclosure))
        return PlainWork(alike, values, self, family, enclosure)

    def branch_of(self, workflow: Any, number: int) -> Any:
        """A branch task of a workflow."""
        branches = self._makers.of_branches(workflow, number)
        return branch_tasks(workflow)[number] if branches is None else branches.branch(number)

    def required_by_workflow(self, workflow: Any) -> Any:
        """What comes before all branches of a workflow."""
        requirements = workflow.workflow_proxy.requires()
        requirements.pop("branches", None)  # of local_workflow_require_branches: they are the members
        return requirements

    @functools.cached_property
    def default_timeout(self) -> float:
        """After how many seconds luigi's settings end a build that says nothing of it; read once for all."""
        return float(luigi.configuration.get_config().getint("worker", "timeout", 0))

    def task_of(self, number: int) -> luigi.Task:
        """The task of a node."""
        task: luigi.Task = self.work_of(number).task
        return task

    def work_of(self, number: int) -> TaskWork:
        """The work of a node."""
        work = self.graph.nodes[number].work
        assert isinstance(work, TaskWork)
        return work

    def _walk(self, root: luigi.Task) -> int:
        """The node of `root`, when all that it requires has joined the graph."""
        first = self._numbers.identity(root)
        number = self._numbers.of(first)
        if number is not None:
            return number
        open_: dict[Identity, luigi.Task] = {first: root}
        stack: list[tuple[luigi.Task, Identity, _Visit]] = [(root, first, self._visit(root, first))]
        answer: int | None = None  # to what the visit has asked for; None at its beginning
        while stack:
            task, identity, visit = stack[-1]
            try:
                required = next(visit) if answer is None else visit.send(answer)
            except StopIteration as stop:
                answer = self._enter(task, identity, stop.value)
                del open_[identity]
                stack.pop()
                continue
            if not isinstance(required, luigi.Task):
                raise DeclarationError(f"{task!r} requires {required!r}, which is no task")
            identity = self._numbers.identity(required)
            answer = self._numbers.of(identity)
            if answer is not None:
                continue
            if identity in open_:
                path = list(open_)[list(open_).index(identity) :]
                raise CycleError([repr(open_[one]) for one in [*path, identity]])
            open_[identity] = required
            stack.append((required, identity, self._visit(required, identity)))
        assert answer is not None
        return answer

    def _enter(self, task: luigi.Task, identity: Identity, number: int) -> int:
        self._numbers.enter_as(identity, task, number)
        if isinstance(task, BaseWorkflow):
            self._numbers.enter(task, number)  # law writes `branches` in another way by now
        return number

    # ------------------------------------------------------------------------------- kinds of tasks

    def _visit(self, task: Any, identity: Identity) -> _Visit:
        """Ask for what `task` requires, then make its node."""
        if type(task) not in self._met:
            self._met.add(type(task))
            self._meet(type(task))
        if isinstance(task, PartOfTask):
            return self._visit_only(task)
        if isinstance(task, luigi.WrapperTask | law.WrapperTask) and not getattr(task, "wrap_once", False):
            return self._visit_wrapper(task)
        if not isinstance(task, DerivedTask):
            return self._visit_foreign(task)
        if is_workflow(task):
            return self._visit_workflow(task)
        if isinstance(task, law.ExternalTask | luigi.ExternalTask):
            return self._visit_foreign(task)
        return self._visit_derived(task, identity)

    def _visit_all(self, structure: Any) -> Generator[luigi.Task, int, Mapping[str, int]]:
        """The nodes of the tasks in `structure`, by role."""
        if isinstance(structure, luigi.Task):  # the ordinary case first
            return {"": (yield structure)}
        required = list(leaves(structure))
        numbers: dict[str, int] = {}
        for role, task in required:
            numbers[role] = yield task
        if len(numbers) < len(required):  # such as {1: …, "1": …}
            roles = sorted({role for role, _ in required if sum(role == other for other, _ in required) > 1})
            raise DeclarationError(f"two requirements stand at the same place {roles}: name them differently")
        return numbers

    def _visit_wrapper(self, task: luigi.Task) -> _Visit:
        inputs = yield from self._visit_all(held(task.requires()))
        return self.graph.add(GroupNode(TaskWork(task, None, self), inputs))

    def _visit_only(self, task: Any) -> _Visit:
        inputs = yield from self._visit_all(task.requires())
        return self.graph.add(GroupNode(TaskWork(task.task, None, self), inputs, only=tuple(task.outputs)))

    def _visit_foreign(self, task: luigi.Task) -> _Visit:
        work = ForeignTaskWork(task, None, self, self._memo)
        # as luigi does: what a complete task requires is not looked at
        if not work.external and not work.complete():
            work = ForeignTaskWork(task, held(task.requires()), self, self._memo)
        inputs = yield from self._visit_all(work.requirements)
        return self.graph.add(ForeignNode(work, inputs))

    def _visit_derived(self, task: Any, identity: Identity) -> _Visit:
        requirements = held(task.requires())
        inputs = yield from self._visit_all(requirements)
        if not isinstance(task, BaseWorkflow):
            return self.graph.add(DerivedNode(self.derived_work(task, requirements, identity), inputs))
        # a branch on its own: what the workflow requires comes before it
        workflow = task.as_workflow()
        after = yield from self._visit_all(workflow.workflow_proxy.requires())
        return self._add_branch(task, workflow, requirements, inputs, after)

    def _visit_workflow(self, task: Any) -> _Visit:
        """A workflow: a group of branches, which come after what the workflow as a whole requires."""
        if task.effective_workflow != "local":
            raise DeclarationError(
                f"{task!r} is to run as a workflow of type {task.effective_workflow!r}; this version of lawnix builds "
                "branches on this machine only: use --workflow local"
            )
        requirements = self.required_by_workflow(task)
        after = yield from self._visit_all(requirements)
        condition = getattr(type(task), "_condition_attr", None)
        work = TaskWork(task, None, self)
        if condition is not None and not getattr(task, condition)():
            expand = functools.partial(self._expand, task, after)
            return self.graph.add(GroupNode(work, {}, tuple(after.values()), expand=expand))
        members = yield from self._visit_branches(task, after)
        threshold = task.acceptance * len(members) if task.acceptance <= 1 else task.acceptance
        threshold = math.inf if threshold >= len(members) else threshold
        return self.graph.add(GroupNode(work, members, tuple(after.values()), threshold=threshold))

    def _visit_branches(
        self, task: Any, after: Mapping[str, int]
    ) -> Generator[luigi.Task, int, Mapping[str, int]]:
        members: dict[int, int] = {}
        numbers = branch_map_of(task)
        branches = self._makers.of_branches(task, next(iter(numbers))) if numbers else None
        tasks = branch_tasks(task) if branches is None else {}
        for number in numbers:
            branch = tasks[number] if branches is None else branches.branch(number)
            node = self._numbers.find(branch)
            if node is None:
                requirements = held(own(branch, "requires")())
                inputs = yield from self._visit_all(requirements)
                node = self._add_branch(branch, task, requirements, inputs, after)
                self._numbers.enter(branch, node)
            members[number] = node
        return Members(members)

    def _add_branch(
        self,
        branch: Any,
        workflow: Any,
        requirements: Any,
        inputs: Mapping[str, int],
        after: Mapping[str, int],
    ) -> int:
        work = self._branch_work(branch, workflow, requirements)
        if work.family.reads_workflow_inputs:
            inputs = {**inputs, **{f"workflow:{role}": number for role, number in after.items()}}
        ends = (inputs, tuple(after.values()))
        if ends == self._ends:  # as those of most other branches: the same serves all
            ends = self._ends
        self._ends = ends
        return self.graph.add(DerivedNode(work, *ends))

    def _branch_work(self, branch: Any, workflow: Any, requirements: Any) -> DerivedTaskWork:
        siblings = self._siblings.get(id(workflow))
        number = state_of(branch)["branch"]
        branches = self._makers.of_branches(workflow, number)
        if siblings is None:
            siblings = Siblings(
                branch, self._family(type(branch)), workflow.get_branch_map(), self._enclosure(branch)
            )
            if are_alike(workflow):
                self._siblings[id(workflow)] = siblings
        if branches is None or branches.has_more(branch):
            return DerivedTaskWork(branch, requirements, self, siblings)
        return BranchWork(branches, number, self, siblings)

    def _expand(self, task: Any, after: Mapping[str, int]) -> Mapping[str, int]:
        """The branches of a workflow whose condition is met now."""
        task._branch_map = task._branch_tasks = None  # what was asked for too early
        self._siblings.pop(id(task), None)
        self._makers.forget(task)
        visit = self._visit_branches(task, after)
        number: int | None = None
        with remembered(self.known), passing(self.examples):
            while True:
                try:
                    required = next(visit) if number is None else visit.send(number)
                except StopIteration as stop:
                    members: Mapping[str, int] = stop.value
                    return members
                number = self._walk(required)

    def _enclosure(self, task: luigi.Task) -> "Enclosure | None":
        """What a task is built in; most are built in the process of the run, and need nothing of all that."""
        if not isinstance(task, law.SandboxTask) and self._settings.isolation != "enforce":
            return None
        return self._sandboxes.of(task)

    @functools.cached_property
    def _sandboxes(self) -> "Sandboxes":
        from lawnix.task.sandboxes import Sandboxes

        return Sandboxes(self._settings)

    def _family(self, cls: type) -> Family:
        if cls not in self._families:
            self._families[cls] = family_in_store(cls, self._settings, self._store)
        return self._families[cls]
