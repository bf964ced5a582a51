"""Skeletons: the graph of a root as it is kept, so that a part of it can be made again without the rest.

Tasks are told by their classes and by their parameters as they are written, column by column; branches by their
workflow and number; what nodes read by their places in this graph.
"""

import functools
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from typing import Any

from lawnix.core.digest import Digest
from lawnix.core.realization import TaskName
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode, Node
from lawnix.task.branches import is_branch, is_workflow
from lawnix.task.columns import CannotTellError, Columns, row_of
from lawnix.task.standing import digests_in
from lawnix.task.work import DerivedTaskWork, TaskWork


class Kind(StrEnum):
    """What a node stands for."""

    TASK = "t"
    BRANCH = "b"
    WRAPPER = "w"
    WORKFLOW = "m"
    PART = "p"  # some outputs of a task
    FOREIGN = "f"


# ------------------------------------------------------------------------------------------- drawing


class _Numbered:
    """Things by their places in a list that has each of them once."""

    def __init__(self) -> None:
        self.all: dict[Hashable, int] = {}

    def place(self, thing: Hashable) -> int:
        return self.all.setdefault(thing, len(self.all))


def drawn(graph: Graph, numbers: Sequence[int], workflows: Mapping[int, int]) -> Any:
    """What is kept of these nodes, which are all that one of them reads.

    Args:
        graph: Where they are.
        numbers: What is read stands before what reads it.
        workflows: The places of the workflows in what is kept beside it, by the id() of what their branches share, and
            of the workflows themselves.

    Raises:
        CannotTellError: Some of it cannot be made again.
    """
    places = {number: place for place, number in enumerate(numbers)}
    classes: dict[type, tuple[int, Columns]] = {}
    roles, ends = _Numbered(), _Numbered()
    nodes: list[tuple[str, int, int, int]] = []
    only: dict[int, tuple[str, ...]] = {}
    for place, number in enumerate(numbers):
        node = graph.nodes[number]
        read = (
            roles.place(tuple(node.inputs)),
            tuple(places[other] for other in node.inputs.values()),
            tuple(places[other] for other in node.after),
        )
        kind, of, row = _drawn_task(node, workflows, classes)
        if kind is Kind.PART:
            assert isinstance(node, GroupNode)
            only[place] = node.only
        nodes.append((kind, of, row, ends.place(read)))
    kinds, of_all, rows, ends_of = zip(*nodes, strict=True)
    return {
        "kinds": "".join(kinds),
        "of": of_all,
        "rows": rows,
        "ends": ends_of,
        "classes": [
            (cls.__module__, str(cls.get_task_family()), columns.drawn())  # type: ignore[attr-defined]
            for cls, (_, columns) in classes.items()
        ],
        "roles": list(roles.all),
        "read": list(ends.all),
        "only": only,
        "derivations": "".join(_derivations(graph, numbers)),
    }


def _derivations(graph: Graph, numbers: Sequence[int]) -> Iterator[Digest]:
    for number in numbers:
        node = graph.nodes[number]
        if isinstance(node, DerivedNode):
            assert node.derivation is not None
            if not node.derivation.is_named:
                graph.reference(number)  # of a long chain, what stands at its beginning is named first
            yield node.derivation.digest


def _drawn_task(
    node: Node, workflows: Mapping[int, int], classes: dict[type, tuple[int, Columns]]
) -> tuple[Kind, int, int]:
    """How the task of a node is told: by its class and row, or by its workflow and number."""
    work = node.work
    assert isinstance(work, TaskWork)
    if isinstance(work, DerivedTaskWork) and work.branch is not None:
        return Kind.BRANCH, workflows[id(work.siblings)], work.branch
    task = work.task
    if isinstance(node, ForeignNode):
        if node.inputs or node.after:
            raise CannotTellError(f"{work.title()} may not be looked at again")
        kind = Kind.FOREIGN
    elif isinstance(node, DerivedNode):
        kind = Kind.TASK
    elif node.only:
        return Kind.PART, -1, -1
    elif node.expand is not None or node.threshold < len(node.inputs):
        raise CannotTellError(f"{work.title()} may have other members")
    elif is_workflow(task):
        return Kind.WORKFLOW, workflows[id(task)], -1
    elif is_branch(task):
        raise CannotTellError(f"{work.title()} is a branch without a result of its own")
    else:
        kind = Kind.WRAPPER
    if type(task) not in classes:
        classes[type(task)] = len(classes), Columns(task)
    of, columns = classes[type(task)]
    return kind, of, columns.add(task)


# ------------------------------------------------------------------------------------------- reading


class Skeleton:
    """The graph of a root as it was; nodes are told by their places, and what one reads stands before it."""

    def __init__(self, said: Any) -> None:
        """Take what `drawn` has returned."""
        self._said = said

    def __len__(self) -> int:
        return len(self._said["kinds"])

    def kind(self, place: int) -> Kind:
        """What a node stands for."""
        return Kind(self._said["kinds"][place])

    def of_kind(self, *kinds: Kind) -> Iterator[int]:
        """The nodes of these kinds, in order."""
        return (place for place, kind in enumerate(self._said["kinds"]) if kind in kinds)

    def name(self, place: int) -> TaskName:
        """The name of a task that is neither branch nor workflow nor part."""
        module, family, columns = self._said["classes"][self._said["of"][place]]
        return module, family, row_of(columns, self.row(place))

    def row(self, place: int) -> int:
        """Which one of its class a task is."""
        row: int = self._said["rows"][place]
        return row

    def branch(self, place: int) -> tuple[int, int]:
        """The workflow of a branch, or of what stands for them all, by its place, and the number of the branch."""
        return self._said["of"][place], self._said["rows"][place]

    def family(self, place: int) -> tuple[str, str]:
        """The module and family of a task that is neither branch nor workflow nor part."""
        module, family, _ = self._said["classes"][self._said["of"][place]]
        return module, family

    def inputs(self, place: int) -> Mapping[str, int]:
        """What a node reads, by role."""
        roles, numbers, _ = self._said["read"][self._said["ends"][place]]
        return dict(zip(self._said["roles"][roles], numbers, strict=True))

    def reads(self, place: int) -> Sequence[int]:
        """The same without the roles."""
        numbers: Sequence[int] = self._said["read"][self._said["ends"][place]][1]
        return numbers

    def after(self, place: int) -> tuple[int, ...]:
        """What a node waits for."""
        return tuple(self._said["read"][self._said["ends"][place]][2])

    @functools.cached_property
    def derivations(self) -> Sequence[str]:
        """The derivation digests of results, in their order."""
        return digests_in(self._said["derivations"])

    def with_derivations(self, derivations: Sequence[str]) -> Any:
        """What is kept of the same graph with other derivations."""
        return {**self._said, "derivations": "".join(derivations)}

    def only(self, place: int) -> tuple[str, ...]:
        """The roles of the outputs that a part has."""
        return tuple(self._said["only"].get(str(place), ()))

    def above(self, places: Set[int]) -> set[int]:
        """The places, and whatever reads them."""
        found = set(places)
        reading: dict[int, bool] = {}  # by what is read, which many have in common
        for place, end in enumerate(self._said["ends"]):
            if end not in reading:
                reading[end] = not found.isdisjoint(self._said["read"][end][1])
            if reading[end]:
                found.add(place)
        return found
