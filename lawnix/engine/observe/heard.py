"""Hearing of all that goes on in this process while a build does, and in the Python children that it starts.

Stands on the standard library alone, as what it puts together does: builds in sandboxes are heard in there.
"""

from __future__ import annotations  # a sandbox may have an older Python

import contextlib
import os
from collections.abc import Iterator
from typing import Final

from lawnix.engine.observe.doors import listening
from lawnix.engine.observe.events import TAKERS
from lawnix.engine.observe.recording import FILE_VARIABLE, Recorder, recorded

_CHILDREN: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "children")


@contextlib.contextmanager
def heard(file: str) -> Iterator[Recorder]:
    """Within, what happens is taken down; other processes write into `file` what happens there."""
    recorder = Recorder(file)
    with listening(), _handed_on(file), recorded(recorder, TAKERS):
        yield recorder


@contextlib.contextmanager
def _handed_on(file: str) -> Iterator[None]:
    """Within, Python children are watched, too."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", FILE_VARIABLE)}
    path = before["PYTHONPATH"]
    os.environ["PYTHONPATH"] = _CHILDREN if not path else f"{_CHILDREN}{os.pathsep}{path}"
    os.environ[FILE_VARIABLE] = file
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
