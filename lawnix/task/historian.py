"""What a run tells luigi while it builds: its history, and its events."""

import logging
import time
from array import array
from collections.abc import Iterator
from typing import Final

import luigi

from lawnix.core.realization import Realization
from lawnix.engine.graph import GroupNode
from lawnix.engine.messages import Failed
from lawnix.engine.numbered import NumberSet
from lawnix.engine.plan import Plan
from lawnix.engine.report import Reporter
from lawnix.errors import MissingInputError
from lawnix.task.history import History, Said
from lawnix.task.told import Blocked, ToldTask, blocked, told_task
from lawnix.task.work import TaskWork

logger = logging.getLogger("luigi-interface")

_ASKED: Final = "ASKED"  # no status of luigi's: it stands for nothing but that the task was asked for


class Historian:
    """Writes luigi's history of a run, triggers its events, and hands everything on to who shows it."""

    def __init__(self, plan: Plan, history: History, shown: Reporter) -> None:
        self._plan = plan
        self._history = history
        self._shown = shown
        self._said: dict[tuple[str, bool], array[int]] = {}  # nodes by what is said of them
        self._started = NumberSet()
        self._since: dict[int, float] = {}  # of what runs
        self._failed: set[int] = set()
        self._known = NumberSet()  # before anything ran

    def planned(self, plan: Plan) -> None:
        """Roots first: luigi takes the first entry for the root task."""
        for root in plan.graph.roots:
            status = "DONE" if root in plan.settled else _ASKED
            self._history.append((told_task(plan, root), status, True))
        self._history.go_on(self._told)
        self._known = NumberSet(plan.settled)
        self._shown.planned(plan)

    def started(self, number: int) -> None:
        """As luigi's START."""
        if number not in self._started:
            self._started.add(number)
            self._add(number, "PENDING")
        self._since[number] = time.monotonic()
        self._trigger(number, luigi.Event.START)
        self._shown.started(number)

    def printed(self, number: int, text: bytes) -> None:
        """Nothing for luigi."""
        self._shown.printed(number, text)

    def built(self, number: int, realization: Realization | None) -> None:
        """As luigi's SUCCESS and PROCESSING_TIME."""
        self._trigger(number, luigi.Event.PROCESSING_TIME, time.monotonic() - self._since.pop(number))
        self._trigger(number, luigi.Event.SUCCESS)
        self._add(number, "DONE")
        self._shown.built(number, realization)

    def suspended(self, number: int) -> None:
        """As luigi's PENDING after a task yielded others."""
        self._shown.suspended(number)

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """As luigi's FAILURE."""
        error = self._plan.broken.get(number)
        self._failed.add(number)
        if isinstance(error, MissingInputError):
            self._add(number, "PENDING", runs=False)  # luigi's way to say: an external task without its data
        elif number in self._started:
            self._add(number, "FAILED")
            self._trigger(number, luigi.Event.FAILURE, RuntimeError(failure.summary))
        else:
            self._add(number, "UNKNOWN", runs=False)
        self._shown.failed(number, failure, again=again)

    def ended(self) -> None:
        """What had no build of its own: it came out as it was, stands for others, or could not run."""
        for number, node in enumerate(self._plan.graph.nodes):
            if number in self._started or number in self._failed:
                continue
            if number not in self._plan.settled:
                if self._plan.demanded(number):
                    self._add(number, "PENDING")
            elif number not in self._known:
                if isinstance(node, GroupNode):
                    self._add(number, "PENDING")
                self._add(number, "DONE")
        self._shown.ended()

    @property
    def blocked(self) -> Blocked:
        """What could not run, by reason."""
        return blocked(self._plan, self._failed, self._started)

    def _add(self, number: int, status: str, *, runs: bool = True) -> None:
        self._said.setdefault((status, runs), array("i")).append(number)

    def _told(self) -> Iterator[Said]:
        made: dict[int, ToldTask] = {}  # most are told of twice
        for (status, runs), numbers in self._said.items():
            for number in numbers:
                if number not in made:
                    made[number] = told_task(self._plan, number)
                yield made[number], status, runs

    def _trigger(self, number: int, event: str, *told: object) -> None:
        if luigi.Task._event_callbacks:  # else there is nobody to tell, and no need for the task
            work = self._plan.graph.nodes[number].work
            assert isinstance(work, TaskWork)
            task = work.task
            task.trigger_event(event, task, *told)
