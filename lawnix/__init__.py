"""lawnix: law tasks as derivations, their outputs in a digested store."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lawnix.errors import LawnixError
    from lawnix.task.base import ExternalTask, Task, WrapperTask
    from lawnix.task.code.faces import tracked
    from lawnix.task.code.tracked import tracked_file
    from lawnix.task.code.untracked import untracked
    from lawnix.task.fetch import Fetch
    from lawnix.task.only import only
    from lawnix.workflow.local import LocalWorkflow

__version__ = "0.1.0"

__all__ = [
    "ExternalTask",
    "Fetch",
    "LawnixError",
    "LocalWorkflow",
    "Task",
    "WrapperTask",
    "__version__",
    "only",
    "tracked",
    "tracked_file",
    "untracked",
]

_HOMES = {
    "ExternalTask": "lawnix.task.base",
    "Fetch": "lawnix.task.fetch",
    "LawnixError": "lawnix.errors",
    "LocalWorkflow": "lawnix.workflow.local",
    "Task": "lawnix.task.base",
    "WrapperTask": "lawnix.task.base",
    "only": "lawnix.task.only",
    "tracked": "lawnix.task.code.faces",
    "tracked_file": "lawnix.task.code.tracked",
    "untracked": "lawnix.task.code.untracked",
}


def __getattr__(name: str) -> Any:
    """Load a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with _kept():
        value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


@contextmanager
def _kept() -> Iterator[None]:
    """Within, nothing is searched for circles, and what is loaded counts as old: that takes longer than to load it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():  # else somebody wants it so
                gc.freeze()
                gc.unfreeze()
            gc.enable()
