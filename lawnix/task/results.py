"""Results for people: readable links to the outputs of root tasks, which also keep them from being collected."""

from __future__ import annotations  # values of the core are loaded by who makes some

import contextlib
import logging
import os
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from lawnix.core.digest import digest
from lawnix.errors import StoreAccessError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from lawnix.core.digest import Digest
    from lawnix.core.realization import Outputs
    from lawnix.task.session import TaskSession

logger = logging.getLogger("luigi-interface")  # where luigi's users look

_MARKS: Final = ".links"  # below it, for each workflow, what its links were made from


class Shown(Protocol):
    """A realization, as far as it is shown."""

    @property
    def digest(self) -> Digest:
        """Its name."""
        ...

    @property
    def outputs(self) -> Outputs:
        """Its objects."""
        ...


class Shelf(NamedTuple):
    """What is shown of a root.

    Attributes:
        name: The root, as people call it.
        shown: The realizations by the directory of their task or workflow, and there by their own, which is below that
            for a branch; both as seen from the results.
        used: The names of all realizations that it was made from, and its own.
    """

    name: str
    shown: Mapping[str, Mapping[str, Shown]]
    used: Sequence[Digest]


def all_there(count: int) -> str:
    """What there is to say where nothing is to be built."""
    return f"nothing to build, {count} results are there"


def publish(shelves: Iterable[Shelf], here: TaskSession, results: Path) -> None:
    """Make `results/<Family>/<parameters>/<output>` links for roots, and keep what they need.

    What was built is there in any case: where a link or a root cannot be made, a warning says so.
    """
    try:
        for shelf in shelves:
            for directory, realizations in shelf.shown.items():
                _link_all(realizations, here, str(results), directory)
            if shelf.used:
                here.store.add_root(f"{shelf.name} ({results.absolute()})", shelf.used)
    except (StoreAccessError, StoreFullError) as error:  # a store that is only read, or has no room
        logger.warning("nothing keeps these results from being collected: %s", error)
    except OSError as error:
        logger.warning("the results could not be linked: %s; see [lawnix] results", error)


def _link_all(shown: Mapping[str, Shown], here: TaskSession, results: str, directory: str) -> None:
    """Make the links of a task, or of the branches of a workflow, in a directory below `results`.

    What its mark says of many, that they were made and not touched since, is believed: a look at each takes long.
    """
    mark = f"{results}/{_MARKS}/{directory}"
    are_many = len(shown) > 1
    if are_many and _said(mark) == _mark_of(shown, here, (_changed(results, place) for place in shown)):
        return
    if os.access(mark, os.F_OK):
        with contextlib.suppress(FileNotFoundError):  # another run has done it
            os.unlink(mark)
    changed = []
    for place, realization in shown.items():
        outputs = {name: path for name, path in realization.outputs.items() if path is not None}
        locations = {name: here.store.place(path) for name, path in outputs.items()}
        _link(f"{results}/{place}", locations)
        if are_many:
            changed.append(_changed(results, place))
    if are_many:
        os.makedirs(os.path.dirname(mark), exist_ok=True)
        with open(mark, "w", encoding="utf-8") as file:
            file.write(_mark_of(shown, here, changed))


def _mark_of(shown: Mapping[str, Shown], here: TaskSession, changed: Iterable[int]) -> Digest:
    """What was linked from where, and when each directory was changed last, in ns."""
    lines = (f"{place} {each.digest} {at}" for (place, each), at in zip(shown.items(), changed, strict=True))
    return digest("links", "\n".join([str(here.store.root), *lines]).encode())


def _said(mark: str) -> str:
    try:
        with open(mark, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _changed(results: str, place: str) -> int:
    try:
        return os.stat(f"{results}/{place}").st_mtime_ns
    except FileNotFoundError:
        return 0


def _link(directory: str, outputs: Mapping[str, str]) -> None:
    """Let `directory` hold links to `outputs` and no other links."""
    if _made(directory):
        with contextlib.suppress(FileExistsError):  # another run links here, too
            for name, location in outputs.items():
                os.symlink(location, f"{directory}/{name}")
            return
    with os.scandir(directory) as entries:
        there = {entry.name: os.readlink(entry.path) for entry in entries if entry.is_symlink()}
    if there == outputs:
        return
    for name in there.keys() - outputs.keys():
        os.unlink(os.path.join(directory, name))
    for name, location in outputs.items():
        if there.get(name) != location:
            fresh = os.path.join(directory, f".{name}.{os.getpid()}")
            os.symlink(location, fresh)
            os.replace(fresh, os.path.join(directory, name))


def _made(directory: str) -> bool:
    """Whether there is a directory now that was not there before, so that nobody else writes to it."""
    try:
        os.mkdir(directory)
    except FileExistsError:
        return False
    except FileNotFoundError:
        os.makedirs(directory, exist_ok=True)
        return not os.listdir(directory)
    return True
