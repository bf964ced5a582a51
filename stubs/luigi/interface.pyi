from collections.abc import Iterable
from typing import Any

from luigi.execution_summary import LuigiRunResult
from luigi.scheduler import Scheduler
from luigi.task import Config, Task
from luigi.worker import Worker

class core(Config):
    local_scheduler: bool
    scheduler_host: str
    scheduler_port: int
    scheduler_url: str
    workers: int
    no_lock: bool
    parallel_scheduling: bool
    parallel_scheduling_processes: int
    assistant: bool
    log_level: str

class _WorkerSchedulerFactory:
    def create_local_scheduler(self) -> Any: ...
    def create_remote_scheduler(self, url: str) -> Any: ...
    def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> Any: ...

def _schedule_and_run(tasks: Any, worker_scheduler_factory: Any = None, override_defaults: Any = None) -> Any: ...
def _run(*args: Any, **kwargs: Any) -> Any: ...
def run(*args: Any, **kwargs: Any) -> Any: ...
def build(
    tasks: Iterable[Task],
    worker_scheduler_factory: Any = None,
    detailed_summary: bool = False,
    **env_params: Any,
) -> Any: ...
