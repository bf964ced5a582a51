from typing import Any

from luigi.task import Config

class retcode(Config):
    unhandled_exception: int
    missing_data: int
    task_failed: int
    already_running: int
    scheduling_error: int
    not_run: int

def run_with_retcodes(argv: Any) -> Any: ...
