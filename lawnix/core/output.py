"""Outputs: what a task can leave on disk, and how that can be called."""

import re
from enum import Enum
from typing import Final

MAX_NAME: Final = 200  # bytes; with the digest and a dash a file name stays below 255
_NAME = re.compile(r"[^/\x00-\x1f]+\Z")


class Kind(str, Enum):  # noqa: UP042  # sandboxes may have Python 3.10, which has no StrEnum
    """What an output is on disk."""

    FILE = "f"
    DIRECTORY = "d"

    __str__ = str.__str__
    __format__ = str.__format__  # type: ignore[assignment]  # as StrEnum has it


def is_file_name(name: object) -> bool:
    """Whether `name` can name an output: one plain, visible or hidden file name without separators."""
    if not isinstance(name, str) or not _NAME.match(name) or name in {".", ".."}:
        return False
    try:
        return len(name.encode()) <= MAX_NAME
    except UnicodeEncodeError:  # half a character
        return False
