"""Where lawnix's worker comes in: as law's own, through the factory that luigi asks for a worker."""

import functools
from typing import Any

import law
import luigi
from luigi.scheduler import Scheduler

from lawnix.store.bulk import undisturbed
from lawnix.task.notebook import forget_at_each_cell, forget_tasks


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
        with undisturbed():  # a task class is used without a run, too, so it is loaded here
            from lawnix.task.worker import ScheduledWorker, Worker

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
