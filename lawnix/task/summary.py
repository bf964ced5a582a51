"""luigi's execution summary: why tasks were left pending, said from the graph of the run.

luigi finds it out from `requires()`, recursively: it knows nothing of branches and of what was found at run time, and
a long chain of tasks meets Python's limit of recursion.
"""

import functools
from typing import Any

import luigi
import luigi.execution_summary

from lawnix.engine.plan import Plan
from lawnix.errors import MissingInputError
from lawnix.task.work import TaskWork

Blocked = dict[str, set[luigi.Task]]
"""The tasks that could not run, by luigi's words for the reason."""

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


def _above(plan: Plan, numbers: list[int]) -> set[luigi.Task]:
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
                work = graph.nodes[other].work
                assert isinstance(work, TaskWork)
                tasks.add(work.task)
    return tasks


def install() -> None:
    """Let the summary say what a worker of ours knows; done once."""
    summary_dict = luigi.execution_summary._summary_dict
    if hasattr(summary_dict, "__lawnix__"):
        return

    @functools.wraps(summary_dict)
    def telling(worker: Any) -> dict[str, set[luigi.Task]]:
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

    telling.__lawnix__ = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    luigi.execution_summary._summary_dict = telling
