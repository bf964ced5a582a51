"""Objects: the kinds and the names of the immutable files and trees in a store."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from lawnix.core.digest import Digest, parse_digest
from lawnix.errors import InvalidDigestError

MAX_NAME: Final = 200  # bytes; with the digest and a dash a file name stays below 255
_NAME = re.compile(r"[^/\x00-\x1f]+\Z")


class Kind(StrEnum):
    """What an output is on disk."""

    FILE = "f"
    DIRECTORY = "d"


@dataclass(frozen=True, slots=True, order=True)
class ObjectPath:
    """The name of an object: the digest of its content and a file name that keeps its extension. Not a location."""

    digest: Digest
    name: str

    def __str__(self) -> str:
        return f"{self.digest}-{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The object path that `text` writes, as `str` does.

        Raises:
            InvalidDigestError: `text` is not a digest, a dash and a file name.
        """
        written, dash, name = text[:32], text[32:33], text[33:]
        if dash != "-" or not is_file_name(name):
            raise InvalidDigestError(text, "an object path (<digest>-<file name>)")
        return cls(parse_digest(written), name)


def is_file_name(name: object) -> bool:
    """Whether `name` can name an output: one plain, visible or hidden file name without separators."""
    if not isinstance(name, str) or not _NAME.match(name) or name in {".", ".."}:
        return False
    try:
        return len(name.encode()) <= MAX_NAME
    except UnicodeEncodeError:  # half a character
        return False
