"""Structures: what requires() and output() return, taken apart by role and put together again.

A *role* is the place of a leaf in a structure: `value` in a dictionary, `0` in a list, `plots.mass` below another, and
the empty string for a leaf that stands alone. A dot in a key is written `\\.`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import luigi
from law.target.collection import TargetCollection


def leaves(structure: Any) -> Iterator[tuple[str, Any]]:
    """The leaves of `structure` with their roles, in order; a target collection is taken apart, too."""
    if isinstance(structure, luigi.Task):  # the ordinary case first
        yield "", structure
        return
    stack: list[tuple[str, Any]] = [("", structure)]
    while stack:
        role, item = stack.pop()
        parts = _parts(item)
        if parts is None:
            yield role, item
        else:
            below = [(_join(role, key), part) for key, part in parts]
            stack.extend(reversed(below))


def _parts(item: Any) -> Iterable[tuple[Any, Any]] | None:
    if item is None:
        return ()
    if isinstance(item, TargetCollection):
        item = item.targets
    if isinstance(item, Mapping):
        return item.items()
    if isinstance(item, luigi.DynamicRequirements):
        return _parts(item.requirements)
    if isinstance(item, list | tuple | set | frozenset) or isinstance(item, Iterator):
        return enumerate(item)
    return None


def _join(role: str, key: object) -> str:
    written = str(key).replace(".", "\\.")
    return f"{role}.{written}" if role else written
