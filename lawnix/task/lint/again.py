"""The digests of values once more, in a process that imports the tasks afresh."""

import contextlib
import functools
import importlib
import io
import json
import sys
from typing import Any

from lawnix.task.code.code import code_of
from lawnix.task.lint.values import values_in


def main() -> None:
    """Answer on stdout, in its last line, what is asked on stdin."""
    asked = json.load(sys.stdin)
    found: dict[str, dict[str, str]] = {}
    sys.path[:] = asked["path"]
    with contextlib.redirect_stdout(io.StringIO()):  # what modules print while they are imported
        for module, name in asked["classes"]:
            with contextlib.suppress(Exception):  # what cannot be imported has no digest
                cls: Any = functools.reduce(getattr, name.split("."), importlib.import_module(module))
                code = code_of(cls, track=asked["track"], unknown=asked["unknown"])
                found[f"{module}:{name}"] = values_in(code)
    sys.stdout.write("\n" + json.dumps(found))
