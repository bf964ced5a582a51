"""What could not run, and why, as luigi's summary tells it: found out from the graph of the run."""

from collections.abc import Set
from typing import Any

from lawnix.engine.plan import Plan
from lawnix.errors import MissingInputError
from lawnix.task.work import TaskWork


class ToldTask:
    """A task of a run, for luigi's summary, which mostly counts: the task itself is made when more is asked."""

    __slots__ = ("_work",)

    def __init__(self, work: TaskWork) -> None:
        self._work = work

    @property
    def task_family(self) -> str:
        """As luigi's."""
        return self._work.label

    def __getattr__(self, name: str) -> Any:
        return getattr(self._work.task, name)

    def __str__(self) -> str:
        return self._work.title()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToldTask) and other._work is self._work

    def __hash__(self) -> int:
        return hash(self._work)


def told_task(plan: Plan, number: int) -> ToldTask:
    """The task of a node."""
    work = plan.graph.nodes[number].work
    assert isinstance(work, TaskWork)
    return ToldTask(work)


Blocked = dict[str, set[ToldTask]]
"""The tasks that could not run, by luigi's words for the reason."""

_FAILED, _MISSING, _UNSCHEDULED = (
    "upstream_failure",
    "upstream_missing_dependency",
    "upstream_scheduling_error",
)


def blocked(plan: Plan, failed: Set[int], started: Set[int]) -> Blocked:
    """What could not run because of the nodes that `failed`, some of them after they had `started`."""
    causes: dict[str, list[int]] = {_FAILED: [], _MISSING: [], _UNSCHEDULED: []}
    for number in failed:
        if number in started:
            causes[_FAILED].append(number)
        elif isinstance(plan.broken.get(number), MissingInputError):
            causes[_MISSING].append(number)
        else:
            causes[_UNSCHEDULED].append(number)
    return {reason: _above(plan, numbers) for reason, numbers in causes.items()}


def _above(plan: Plan, numbers: list[int]) -> set[ToldTask]:
    """The tasks that wait for `numbers`, and for those that do."""
    graph = plan.graph
    seen = {number for number in numbers if number not in plan.settled}
    stack, tasks = list(seen), set()
    while stack:
        number = stack.pop()
        for other in (*graph.consumers[number], *graph.followers[number]):
            if other not in seen and other not in plan.settled:
                seen.add(other)
                stack.append(other)
                tasks.add(told_task(plan, other))
    return tasks
