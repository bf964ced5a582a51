"""luigi's execution summary: why tasks were left pending, said from the graph of the run.

luigi finds it out from `requires()`, recursively: it knows nothing of branches and of what was found at run time, and
a long chain of tasks meets Python's limit of recursion.
"""

import functools
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

import luigi
import luigi.execution_summary

if TYPE_CHECKING:
    from lawnix.task.told import Blocked


_LONG: Final = 60  # characters of the names of parameters; luigi's


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
        tasks = _partitioned(worker)
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


def _partitioned(worker: Any) -> dict[str, set[Any]]:
    """As luigi's, which goes through the history many times, of entries that are made for each."""
    history = worker._add_task_history
    worker._add_task_history = list(history)
    try:
        return luigi.execution_summary._partition_tasks(worker)
    finally:
        worker._add_task_history = history


def _is_long(tasks: Collection[Any]) -> bool:
    """Whether luigi shows nothing of the parameters of these tasks, of one family, since they have so many."""
    return sum(len(name) for name, _ in next(iter(tasks)).get_params()) > _LONG
