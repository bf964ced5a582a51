"""What each Python child of a watched build imports first: it is watched, too, and its own `sitecustomize` follows.

Whatever Python this is, and whatever it lacks: watching never breaks it.
"""

import contextlib
import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _watch() -> None:
    recording = os.path.join(os.path.dirname(_HERE), "recording.py")
    spec = importlib.util.spec_from_file_location("_lawnix_recording", recording)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.watch_child()


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
