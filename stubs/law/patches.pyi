from collections.abc import Callable
from typing import Any

import luigi

_before_run_funcs: list[Callable[[], object]]

def before_run(func: Callable[[], object], force: bool = False) -> bool: ...
def patch_all() -> None: ...
def check_complete_cached(task: luigi.Task, completion_cache: Any = None) -> bool: ...
