"""What a run tells luigi: the history that its summary and return codes are made from, and its events."""

import logging
import time

import luigi

from lawnix.core.realization import Realization
from lawnix.engine.messages import Failed
from lawnix.engine.graph import GroupNode
from lawnix.engine.plan import Plan
from lawnix.engine.report import Reporter
from lawnix.errors import MissingInputError
from lawnix.task.work import TaskWork

logger = logging.getLogger("luigi-interface")

_History = list[tuple[luigi.Task, str, bool]]


class Historian:
    """Writes luigi's history of a run, triggers its events, and hands everything on to who shows it."""

    def __init__(self, plan: Plan, history: _History, shown: Reporter) -> None:
        self._plan = plan
        self._history = history
        self._shown = shown
        self._since: dict[int, float] = {}
        self._pending: set[int] = set()

    def planned(self, plan: Plan) -> None:
        """Roots first: luigi takes the first entry for the root task."""
        for root in plan.graph.roots:
            if root in plan.settled:
                self._add(root, "DONE")
            elif root not in plan.broken:
                self._await(root)
        for number in range(len(plan.graph)):
            if number not in plan.settled and number not in plan.broken and plan.demanded(number):
                self._await(number)
        self._shown.planned(plan)

    def started(self, number: int) -> None:
        """As luigi's START."""
        self._await(number)
        self._since[number] = time.monotonic()
        self._task(number).trigger_event(luigi.Event.START, self._task(number))
        self._shown.started(number)

    def printed(self, number: int, text: bytes) -> None:
        """Nothing for luigi."""
        self._shown.printed(number, text)

    def built(self, number: int, realization: Realization | None) -> None:
        """As luigi's SUCCESS and PROCESSING_TIME."""
        task = self._task(number)
        task.trigger_event(luigi.Event.PROCESSING_TIME, task, time.monotonic() - self._since[number])
        task.trigger_event(luigi.Event.SUCCESS, task)
        self._add(number, "DONE")
        self._shown.built(number, realization)

    def suspended(self, number: int) -> None:
        """As luigi's PENDING after a task yielded others."""
        self._shown.suspended(number)

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """As luigi's FAILURE."""
        task = self._task(number)
        error = self._plan.broken.get(number)
        if isinstance(error, MissingInputError):
            self._history.append(
                (task, "PENDING", False)
            )  # luigi's way to say: an external task without its data
        elif number in self._since:
            self._await(number)
            self._add(number, "FAILED")
            task.trigger_event(luigi.Event.FAILURE, task, RuntimeError(failure.summary))
        else:
            self._history.append((task, "UNKNOWN", False))
        self._shown.failed(number, failure, again=again)

    def ended(self) -> None:
        """Groups have no build of their own that would say so."""
        for number in sorted(self._pending):
            if number in self._plan.settled and isinstance(self._plan.graph.nodes[number], GroupNode):
                self._add(number, "DONE")
        self._shown.ended()

    def _await(self, number: int) -> None:
        if number not in self._pending:
            self._pending.add(number)
            self._add(number, "PENDING")

    def _add(self, number: int, status: str) -> None:
        self._history.append((self._task(number), status, True))

    def _task(self, number: int) -> luigi.Task:
        work = self._plan.graph.nodes[number].work
        assert isinstance(work, TaskWork)
        return work.task
