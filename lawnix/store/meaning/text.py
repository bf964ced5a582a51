"""JSON and YAML: the value that is written, without the order of keys, comments, spaces and styles.

A file that gives a key twice is refused: what it means depends on who reads it.
"""

import datetime
import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Final

from lawnix.core.digest import Digest
from lawnix.store.meaning.values import of

_LARGEST_JSON: Final = 64 << 20  # bytes; a parsed value needs ten times the memory of its text, or more
_LARGEST_YAML: Final = 16 << 20


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The value of the file; a mapping by its keys."""
    is_json = name.lower().endswith(".json")
    largest = _LARGEST_JSON if is_json else _LARGEST_YAML
    if path.stat().st_size > largest:
        raise ValueError(f"more than {largest >> 20} MB of text")
    return _json(path) if is_json else _yaml(path)


def _json(path: Path) -> Mapping[str, Digest]:
    value = json.loads(path.read_bytes(), object_pairs_hook=_once, parse_constant=str.encode)
    if not isinstance(value, dict):
        return {"value": of(value)}
    return {"value": of("mapping"), **{f"key {key}": of(item) for key, item in value.items()}}


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value


def _yaml(path: Path) -> Mapping[str, Digest]:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C's where PyYAML has it
        """Makes plain values only, and refuses keys that are given twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  # PyYAML's
            if isinstance(node, yaml.MappingNode):
                own = [(key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
                if len(own) != len(set(own)):
                    raise ValueError("a key is given twice")
            made: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
            return made

    with path.open("rb") as file:
        documents = list(yaml.load_all(file, Loader))  # a safe loader
    digests = _Yaml()
    if len(documents) == 1 and isinstance(documents[0], dict):
        found = {f"key {key!r}": digests.of(item) for key, item in documents[0].items()}
        return {"value": of("mapping"), **found}
    return {"value": digests.of(documents)}


class _Yaml:
    """Digests of what YAML can say.

    Aliases make a value out of parts that are there once, so each is digested once: a few lines can stand for more than
    any memory holds.
    """

    def __init__(self) -> None:
        self._known: dict[int, Digest | None] = {}

    def of(self, value: Any) -> Digest:
        """The digest of a value."""
        if isinstance(value, float) and value != value:
            return of("not a number")
        if isinstance(value, datetime.datetime) and value.tzinfo is not None:
            return of(value.astimezone(datetime.UTC))
        if not isinstance(value, dict | list | tuple | set):
            return of(value)
        if id(value) not in self._known:
            self._known[id(value)] = None
            self._known[id(value)] = self._inner(value)
        known = self._known[id(value)]
        if known is None:
            raise ValueError("a value that is part of itself")
        return known

    def _inner(self, value: Any) -> Digest:
        if isinstance(value, dict):
            return of("mapping", {(self.of(key), self.of(item)) for key, item in value.items()})
        if isinstance(value, set):
            return of("set", {self.of(item) for item in value})
        return of("sequence", [self.of(item) for item in value])
