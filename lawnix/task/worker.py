"""lawnix's worker, in the place of luigi's: `law run`, `luigi.build` and `%ilaw` use it with a local scheduler.

With a central one, luigi's own worker runs the same tasks one by one.
"""

import gc
import logging
from typing import TYPE_CHECKING, Any

import law
import luigi

from lawnix.errors import LawnixError
from lawnix.task.arguments import on_command_line
from lawnix.task.history import History
from lawnix.task.results import Shelf, all_there, publish
from lawnix.task.session import session
from lawnix.task.standing import standing_of

if TYPE_CHECKING:
    from lawnix.task.planned import PlannedRoots
    from lawnix.task.told import Blocked

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
        self._planned: PlannedRoots | None = None  # the others
        self.blocked: Blocked | None = (
            None  # what could not run; luigi's own way to find out serves until it is known
        )

    def add(self, task: luigi.Task, multiprocess: bool = False, processes: int = 0) -> bool:
        """Take `task` in; False if it, or something that it requires, cannot be walked."""
        standing = standing_of(task, session())
        if standing is not None and standing.is_whole:
            self._standing.append(standing.shelf())
            self._add_task_history.append((task, "DONE", True))
            return True
        try:
            if self._to_plan().add(task, standing):
                return True
        except (
            Exception
        ) as error:  # the author's requires(), complete() or output(): as luigi does, the run goes on
            return self._broken(task, error)
        self._left_to_luigi += 1
        return bool(super().add(task, multiprocess, processes))

    def _to_plan(self) -> "PlannedRoots":
        from lawnix.task.planned import PlannedRoots  # where all stands, nothing of it is needed

        self._planned = self._planned or PlannedRoots(session())
        return self._planned

    def run(self) -> bool:
        """Build what the tasks need; True if nothing failed."""
        done = bool(super().run()) if self._left_to_luigi else True
        planned = self._planned if self._planned is not None and self._planned.tasks else None
        if planned is None and not self._standing:
            return done and self.add_succeeded
        if not self._left_to_luigi:  # else they have been called already
            for function in law.patches._before_run_funcs:
                function()
        here = session()
        shelves = list(self._standing)
        if shelves:
            logger.info("%s", all_there(sum(len(shelf.used) for shelf in shelves)))
        self.run_succeeded = True
        if planned is not None:
            try:
                plan = planned.plan()
            except Exception as error:
                for task in planned.tasks:
                    self._broken(task, error)
                return False
            self.run_succeeded = planned.build(
                plan, self._add_task_history, self._count(here.settings.workers)
            )
            if not self._left_to_luigi:
                self.blocked = planned.blocked
            shelves += planned.ended(plan)
        if here.settings.results is not None:
            publish(shelves, here, here.settings.results)
        if planned is None and not self._left_to_luigi and on_command_line():
            gc.freeze()  # nothing was run: what lives by now need not be searched when the process ends
        return done and self.run_succeeded

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
            from lawnix.task.planned import shelves_of

            publish(shelves_of(self._roots, here), here, here.settings.results)
        return done
