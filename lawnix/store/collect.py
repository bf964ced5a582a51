"""Collection: what nothing keeps goes, realizations before objects."""

import logging
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization
from lawnix.store import tree
from lawnix.store.access import writing
from lawnix.store.fold import MONTH, fold
from lawnix.store.local import LocalStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Collected:
    """What went, or would go.

    Attributes:
        realizations: Those that were forgotten.
        objects: Those that were removed.
        logs: The files of logs that were removed.
        builds: The build directories that were left behind, and objects that were moved away.
        size: Bytes of the objects, logs and build directories.
        journals: How many journals were folded into one.
    """

    realizations: tuple[Realization, ...]
    objects: tuple[ObjectPath, ...]
    logs: tuple[Path, ...]
    builds: tuple[Path, ...]
    size: int
    journals: int = 0


def collect(
    store: LocalStore,
    live: Collection[Digest] = (),
    *,
    known: Collection[Digest] = (),
    dry_run: bool = False,
    told_for: float = MONTH,
) -> Collected:
    """Remove what neither the roots of `store` nor `live` keep.

    Args:
        store: The store; nobody else may be using it.
        live: Names of realizations that stay, with their objects, beside those that roots name.
        known: Names of realizations that stay known while their objects go: what was made from them is found still.
        dry_run: Whether to leave everything as it is and only tell.
        told_for: For how many seconds it can be told that something was collected.

    Raises:
        StoreBusyError: Others use the store.
    """
    with ExitStack() as stack:
        if not dry_run:
            stack.enter_context(store.presence.alone())
            store.builds.close()  # what this process keeps for its next build is no leftover, but goes too
        store.refresh()
        living = store.answers.living()
        kept = {*live, *(name for names in store.roots().values() for name in names)}
        dead = tuple(r for name, r in living.items() if name not in kept and name not in known)
        needed = {path for name in kept & living.keys() for path in living[name].outputs.values()}
        objects = tuple(path for path in store.objects.all() if path not in needed)
        remembered = {*kept, *known} & living.keys()
        logs = tuple(log for log in _logs(store.root) if log.stem not in remembered)
        builds = tuple(store.builds.leftovers(store.claims.is_alive))
        size = sum(store.objects.size(path) for path in objects)
        size += sum(log.stat().st_size for log in logs) + sum(tree.size(build) for build in builds)
        if dry_run:
            return Collected(dead, objects, logs, builds, size)
        store.forget(dead, "collected")
        store.flush()  # before the first object goes: no realization is left without
        _remove(store, objects, logs, builds)
        return Collected(dead, objects, logs, builds, size, fold(store, told_for=told_for))


def _remove(
    store: LocalStore, objects: Collection[ObjectPath], logs: Collection[Path], builds: Collection[Path]
) -> None:
    with writing(store.root):
        for path in objects:
            location = store.location(path)
            if location.is_dir():
                # in one step out of its place: a part of an object never has a name of one
                gone = store.objects.set_aside(path, "gone")
                if gone is not None:
                    tree.remove(gone)
            else:
                location.unlink(missing_ok=True)
        for log in logs:
            log.unlink(missing_ok=True)
        for place in (*builds, *store.claims.stale()):
            tree.remove(place)


def _logs(root: Path) -> Iterator[Path]:
    return (root / "logs").glob("*/*.zst")
