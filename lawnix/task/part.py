"""A part of a graph, made from how its root is kept: what is touched, and what that leans on."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import luigi

from lawnix.core.derivation import Derivation
from lawnix.core.realization import Realization
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.store.memo import StatMemo
from lawnix.task.branches import branch_tasks
from lawnix.task.copies import own, state_of
from lawnix.task.skeleton import Kind, Skeleton
from lawnix.task.standing import load
from lawnix.task.structure import held, leaves
from lawnix.task.walk import Walker
from lawnix.task.work import ForeignTaskWork, TaskWork

RESULTS: Final = (Kind.TASK, Kind.BRANCH)
_GROUPS: Final = (Kind.WRAPPER, Kind.WORKFLOW, Kind.PART)


def leaned_on_by(skeleton: Skeleton, touched: set[int]) -> set[int]:
    """What touched results read or wait for, through groups; some of it may be touched itself."""
    stack = [place for place in touched if skeleton.kind(place) in RESULTS]
    found: set[int] = set()
    while stack:
        place = stack.pop()
        for other in {*skeleton.reads(place), *skeleton.after(place)} - found:
            found.add(other)
            if skeleton.kind(other) in _GROUPS:
                stack.append(other)
    return found


class Part:
    """Makes the graph of what is touched, and of what that leans on.

    Attributes:
        numbers: The nodes that were made, by their places in the skeleton.
    """

    def __init__(
        self,
        walker: Walker,
        skeleton: Skeleton,
        known: Mapping[int, tuple[Derivation, Realization]],
        workflows: Sequence[Any],
        memo: StatMemo,
    ) -> None:
        self.numbers: dict[int, int] = {}
        self._walker = walker
        self._graph = walker.graph
        self._skeleton = skeleton
        self._known = known
        self._workflows = workflows
        self._memo = memo

    def make(self, touched: set[int], leaned_on: set[int], root: luigi.Task) -> None:
        """Make all nodes."""
        last = len(self._skeleton) - 1  # the root, which reads all others
        for place in sorted(touched):
            kind = self._skeleton.kind(place)
            task = root if place == last else self._task(place, kind)
            if kind in RESULTS:
                self._add_result(place, task)
            elif kind is Kind.FOREIGN:
                self._add_foreign(place, task)
            else:  # who stands for others is asked for those that stand only if somebody reads them
                asked = place in leaned_on and kind is not Kind.PART  # of which the whole is there already
                self._add_group(place, task, _members(kind, task) if asked else {})
        self._graph.roots.append(self.numbers[last])

    def _task(self, place: int, kind: Kind) -> Any:
        if kind is Kind.PART:
            (whole,) = self._skeleton.reads(place)
            return self._walker.task_of(self.numbers[whole])
        if kind in (Kind.BRANCH, Kind.WORKFLOW):
            of, number = self._skeleton.branch(place)
            workflow = self._workflows[of]
            return workflow if kind is Kind.WORKFLOW else self._walker.branch_of(workflow, number)
        return load(self._skeleton.name(place))

    def _add_result(self, place: int, task: Any) -> None:
        """A result that does not stand, with what it reads."""
        requirements = held(own(task, "requires")())
        required = dict(leaves(requirements))
        after = self._skeleton.after(place)
        if after:
            before_it = dict(leaves(self._walker.required_by_workflow(task.as_workflow())))
            for other, first in zip(after, before_it.values(), strict=True):
                self._lean_on(other, first)
            required |= {f"workflow:{role}": first for role, first in before_it.items()}
        inputs = self._skeleton.inputs(place)
        for role, other in inputs.items():
            self._lean_on(other, required[role])
        node = DerivedNode(
            self._walker.derived_work(task, requirements),
            {role: self.numbers[other] for role, other in inputs.items()},
            tuple(self.numbers[other] for other in after),
        )
        self._enter(place, task, self._graph.add(node))

    def _add_foreign(self, place: int, task: luigi.Task) -> None:
        node = ForeignNode(ForeignTaskWork(task, None, self._walker, self._memo), {})
        self._enter(place, task, self._graph.add(node))

    def _add_group(self, place: int, task: Any, members: Mapping[str, Any]) -> None:
        """What stands for others: for those that are in the graph already, and for `members`."""
        inputs = self._skeleton.inputs(place)
        for role, member in members.items():
            self._lean_on(inputs[role], member)
        node = GroupNode(
            TaskWork(task, task, self._walker),
            {role: self.numbers[other] for role, other in inputs.items() if other in self.numbers},
            only=self._skeleton.only(place),
        )
        self.numbers[place] = self._graph.add(node)

    def _lean_on(self, place: int, task: Any) -> None:
        """Let what is read be in the graph."""
        if place in self.numbers:
            return
        kind = self._skeleton.kind(place)
        if kind is Kind.FOREIGN:
            self._add_foreign(place, self._met_first(place, task))
        elif kind in _GROUPS:
            task = self._met_first(place, task) if kind is Kind.WRAPPER else task
            members = _members(kind, task)
            self._add_group(place, task.task if kind is Kind.PART else task, members)
        else:
            derivation, realization = self._known[place]
            number = self._graph.add(DerivedNode(self._walker.derived_work(task, None), {}, (), derivation))
            self._graph.standing[number] = realization
            self._enter(place, task, number)

    def _met_first(self, place: int, task: Any) -> Any:
        """The one that the walk had met first of tasks that differ in insignificant parameters alone; it counts."""
        name = self._skeleton.name(place)
        state, written = state_of(task), name[2]
        is_it = all(
            parameter.significant or str(parameter.serialize(state[each])) == written[each]
            for each, parameter in task.get_params()
        )
        return task if is_it else load(name)

    def _enter(self, place: int, task: Any, number: int) -> None:
        self.numbers[place] = number
        self._walker.enter(task, number)


def _members(kind: Kind, task: Any) -> Mapping[str, Any]:
    """What a task stands for, by role."""
    if kind is Kind.WORKFLOW:
        return {str(number): branch for number, branch in branch_tasks(task).items()}
    return dict(leaves(held(task.requires())))
