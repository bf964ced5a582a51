"""What a sandbox worker is told of a task: names and plain data, and what the author made as a pickle without tasks."""

import base64
import io
import os
import pickle
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import luigi

from lawnix.engine.current import Build
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.errors import DeclarationError
from lawnix.task.branches import branch_map_of, is_workflow
from lawnix.task.steps import task_name

if TYPE_CHECKING:
    from lawnix.task.work import DerivedTaskWork

_PROTOCOL: Final = 4  # of pickle; Python 3.8 and later read it


class Reads:
    """What a build may read."""

    def __init__(self, work: "DerivedTaskWork", build: Build) -> None:
        self._work, self._build = work, build
        graph = work.walk.graph
        number = work.walk.number_of(work.task)
        assert number is not None
        sources = [*graph.nodes[number].reads, *(n for _, n in build.found)]
        members = dict.fromkeys(member for source in sources for member in graph.members(source))
        self.derived = [n for n in members if isinstance(graph.nodes[n], DerivedNode) and n in build.outputs]
        self._foreign = [node for n in members if isinstance(node := graph.nodes[n], ForeignNode)]
        self.workflows = [n for n in self._groups(sources) if is_workflow(work.walk.task_of(n))]

    def _groups(self, sources: Iterable[int]) -> Iterator[int]:
        """The groups among `sources`, through groups of groups."""
        nodes, stack, seen = self._work.walk.graph.nodes, [*sources], set[int]()
        while stack:
            number = stack.pop()
            node = nodes[number]
            if isinstance(node, GroupNode) and number not in seen:
                seen.add(number)
                yield number
                stack += node.reads

    def places(self) -> Iterator[str]:
        """Where all this lies."""
        store = self._build.session.store
        for number in self.derived:
            yield from (
                store.place(path) for path in self._build.outputs[number].values() if path is not None
            )
        yield from self.outside()

    def outside(self) -> Iterator[str]:
        """Where that lies which is in no store."""
        for node in self._foreign:
            yield from node.work.locations()

    def outside_of_all(self) -> Iterator[str]:
        """Where that lies which is in no store and which any task of the graph reads."""
        for node in self._work.walk.graph.nodes:
            if isinstance(node, ForeignNode):
                yield from node.work.locations()


def message_of(work: "DerivedTaskWork", build: Build, reads: Reads, told: Container[int]) -> Any:
    """What a worker has to know to run one task, beside the nodes that it was told."""
    assert build.directory is not None
    news = [number for number in reads.derived if number not in told]
    workflows = [number for number in reads.workflows if number not in told]
    store, walk = build.session.store, work.walk
    return {
        "task": task_name(work.task),
        "branch": None
        if work.branch is None
        else _branch_map(work.siblings.branch_map_for(work.branch), work),
        "workflows": [
            (task_name(task), _branch_map(branch_map_of(task), work)) for task in map(walk.task_of, workflows)
        ],
        "requirements": _pickled(work.requirements, work),
        "told": [
            (
                number,
                task_name(walk.task_of(number)),
                {
                    name: None if path is None else store.place(path)
                    for name, path in build.outputs[number].items()
                },
            )
            for number in news
        ],
        "found": [(found.task, number) for found, number in build.found],
        "directory": str(build.directory),
        "log": f"{build.directory.parent}/log",
        "variables": _declared(work, build),
    }


def _declared(work: "DerivedTaskWork", build: Build) -> dict[str, str]:
    """The variables that the task declares, and where it writes what it reads of tracked views."""
    declared = {name: os.environ[name] for name in work.variables if name in os.environ}
    return {**declared, "LAWNIX_READS": f"{build.directory and build.directory.parent}/reads"}


def _branch_map(branches: Mapping[int, Any], work: "DerivedTaskWork") -> str | None:
    try:
        return _pickled(branches, work)
    except DeclarationError:  # the map is made again in there
        return None


class _Pickler(pickle.Pickler):
    """Puts the names of tasks in their places."""

    def persistent_id(self, thing: Any) -> Any:
        return task_name(thing) if isinstance(thing, luigi.Task) else None


def _pickled(thing: Any, work: "DerivedTaskWork") -> str:
    """A thing as it crosses into a sandbox.

    Raises:
        DeclarationError: It cannot.
    """
    into = io.BytesIO()
    try:
        _Pickler(into, _PROTOCOL).dump(thing)
    except Exception as error:  # whatever the author's objects raise
        raise DeclarationError(
            f"what {work.title()} requires cannot be told to a sandbox: {type(error).__name__}: {error}"
        ) from error
    return base64.b64encode(into.getvalue()).decode()
