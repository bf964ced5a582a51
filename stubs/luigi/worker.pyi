import multiprocessing
from types import TracebackType
from typing import Any, Self

from luigi.task import Config, Task

class TaskException(Exception): ...

class worker(Config):
    id: str
    ping_interval: float
    keep_alive: bool
    count_uniques: bool
    count_last_scheduled: bool
    wait_interval: float
    wait_jitter: float
    max_keep_alive_idle_duration: Any
    max_reschedules: int
    timeout: int
    task_limit: int | None
    retry_external_tasks: bool
    send_failure_email: bool
    no_install_shutdown_handler: bool
    check_unfulfilled_deps: bool
    check_complete_on_run: bool
    force_multiprocessing: bool
    task_process_context: str | None
    cache_task_completion: bool

class TaskProcess(multiprocessing.Process): ...

class TaskStatusReporter:
    def __init__(self, scheduler: Any, task_id: str, worker_id: str, scheduler_messages: Any) -> None: ...

class Worker:
    _config: worker
    _scheduler: Any
    _id: str
    _scheduled_tasks: dict[str, Task]
    _add_task_history: list[Any]
    _get_work_response_history: list[Any]
    add_succeeded: bool
    run_succeeded: bool
    worker_processes: int
    host: str
    def __init__(self, scheduler: Any = None, worker_id: str | None = None, worker_processes: int = 1, assistant: bool = False, **kwargs: Any) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, type: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> Any: ...
    def add(self, task: Task, multiprocess: bool = False, processes: int = 0) -> bool: ...
    def run(self) -> bool: ...

def check_complete_cached(task: Task, completion_cache: Any = None) -> bool: ...
