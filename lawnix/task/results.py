"""Results for people: readable links to the outputs of root tasks, which also keep them from being collected."""

import contextlib
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from lawnix.core.digest import Digest, digest
from lawnix.core.realization import Outputs
from lawnix.engine.graph import Node
from lawnix.engine.plan import Plan
from lawnix.errors import StoreAccessError, StoreFullError
from lawnix.task.branches import state_of
from lawnix.task.identity import Siblings, deciding
from lawnix.task.session import TaskSession
from lawnix.task.work import DerivedTaskWork, TaskWork

logger = logging.getLogger("luigi-interface")  # where luigi's users look

_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.+=,@%-]+")
_MAX: Final = 120  # characters of a directory's name
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


@dataclass(frozen=True, slots=True)
class Shelf:
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


def shelf_of(plan: Plan, root: int) -> Shelf:
    """What is shown of a root that is settled."""
    shown: dict[str, dict[str, Shown]] = {}
    for number, directory, place in _places(plan, root):
        realization = plan.settled[number].realization
        if realization is not None:
            shown.setdefault(directory, {})[place] = realization
    found = (plan.settled.get(number) for number in plan.graph.reached(root))
    used = [each.realization.digest for each in found if each is not None and each.realization is not None]
    return Shelf(_name(plan.graph.nodes[root]), shown, used)


def publish(shelves: Iterable[Shelf], here: TaskSession, results: Path) -> None:
    """Make `results/<Family>/<parameters>/<output>` links for roots, and keep what they need.

    What was built is there in any case: where a link or a root cannot be made, a warning says so.
    """
    try:
        for shelf in shelves:
            for directory, realizations in shelf.shown.items():
                _link_all(realizations, here, str(results), results / _MARKS / directory)
            if shelf.used:
                here.store.add_root(f"{shelf.name} ({results.absolute()})", shelf.used)
    except (StoreAccessError, StoreFullError) as error:  # a store that is only read, or has no room
        logger.warning("nothing keeps these results from being collected: %s", error)
    except OSError as error:
        logger.warning("the results could not be linked: %s; see [lawnix] results", error)


def _name(node: Node) -> str:
    """A root as people call it; another set of branches is another root."""
    assert isinstance(node.work, TaskWork)
    task = node.work.task
    state = state_of(task)
    said = task.to_str_params(only_significant=True)
    name = f"{task.get_task_family()}/{readable({name: said[name] for name in deciding(type(task))})}"
    if state.get("branch", -1) >= 0:
        return f"{name}/{state['branch']}"
    branches = ",".join(map(str, state.get("branches") or ()))
    return f"{name}/{_UNREADABLE.sub('-', branches)}" if branches else name


def _link_all(shown: Mapping[str, Shown], here: TaskSession, results: str, mark: Path) -> None:
    """Make the links of a task, or of the branches of a workflow.

    What `mark` says of many, that they were made and not touched since, is believed: a look at each takes long.
    """
    are_many = len(shown) > 1
    if are_many and _said(mark) == _mark_of(shown, here, (_changed(results, place) for place in shown)):
        return
    if os.path.lexists(mark):
        mark.unlink(missing_ok=True)
    changed = []
    for place, realization in shown.items():
        outputs = {name: path for name, path in realization.outputs.items() if path is not None}
        locations = {name: str(here.store.location(path)) for name, path in outputs.items()}
        _link(f"{results}/{place}", locations)
        if are_many:
            changed.append(_changed(results, place))
    if are_many:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(_mark_of(shown, here, changed))


def _mark_of(shown: Mapping[str, Shown], here: TaskSession, changed: Iterable[int]) -> Digest:
    """What was linked from where, and when each directory was changed last, in ns."""
    lines = (f"{place} {each.digest} {at}" for (place, each), at in zip(shown.items(), changed, strict=True))
    return digest("links", "\n".join([str(here.store.root), *lines]).encode())


def _said(mark: Path) -> str:
    try:
        return mark.read_text()
    except FileNotFoundError:
        return ""


def _changed(results: str, place: str) -> int:
    try:
        return os.stat(f"{results}/{place}").st_mtime_ns
    except FileNotFoundError:
        return 0


def readable(parameters: Mapping[str, str]) -> str:
    """A directory name that tells the parameters; what it cannot tell is told apart by a digest."""
    said = "__".join(f"{name}={value}" for name, value in parameters.items()) or "default"
    text = _UNREADABLE.sub("-", said)
    if text == said and len(text) <= _MAX:
        return text
    return f"{text[: _MAX - 9]}-{digest('name', said.encode())[:8]}"


def _places(plan: Plan, root: int) -> Iterator[tuple[int, str, str]]:
    """Where, below the results, the outputs of each derived node that a root stands for are shown.

    Yields:
        The node, the directory of its task or workflow, and its own, which is below that for a branch.
    """
    directories: dict[Siblings, str] = {}
    for number in plan.graph.derived(root):
        work = plan.graph.nodes[number].work
        if number in plan.settled and isinstance(work, DerivedTaskWork):
            siblings = work.siblings
            directory = directories.get(siblings) or f"{work.label}/{readable(siblings.parameters)}"
            directories[siblings] = directory
            yield number, directory, directory if work.branch is None else f"{directory}/{work.branch}"


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
