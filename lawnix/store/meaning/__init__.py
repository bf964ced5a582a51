"""Meaning: what an output file says, for formats that do not write the same bytes twice.

An HDF5 file carries times, a ROOT file a UUID, a zip the order in which it was filled. What is read back from them
is the same every time, so that is what is digested: datasets, branches, columns, members, pixels. Each format is
a module of this package, chosen by the file's ending and imported, with the library that it needs, when the first
file of that format comes along. It takes the file apart into *places* with a digest each, so that two files can
also be compared place by place.

A module never runs what a file holds (nothing is unpickled) and never follows a link out of it. What it cannot read, or
cannot read in bounded memory, it refuses with an exception, and then the file's bytes are what it means.
"""

import importlib
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, Protocol, cast

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest

logger = logging.getLogger(__name__)

FORMATS: Final[Mapping[str, str]] = {
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".hdf": "hdf5",
    ".root": "root",
    ".parquet": "arrow",
    ".pq": "arrow",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".npy": "numpy",
    ".npz": "numpy",
    ".json": "text",
    ".yaml": "text",
    ".yml": "text",
    ".zip": "archive",
    ".tar": "archive",
    ".tar.gz": "archive",
    ".tgz": "archive",
    ".tar.bz2": "archive",
    ".tar.xz": "archive",
    ".gz": "archive",
    ".png": "image",
    ".pdf": "document",
    ".svg": "document",
}
"""The module of this package that reads files with an ending; of several endings that fit, the longest counts."""

METHODS: Final[Mapping[str, str]] = {
    "hdf5": "hdf5/1",
    "root": "root/1",
    "arrow": "arrow/1",
    "numpy": "numpy/1",
    "text": "text/1",
    "archive": "archive/1",
    "image": "image/1",
    "document": "document/1",
}
"""The method of each module with its version, which is one more when a file comes to another digest than before.

Results whose meaning was found out by an earlier version stay what they are, see `engine/rehash.py`.
"""

_METHOD: Final = re.compile(r"\b([a-z0-9]+)/[0-9]+")
_used: ContextVar[set[str]] = ContextVar("methods in use")


class Parts(NamedTuple):
    """A file taken apart.

    Attributes:
        method: Format and version of the method, such as "hdf5/1"; two methods never give one digest.
        digests: By place in the file, in words for people: "/events/pt", "tree Events, branch pt", "pixels".
        within: The methods for files in it, as in an archive.
    """

    method: str
    digests: Mapping[str, Digest]
    within: frozenset[str] = frozenset()

    @property
    def methods(self) -> str:
        """All methods that have part in it: when one of them changes, the digest may."""
        return f"{self.method} of {', '.join(sorted(self.within))}" if self.within else self.method

    def digest(self) -> Digest:
        """The digest of the whole meaning."""
        return digest("meaning", canonical((self.method, self.digests)))


class _Format(Protocol):
    """What a module of this package has."""

    def parts(self, path: Path, name: str, depth: int) -> Mapping[str, Digest]:
        """The places of the file at `path`, which is called `name` and lies in `depth` archives."""


def meaning_of(path: Path, name: str | None = None) -> Digest | None:
    """The digest of what the file means; None where `parts_of` gives none."""
    parts = parts_of(path, name)
    return None if parts is None else parts.digest()


def parts_of(path: Path, name: str | None = None, *, depth: int = 0) -> Parts | None:
    """What the file means, taken apart.

    Args:
        path: Where it lies.
        name: What it is called, if not as at `path`: its ending says its format.
        depth: In how many archives it lies.

    Returns:
        None if the ending is of no known format, or if the format's reader cannot read the file; the latter is logged.
    """
    name = path.name if name is None else name
    module = format_of(name)
    if module is None:
        return None
    try:
        reader = cast("_Format", importlib.import_module(f"{__name__}.{module}"))
        return _taken_apart(METHODS[module], reader, path, name, depth)
    except Exception as error:  # noqa: BLE001  # whatever a reader makes of a broken file: the bytes are still there
        reason = " ".join(str(error).split())[:200]
        logger.warning(
            "%s cannot be read as its ending promises (%s: %s); it counts by its bytes, not by its meaning",
            name if depth else path, type(error).__name__, reason,
        )  # fmt: skip
        return None


def _taken_apart(method: str, reader: _Format, path: Path, name: str, depth: int) -> Parts:
    outer = _used.get(set())
    token = _used.set(set())
    try:
        digests = reader.parts(path, name, depth)
        within = frozenset(_used.get())
    finally:
        _used.reset(token)
    outer |= {method, *within}
    return Parts(method, digests, within)


def is_current(methods: str) -> bool:
    """Whether a digest that was found out by these methods would be found out by the same ones today."""
    return all(METHODS.get(match[1]) == match[0] for match in _METHOD.finditer(methods))


@lru_cache(4096)  # the outputs of a family are called the same
def format_of(name: str) -> str | None:
    """The module for files that are called `name`, or None."""
    lower = name.lower()
    endings = [ending for ending in FORMATS if lower.endswith(ending)]
    return FORMATS[max(endings, key=len)] if endings else None
