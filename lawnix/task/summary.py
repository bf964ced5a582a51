"""luigi's execution summary: why tasks were left pending, said from the graph of the run.

luigi finds it out from `requires()`, recursively: it knows nothing of branches and of what was found at run time, and
a long chain of tasks meets Python's limit of recursion.
"""

import functools
from collections.abc import Collection
from typing import Any

import luigi
import luigi.execution_summary

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

_LONG = 60  # characters of the names of parameters; luigi's

_FAILED, _MISSING, _UNSCHEDULED = (
    "upstream_failure",
    "upstream_missing_dependency",
    "upstream_scheduling_error",
)


def blocked(plan: Plan, failed: set[int], started: set[int]) -> Blocked:
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


def install() -> None:
    """Let the summary say what a worker of ours knows; done once."""
    summary_dict = luigi.execution_summary._summary_dict
    if hasattr(summary_dict, "__lawnix__"):
        return

    @functools.wraps(summary_dict)
    def telling(worker: Any) -> dict[str, set[Any]]:
        known: Blocked | None = getattr(worker, "blocked", None)
        if known is None:
            return summary_dict(worker)
        tasks = luigi.execution_summary._partition_tasks(worker)
        pending = tasks["still_pending_not_ext"]
        for reason, those in known.items():
            tasks[reason] |= pending & those
        explained = set().union(*known.values())
        tasks["not_run"] |= pending - explained
        return tasks

    listed = luigi.execution_summary._get_str

    @functools.wraps(listed)
    def listing(tasks: dict[str, list[Any]], extra_indent: bool) -> str:
        """As luigi's, which puts all tasks in order by their texts, also where it then shows none of them."""
        indent = " " * (8 if extra_indent else 4)
        lines = [
            f"{indent}- {len(tasks[family])} {family}(...)"
            if _is_long(tasks[family])
            else listed({family: tasks[family]}, extra_indent)
            for family in sorted(tasks)
        ]
        most = luigi.execution_summary.execution_summary().summary_length
        return "\n".join(lines if not 0 < most < len(lines) else [*lines[:most], f"{indent}..."])

    telling.__lawnix__ = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    luigi.execution_summary._summary_dict = telling
    luigi.execution_summary._get_str = listing


def _is_long(tasks: Collection[Any]) -> bool:
    """Whether luigi shows nothing of the parameters of these tasks, of one family, since they have so many."""
    return sum(len(name) for name, _ in next(iter(tasks)).get_params()) > _LONG
