"""What each Python child of a watched build imports first: it is watched, too, and its own `sitecustomize` follows.

Whatever Python this is, and whatever it lacks: watching never breaks it.
"""

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))


def _watch() -> None:
    recording, events = (_loaded(name) for name in ("recording", "events"))
    recording.watch_child(events.TAKERS)


def _loaded(name: str) -> Any:
    """A module that lies beside this folder."""
    path = os.path.join(os.path.dirname(_HERE), f"{name}.py")
    spec: Any = importlib.util.spec_from_file_location(f"_lawnix_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _go_on() -> None:
    """Import the `sitecustomize` that would have been found without this one."""
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


with contextlib.suppress(Exception):
    _watch()
_go_on()
