"""Results for people: readable links to the outputs of root tasks, which also keep them from being collected."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lawnix.core.digest import digest
from lawnix.engine.graph import DerivedNode, GroupNode
from lawnix.engine.plan import Plan
from lawnix.task.session import TaskSession
from lawnix.task.walk import Walker
from lawnix.task.work import DerivedTaskWork

_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.+=,@%-]+")
_MAX: Final = 120  # characters of a directory's name


def publish(plan: Plan, walker: Walker, here: TaskSession, results: Path) -> None:
    """Make `results/<Family>/<parameters>/<output>` links for the settled roots of `plan`, and keep what they need."""
    for root in plan.graph.roots:
        if root not in plan.settled:
            continue
        places = dict(_places(plan, root))
        for number, place in places.items():
            realization = plan.settled[number].realization
            if realization is None:
                continue
            outputs = {name: path for name, path in realization.outputs.items() if path is not None}
            _link(results / place, {name: here.store.location(path) for name, path in outputs.items()})
        name = next((str(place.parts[0]) + "/" + "/".join(place.parts[1:2]) for place in places.values()), "")
        if name:
            used = [
                s.realization.digest
                for n in _reached(plan, root)
                if (s := plan.settled.get(n)) and s.realization
            ]
            here.store.add_root(name, used)


def readable(parameters: Mapping[str, str]) -> str:
    """A directory name that tells the parameters; long ones are cut, and told apart by a digest."""
    text = (
        _UNREADABLE.sub("-", "__".join(f"{name}={value}" for name, value in parameters.items())) or "default"
    )
    if len(text) <= _MAX:
        return text
    return f"{text[: _MAX - 9]}-{digest('name', text.encode())[:8]}"


def _places(plan: Plan, root: int) -> Iterator[tuple[int, Path]]:
    """Where the outputs of each derived node that a root stands for are shown."""
    stack = [(root, "")]
    while stack:
        number, role = stack.pop()
        node = plan.graph.nodes[number]
        if isinstance(node, GroupNode):
            stack.extend((member, r) for r, member in reversed(node.inputs.items()) if member in plan.settled)
        elif isinstance(node, DerivedNode) and isinstance(node.work, DerivedTaskWork):
            place = Path(node.work.label) / readable(node.work.parameters)
            yield number, place / role if node.work.is_branch and role else place


def _reached(plan: Plan, root: int) -> list[int]:
    """The root and all that it was made from."""
    stack, seen = [root], {root}
    while stack:
        node = plan.graph.nodes[stack.pop()]
        below = {*node.inputs.values(), *node.after} - seen
        seen |= below
        stack.extend(below)
    return sorted(seen)


def _link(directory: Path, outputs: Mapping[str, Path]) -> None:
    """Let `directory` hold links to `outputs` and no other links."""
    directory.mkdir(parents=True, exist_ok=True)
    with os.scandir(directory) as entries:
        there = {entry.name: os.readlink(entry.path) for entry in entries if entry.is_symlink()}
    for name in there.keys() - outputs.keys():
        (directory / name).unlink()
    for name, location in outputs.items():
        if there.get(name) != str(location):
            fresh = directory / f".{name}.{os.getpid()}"
            fresh.symlink_to(location)
            fresh.replace(directory / name)
