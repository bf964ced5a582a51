"""Results for people: readable links to the outputs of root tasks, which also keep them from being collected."""

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from lawnix.core.digest import digest
from lawnix.core.realization import Realization
from lawnix.engine.graph import DerivedNode, GroupNode
from lawnix.engine.plan import Plan
from lawnix.errors import StoreAccessError, StoreFullError
from lawnix.task.identity import Siblings
from lawnix.task.session import TaskSession
from lawnix.task.work import DerivedTaskWork

logger = logging.getLogger("luigi-interface")  # where luigi's users look

_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.+=,@%-]+")
_MAX: Final = 120  # characters of a directory's name
_MARKS: Final = ".links"  # below it, for each root, what its links were made from


def publish(plan: Plan, here: TaskSession, results: Path) -> None:
    """Make `results/<Family>/<parameters>/<output>` links for the settled roots of `plan`, and keep what they need.

    What was built is there in any case: where a link or a root cannot be made, a warning says so.
    """
    try:
        _publish(plan, here, results)
    except (StoreAccessError, StoreFullError) as error:  # a store that is only read, or has no room
        logger.warning("nothing keeps these results from being collected: %s", error)
    except OSError as error:
        logger.warning("the results could not be linked: %s; see [lawnix] results", error)


def _publish(plan: Plan, here: TaskSession, results: Path) -> None:
    for root in plan.graph.roots:
        if root not in plan.settled:
            continue
        shown = {
            place: realization
            for number, place in _places(plan, root)
            if (realization := plan.settled[number].realization) is not None
        }
        if shown:
            name = "/".join(next(iter(shown)).split("/")[:2])
            if len(shown) == 1:
                _link_all(shown, here, results)
            else:
                _link_unless_done(shown, here, results, results / _MARKS / name)
            used = [
                s.realization.digest
                for n in _reached(plan, root)
                if (s := plan.settled.get(n)) and s.realization
            ]
            here.store.add_root(name, used)


def _link_unless_done(shown: Mapping[str, Realization], here: TaskSession, results: Path, mark: Path) -> None:
    """Make the links of many tasks, unless `mark` says that they are there: looking at each takes long."""
    said = "\n".join(f"{place} {realization.digest}" for place, realization in shown.items())
    wanted = digest("links", f"{here.store.root}\n{said}".encode())
    try:
        done = mark.read_text() == wanted and not _lacking(shown, results)
    except FileNotFoundError:
        done = False
    if not done:
        mark.unlink(missing_ok=True)
        _link_all(shown, here, results)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(wanted)


def _lacking(places: Iterable[str], results: Path) -> bool:
    """Whether one of the directories for these places was removed."""
    names: dict[str, set[str]] = {}
    for place in places:
        parent, _, name = place.rpartition("/")
        names.setdefault(parent, set()).add(name)
    return any(
        not (results / parent).is_dir() or below.difference(os.listdir(results / parent))
        for parent, below in names.items()
    )


def _link_all(shown: Mapping[str, Realization], here: TaskSession, results: Path) -> None:
    for place, realization in shown.items():
        outputs = {name: path for name, path in realization.outputs.items() if path is not None}
        locations = {name: str(here.store.location(path)) for name, path in outputs.items()}
        _link(os.path.join(results, place), locations)


def readable(parameters: Mapping[str, str]) -> str:
    """A directory name that tells the parameters; long ones are cut, and told apart by a digest."""
    text = (
        _UNREADABLE.sub("-", "__".join(f"{name}={value}" for name, value in parameters.items())) or "default"
    )
    if len(text) <= _MAX:
        return text
    return f"{text[: _MAX - 9]}-{digest('name', text.encode())[:8]}"


def _places(plan: Plan, root: int) -> Iterator[tuple[int, str]]:
    """Where, below the results, the outputs of each derived node that a root stands for are shown."""
    shown: dict[Siblings, str] = {}
    stack = [(root, "")]
    while stack:
        number, role = stack.pop()
        node = plan.graph.nodes[number]
        if isinstance(node, GroupNode):
            members = [(member, role) for role, member in node.inputs.items() if member in plan.settled]
            stack.extend(reversed(members))
        elif isinstance(node, DerivedNode) and isinstance(node.work, DerivedTaskWork):
            siblings = node.work.siblings
            place = shown.get(siblings) or f"{node.work.label}/{readable(siblings.parameters)}"
            shown[siblings] = place
            yield number, f"{place}/{role}" if siblings.are_branches and role else place


def _reached(plan: Plan, root: int) -> list[int]:
    """The root and all that it was made from."""
    stack, seen = [root], {root}
    while stack:
        node = plan.graph.nodes[stack.pop()]
        below = {*node.inputs.values(), *node.after} - seen
        seen |= below
        stack.extend(below)
    return sorted(seen)


def _link(directory: str, outputs: Mapping[str, str]) -> None:
    """Let `directory` hold links to `outputs` and no other links."""
    try:
        with os.scandir(directory) as entries:
            there = {entry.name: os.readlink(entry.path) for entry in entries if entry.is_symlink()}
    except FileNotFoundError:
        os.makedirs(directory, exist_ok=True)
        there = {}
    if there == outputs:
        return
    for name in there.keys() - outputs.keys():
        os.unlink(os.path.join(directory, name))
    for name, location in outputs.items():
        if there.get(name) != location:
            fresh = os.path.join(directory, f".{name}.{os.getpid()}")
            os.symlink(location, fresh)
            os.replace(fresh, os.path.join(directory, name))
