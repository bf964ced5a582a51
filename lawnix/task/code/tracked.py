"""Data files that belong to the code: their content counts, wherever they lie."""

import os
import sys
from pathlib import Path
from typing import Any

from lawnix.errors import DeclarationError


class TrackedFile(type(Path())):  # type: ignore[misc]  # which of its classes, the system decides
    """A path whose content is part of the code that reaches it."""

    __slots__ = ()


def tracked_file(path: str | os.PathLike[str]) -> Path:
    """A data file, or a folder of such, that counts as code: tasks whose `run()` reaches it run again if it changes.

    Example, in the module of the tasks::

        CORRECTIONS = lawnix.tracked_file("corrections.json")

        class Correct(lawnix.Task):
            def run(self):
                table = json.loads(CORRECTIONS.read_text())

    Its content counts and its name in a folder, not where it lies.

    Args:
        path: As seen from the file in which this is written; in a notebook, from the working directory.

    Returns:
        The absolute path.

    Raises:
        DeclarationError: There is nothing.
    """
    caller: Any = sys._getframe(1).f_globals.get("__file__")  # as logging finds its caller
    folder = Path(caller).parent if isinstance(caller, str) else Path()
    found = TrackedFile(os.path.abspath(folder / path))  # links are left as they are
    if not found.exists():
        raise DeclarationError(
            f"there is no file {found} for lawnix.tracked_file({str(path)!r}); a relative path is seen from "
            f"{folder.absolute()}"
        )
    return found
