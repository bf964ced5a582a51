r"""Structures: what requires() and output() return, taken apart by role and put together again.

A *role* is the place of a leaf in a structure: `value` in a dictionary, `0` in a list, `plots.mass` below another, and
the empty string for a leaf that stands alone. A dot in a key is written `\.`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from sys import intern
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


def outputs_in(structure: Any, output: Callable[[luigi.Task], Any]) -> Any:
    """`structure` with `output(task)` in the place of each task."""
    if isinstance(structure, luigi.Task):
        return output(structure)
    if isinstance(structure, luigi.DynamicRequirements):
        return outputs_in(structure.requirements, output)
    if isinstance(structure, dict):
        return type(structure)((key, outputs_in(item, output)) for key, item in structure.items())
    if isinstance(structure, list | tuple):
        return type(structure)(outputs_in(item, output) for item in structure)
    return [outputs_in(item, output) for item in structure or ()]


def held(structure: Any) -> Any:
    """`structure`, with lists in the place of iterators, such as a requires() that yields, which end after one look."""
    if type(structure) is list:  # the ordinary case first
        return [held(item) for item in structure]
    if isinstance(structure, luigi.Task):
        return structure
    if isinstance(structure, Iterator):
        structure = list(structure)
    if isinstance(structure, luigi.DynamicRequirements):
        structure.requirements = held(structure.requirements)
    elif isinstance(structure, dict):
        for key, item in structure.items():
            structure[key] = held(item)
    elif isinstance(structure, list | tuple):
        return type(structure)(held(item) for item in structure)
    return structure


def _parts(item: Any) -> Iterable[tuple[Any, Any]] | None:
    if isinstance(item, luigi.Task):  # the ordinary cases first
        return None
    if type(item) is list:
        return enumerate(item)
    if item is None:
        return ()
    if isinstance(item, TargetCollection):
        item = item.targets
    if isinstance(item, Mapping):
        return item.items()
    if isinstance(item, luigi.DynamicRequirements):
        return _parts(item.requirements)
    if isinstance(item, list | tuple | set | frozenset | Iterator):
        return enumerate(item)
    return None


def _join(role: str, key: object) -> str:
    written = str(key).replace(".", "\\.")
    return intern(f"{role}.{written}" if role else written)  # very many tasks have the same
