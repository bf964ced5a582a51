"""Modules that a build imports itself: they must be what the code digest has read.

Code that was loaded when a worker was forked is what was digested, whatever happens to its file. What `run()` imports
was digested from its file, and somebody may edit that before it is imported.
"""

import os
import sys
from collections.abc import Iterable

from lawnix.errors import ChangedMeanwhileError

_Stamp = tuple[int, int, int]


class LateFiles:
    """Files of tracked code that were not loaded when it was digested."""

    def __init__(self, files: Iterable[str]) -> None:
        loaded = _loaded()
        self._stamps = {
            file: stamp for file in files if file not in loaded and (stamp := _stamp(file)) is not None
        }
        self._modules = len(sys.modules)

    def check(self, task: str) -> None:
        """Look at those files that have been loaded since the last look.

        Raises:
            ChangedMeanwhileError: One is not what it was when it was digested.
        """
        if not self._stamps or len(sys.modules) == self._modules:
            return
        self._modules = len(sys.modules)
        for file in self._stamps.keys() & _loaded():
            if _stamp(file) != self._stamps.pop(file):
                raise ChangedMeanwhileError(task, file)


def _loaded() -> set[str]:
    return {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}


def _stamp(file: str) -> _Stamp | None:
    try:
        status = os.stat(file)
    except OSError:  # a cell of a notebook, or a file that is gone
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
