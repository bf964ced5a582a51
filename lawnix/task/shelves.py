"""Shelves: what is shown of the roots of a plan, and under which names."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lawnix.core.digest import digest
from lawnix.engine.graph import Node
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Realized
from lawnix.task.copies import state_of
from lawnix.task.identity import deciding
from lawnix.task.packed import Digests
from lawnix.task.results import Shelf, Shown
from lawnix.task.work import DerivedTaskWork, TaskWork

_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.+=,@%-]+")
_MAX: Final = 120  # characters of a directory's name


def shelf_of(plan: Plan, root: int) -> Shelf:
    """What is shown of a root that is settled."""
    shown: dict[str, dict[str, Shown]] = {}
    for number, directory, place in _places(plan, root):
        settled = plan.settled[number]
        if isinstance(settled, Realized):
            shown.setdefault(directory, {})[place] = settled.kept
    found = (plan.settled.get(number) for number in plan.graph.reached(root))
    used = Digests()
    for each in found:
        if isinstance(each, Realized):
            used.append(each.kept.digest)
    return Shelf(_name(plan.graph.nodes[root]), shown, used)


def readable(parameters: Mapping[str, str]) -> str:
    """A directory name that tells the parameters; what it cannot tell is told apart by a digest."""
    said = "__".join(f"{name}={value}" for name, value in parameters.items()) or "default"
    text = _UNREADABLE.sub("-", said)
    if text == said and len(text) <= _MAX:
        return text
    return f"{text[: _MAX - 9]}-{digest('name', said.encode())[:8]}"


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


def _places(plan: Plan, root: int) -> Iterator[tuple[int, str, str]]:
    """Where, below the results, the outputs of each derived node that a root stands for are shown.

    Yields:
        The node, the directory of its task or workflow, and its own, which is below that for a branch.
    """
    directories: dict[object, str] = {}  # of branches
    for number in plan.graph.derived(root):
        node = plan.graph.nodes[number]
        work = node.work
        if number in plan.settled and isinstance(work, DerivedTaskWork):
            kind, branch = work.kind, work.branch
            directory = directories.get(kind) if branch is not None else None
            if directory is None:
                directory = f"{work.label}/{readable(work.siblings.parameters)}"
            if branch is None:
                yield number, directory, directory
            else:
                directories[kind] = directory
                yield number, directory, f"{directory}/{branch}"
