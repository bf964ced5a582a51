"""Planned: the root tasks of a run that do not stand; they are walked, planned and built.

What that takes is loaded with this module: a run of what stands does without.
"""

import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import luigi

from lawnix.engine.graph import DerivedNode, GroupNode
from lawnix.engine.plan import Plan, make_plan
from lawnix.engine.realize import Outcome
from lawnix.store.bulk import undisturbed
from lawnix.task.fallen import Fallen, fallen_of
from lawnix.task.historian import Historian
from lawnix.task.history import History
from lawnix.task.keeper import Keeper
from lawnix.task.notebook import in_notebook
from lawnix.task.progress import reporter_for
from lawnix.task.results import Shelf
from lawnix.task.run import make_ready, plan_of, run_plan
from lawnix.task.session import TaskSession
from lawnix.task.shelves import shelf_of
from lawnix.task.standing import Standing
from lawnix.task.told import Blocked
from lawnix.task.walk import Walker

logger = logging.getLogger("luigi-interface")  # where luigi's users look


class PlannedRoots:
    """The root tasks of a run that are planned.

    Attributes:
        blocked: What could not run; None until it is known.
    """

    def __init__(self, here: TaskSession) -> None:
        self._here = here
        self._keeper = Keeper(here)
        self._walker = Walker(here.settings, here.memo, here.store, self._keeper.meet)
        self._leaning: dict[luigi.Task, Standing] = {}  # not walked: the only root, of which a part stands
        self._fallen: Fallen | None = None
        self.blocked: Blocked | None = None

    def add(self, task: luigi.Task, standing: Standing | None) -> bool:
        """Take `task` in; False if neither it nor what it requires has to do with lawnix, so that luigi can run it.

        Args:
            task: A root.
            standing: What stands of it.

        Raises:
            Exception: Whatever the author's `requires()`, `complete()` or `output()` raised, or a LawnixError.
        """
        if standing is not None:
            self._walker.fetched |= standing.fetched
            if not self.tasks:
                self._leaning[task] = standing
                return True
        self._walk_leaning()  # in order: of equal tasks the one that is met first counts
        return self._walk(task)

    def _walk_leaning(self) -> None:
        for task in list(self._leaning):
            self._walk(task)
            del self._leaning[task]

    def _walk(self, task: luigi.Task) -> bool:
        graph = self._walker.graph
        first = len(graph)
        with undisturbed():
            (number,) = self._walker.walk([task])
        self._walker.check_families()
        if number >= first and not any(isinstance(n, DerivedNode | GroupNode) for n in graph.nodes[first:]):
            return False
        graph.roots.append(number)
        return True

    @property
    def tasks(self) -> list[luigi.Task]:
        """These tasks."""
        return [*self._leaning, *(self._walker.task_of(root) for root in self._walker.graph.roots)]

    def plan(self) -> Plan:
        """What there is to do for them; of one alone, for what of it does not stand.

        Raises:
            SandboxError: A sandbox in which some of it may be built cannot be made.
        """
        plan = self._plan()
        make_ready(plan)
        return plan

    def _plan(self) -> Plan:
        for task, standing in self._leaning.items():
            with undisturbed():
                self._fallen = fallen_of(task, standing, self._here)
        if self._fallen is not None:
            return self._fallen.plan
        self._walk_leaning()
        self._here.store.refresh()
        with undisturbed():
            return make_plan(self._walker.graph, self._here.engine, self._walker)

    def build(self, plan: Plan, history: History, workers: int) -> bool:
        """Build what `plan` says with `workers` processes; True if nothing failed."""
        historian = Historian(plan, history, reporter_for(self._here.settings.progress))
        with _terminable():
            try:
                outcome = run_plan(plan, self._here, workers, historian)
            except KeyboardInterrupt:
                logger.warning("interrupted; what was built is kept, and the next run goes on from there")
                if in_notebook():
                    raise
                sys.exit(128 + signal.SIGINT)
        self.blocked = historian.blocked
        return _succeeded(plan, outcome)

    def ended(self, plan: Plan) -> list[Shelf]:
        """What is shown of those that have their results now; how they ended is kept for the next run."""
        with undisturbed():
            if self._fallen is not None:
                return self._fallen.ended()
            shelves = {root: shelf_of(plan, root) for root in plan.graph.roots if root in plan.settled}
            self._keeper.keep(plan, shelves)
            return list(shelves.values())


def shelves_of(tasks: Sequence[luigi.Task], here: TaskSession) -> list[Shelf]:
    """What is shown of these root tasks, as far as they have their results."""
    _, plan = plan_of(tasks, here)
    return [shelf_of(plan, root) for root in plan.graph.roots if root in plan.settled]


def _succeeded(plan: Plan, outcome: Outcome) -> bool:
    return not outcome.failed and all(root in plan.settled for root in plan.graph.roots)


@contextmanager
def _terminable() -> Iterator[None]:
    """Within, SIGTERM ends the run as Ctrl-C does, but with its own exit code."""

    def end(number: int, frame: FrameType | None) -> None:
        logger.warning("terminated; what was built is kept, and the next run goes on from there")
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
