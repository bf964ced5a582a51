"""lawnix's worker, in the place of luigi's.

It comes in where law's own does: through the factory that luigi asks for a worker. `law run`, `luigi.build` and `%ilaw`
use it with a local scheduler; with a central one, luigi's own worker runs the same tasks one by one.
"""

import functools
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import law
import luigi
from luigi.scheduler import Scheduler

from lawnix.engine.graph import DerivedNode, GroupNode
from lawnix.engine.plan import Plan, make_plan
from lawnix.engine.realize import Outcome
from lawnix.errors import LawnixError
from lawnix.store.bulk import undisturbed
from lawnix.task.history import Historian, History
from lawnix.task.keeper import Keeper
from lawnix.task.notebook import forget_at_each_cell, forget_tasks, in_notebook
from lawnix.task.progress import all_there, reporter_for
from lawnix.task.results import Shelf, publish, shelf_of
from lawnix.task.run import plan_of, run_plan
from lawnix.task.session import TaskSession, session
from lawnix.task.standing import shelf_that_stands
from lawnix.task.summary import Blocked
from lawnix.task.walk import Walker

logger = logging.getLogger("luigi-interface")  # where luigi's users look


class Worker(luigi.worker.Worker):
    """A luigi worker that plans the whole graph at once and builds it on workers that live for the whole run.

    Graphs without lawnix tasks are left to luigi.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._add_task_history: History = History()
        self._left_to_luigi = 0
        self._standing: list[Shelf] = []  # what stands, so that there is nothing to plan
        self.blocked: Blocked | None = (
            None  # what could not run; luigi's own way to find out serves until it is known
        )

    @functools.cached_property
    def _keeper(self) -> Keeper:
        return Keeper(session())

    @functools.cached_property
    def _walker(self) -> Walker:
        here = session()
        return Walker(here.settings, here.memo, here.store, self._keeper.meet)

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> bool:
        """Take `task` in; False if it, or something that it requires, cannot be walked."""
        shelf = shelf_that_stands(task, session())
        if shelf is not None:
            self._standing.append(shelf)
            self._add_task_history.append((task, "DONE", True))
            return True
        try:
            first = len(self._walker.graph)
            with undisturbed():
                (number,) = self._walker.walk([task])
            self._walker.check_families()
        except (
            Exception
        ) as error:  # the author's requires(), complete() or output(): as luigi does, the run goes on
            return self._broken(task, error)
        nodes = self._walker.graph.nodes
        if number < first or any(isinstance(node, DerivedNode | GroupNode) for node in nodes[first:]):
            self._walker.graph.roots.append(number)
            return True
        self._left_to_luigi += 1
        return bool(super().add(task, multiprocess, processes))

    def run(self) -> bool:
        """Build what the tasks need; True if nothing failed."""
        done = bool(super().run()) if self._left_to_luigi else True
        roots = self._walker.graph.roots
        if not roots and not self._standing:
            return done and self.add_succeeded
        if not self._left_to_luigi:  # else they have been called already
            for function in law.patches._before_run_funcs:
                function()
        here = session()
        shelves = list(self._standing)
        if shelves:
            logger.info("%s", all_there(sum(len(shelf.used) for shelf in shelves)))
        self.run_succeeded = True
        if roots:
            plan = self._planned(here)
            if plan is None:
                return False
            self._build(plan, here)
            ended = {root: shelf_of(plan, root) for root in roots if root in plan.settled}
            shelves += ended.values()
            self._keeper.keep(plan, ended)
        if here.settings.results is not None:
            publish(shelves, here, here.settings.results)
        return done and self.run_succeeded

    def _planned(self, here: TaskSession) -> Plan | None:
        try:
            here.store.refresh()
            with undisturbed():
                return make_plan(self._walker.graph, here.engine, self._walker)
        except Exception as error:
            for root in self._walker.graph.roots:
                self._broken(self._walker.task_of(root), error)
            return None

    def _build(self, plan: Plan, here: TaskSession) -> None:
        historian = Historian(plan, self._add_task_history, reporter_for(here.settings.progress))
        with _terminable():
            try:
                outcome = run_plan(plan, here, self._count(here.settings.workers), historian)
            except KeyboardInterrupt:
                logger.warning("interrupted; what was built is kept, and the next run goes on from there")
                if in_notebook():
                    raise
                sys.exit(128 + signal.SIGINT)
        if not self._left_to_luigi:
            self.blocked = historian.blocked
        self.run_succeeded = self._succeeded(plan, outcome)

    def _count(self, configured: int) -> int:
        """How many processes build: what luigi was asked for, or else what the settings say."""
        return self.worker_processes if self.worker_processes > 1 else configured or self.worker_processes

    def _broken(self, task: luigi.Task, error: Exception) -> bool:
        """What luigi does about a task that cannot be scheduled."""
        if isinstance(error, LawnixError):
            logger.error("%s", error)
        else:
            logger.error("%s cannot be scheduled", task.get_task_family(), exc_info=error)
        self.add_succeeded = False
        self._add_task_history.append((task, "UNKNOWN", False))
        task.trigger_event(luigi.Event.BROKEN_TASK, task, error)
        return False

    def _succeeded(self, plan: Plan, outcome: Outcome) -> bool:
        return not outcome.failed and all(root in plan.settled for root in plan.graph.roots)


class ScheduledWorker(luigi.worker.Worker):
    """luigi's own worker, for a central scheduler; at its end the results of its root tasks are linked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._roots: list[luigi.Task] = []

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> bool:
        """As luigi's."""
        self._roots.append(task)
        return bool(super().add(task, multiprocess, processes))

    def run(self) -> bool:
        """As luigi's."""
        done = bool(super().run())
        here = session()
        if here.settings.results is not None and self.add_succeeded:
            _, plan = plan_of(self._roots, here)
            shelves = [shelf_of(plan, root) for root in plan.graph.roots if root in plan.settled]
            publish(shelves, here, here.settings.results)
        return done


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


def install() -> None:
    """Let luigi make our worker, and let every run begin with fresh tasks; done once."""
    factory = luigi.interface._WorkerSchedulerFactory
    create_worker = factory.create_worker
    if hasattr(create_worker, "__lawnix__"):
        return

    @functools.wraps(create_worker)
    def create(self: Any, scheduler: Any, worker_processes: int, assistant: bool = False) -> Any:
        if law.sandbox.base._sandbox_switched or assistant:
            return create_worker(self, scheduler, worker_processes, assistant)
        cls = Worker if isinstance(scheduler, Scheduler) else ScheduledWorker
        return cls(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant)

    create.__lawnix__ = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    factory.create_worker = create  # type: ignore[method-assign]  # the seam: law puts its own there, too

    run = luigi.interface._run

    @functools.wraps(run)
    def fresh_run(*args: Any, **kwargs: Any) -> Any:
        forget_tasks()  # luigi keeps every instance it ever made, with branch maps of long ago
        return run(*args, **kwargs)

    luigi.interface._run = fresh_run
    forget_at_each_cell()
