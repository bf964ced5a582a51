"""What is kept beside the build directory of a failure, so that somebody can go on from there: which task it was."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.core.realization import TaskName
from lawnix.engine.current import Build
from lawnix.errors import UnknownNameError

_FILE: Final = "task.json"


class Kept(NamedTuple):
    """A build that was begun.

    Attributes:
        task: Whose.
        found: The tasks that it had yielded.
    """

    task: TaskName
    found: Sequence[TaskName]


def keep_name(build: Build, task: TaskName) -> None:
    """Write down what is built; before it is, since a process may die."""
    assert build.directory is not None
    text = json.dumps({"task": task, "found": [found.task for found, _ in build.found]})
    Path(os.path.dirname(build.directory), _FILE).write_text(text, "utf-8")


def kept_at(directory: Path) -> Kept:
    """What was built in a build directory.

    Raises:
        UnknownNameError: It is none that was kept.
    """
    try:
        said = json.loads((directory / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        hint = "[lawnix] keep_failed: True keeps those of builds that fail"
        raise UnknownNameError("build directory that was kept", str(directory), hint=hint) from None
    return Kept(_name(said["task"]), [_name(each) for each in said["found"]])


def _name(said: Sequence[object]) -> TaskName:
    module, family, parameters = said
    assert isinstance(parameters, dict)
    return str(module), str(family), parameters
