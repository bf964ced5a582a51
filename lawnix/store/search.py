"""Search: what is in a store, for people who know its name in part, or only its family."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lawnix.core.derivation import Derivation
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization
from lawnix.errors import InvalidDigestError
from lawnix.store import values
from lawnix.store.local import LocalStore

_FOUND: Final = (
    "SELECT t.recorded, t.digest, t.key, t.derivation, t.outputs, t.detail FROM realizations t "
    "LEFT JOIN derivations d ON d.digest = t.derivation WHERE t.recorded > t.forgotten"
)
_SANDBOXED: Final = (
    "SELECT json_extract(d.body, '$.sandbox') AS sandbox, t.digest, d.label FROM realizations t "
    "JOIN derivations d ON d.digest = t.derivation WHERE t.recorded > t.forgotten AND sandbox IS NOT NULL"
)
_LATEST_FIRST: Final = "ORDER BY t.recorded DESC, t.digest LIMIT ?"


@dataclass(frozen=True, slots=True)
class Hit:
    """A realization that was found.

    Attributes:
        realization: The realization.
        derivation: What it was built from; None if the store does not know it any more.
        recorded: When it entered the store, in seconds since the epoch.
    """

    realization: Realization
    derivation: Derivation | None
    recorded: float


def recent(store: LocalStore, family: str = "*", limit: int = -1) -> list[Hit]:
    """The realizations of a family (a pattern with `*` and `?`), the latest first, at most `limit` if not negative."""
    return _hits(store, f"{_FOUND} AND COALESCE(d.label, '') GLOB ? {_LATEST_FIRST}", family, limit)


def named(store: LocalStore, prefix: str, limit: int = 20) -> list[Hit]:
    """The realizations whose own, or whose derivation's, digest begins with `prefix`, the latest first."""
    after = prefix + "~"  # behind all characters of a digest
    where = "AND (t.digest BETWEEN ? AND ? OR t.derivation BETWEEN ? AND ?)"
    return _hits(store, f"{_FOUND} {where} {_LATEST_FIRST}", prefix, after, prefix, after, limit)


def makers(store: LocalStore, path: ObjectPath, limit: int = 20) -> list[Hit]:
    """The realizations with the output `path`, the latest first."""
    return _hits(store, f"{_FOUND} AND instr(t.outputs, ?) {_LATEST_FIRST}", f'"{path.digest}-', limit)


def families(store: LocalStore) -> list[str]:
    """The families of which the store knows anything."""
    return [
        label for (label,) in store.trace.find("SELECT DISTINCT label FROM derivations ORDER BY label", ())
    ]


def sandboxed(store: LocalStore) -> dict[Digest, dict[Digest, str]]:
    """The realizations that were made in each sandbox, with their families."""
    found: dict[Digest, dict[Digest, str]] = {}
    for sandbox, realization, family in store.trace.find(_SANDBOXED, ()):
        found.setdefault(Digest(sandbox), {})[Digest(realization)] = family
    return found


def object_at(path: Path) -> ObjectPath | None:
    """The object that a path leads to: through links such as those under `results`, and out of directories in it."""
    for part in reversed(path.resolve().parts):
        try:
            return ObjectPath.parse(part)
        except InvalidDigestError:
            continue
    return None


def _hits(store: LocalStore, query: str, *parameters: object) -> list[Hit]:
    rows: Sequence[Any] = store.trace.find(query, parameters)
    realizations = values.realizations_of(rows, "digest")
    derivations = store.derivations({Digest(row[3]) for row in rows})
    return [
        Hit(realizations[Digest(row[1])][0], derivations.get(Digest(row[3])), row[0] / 1e9) for row in rows
    ]
