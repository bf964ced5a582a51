"""Skeletons: the graph of a root as it is kept, so that a part of it can be made again without the rest.

Tasks are told by their classes and by their parameters as they are written, column by column; branches by their
workflow and number; what nodes read by their places in this graph.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence, Set
from enum import StrEnum
from typing import Any

from lawnix.core.realization import TaskName
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode, Node
from lawnix.task.branches import is_branch, is_workflow
from lawnix.task.columns import CannotTellError, Columns, row_of
from lawnix.task.packed import Digests, numbers_from, read_numbers
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


class _Ends:
    """What nodes read and wait for; what several read one after the other is there once."""

    def __init__(self) -> None:
        self._roles: dict[tuple[str, ...], int] = {}  # all there are, by their places
        self._of = numbers_from()  # the places of those of each end
        self._starts = numbers_from()
        self._numbers = numbers_from()
        self._last: tuple[Sequence[str], Sequence[int]] | None = None

    def place(self, roles: Sequence[str], numbers: Sequence[int]) -> int:
        """The place of an end: the roles of what is read, and that with what is waited for."""
        if (roles, numbers) != self._last:
            self._last = roles, numbers
            self._of.append(self._roles.setdefault(tuple(roles), len(self._roles)))
            self._starts.append(len(self._numbers))
            self._numbers.extend(numbers)
        return len(self._of) - 1

    def drawn(self) -> Mapping[str, Any]:
        """As they are kept."""
        return {
            "roles": list(self._roles),
            "roles_of": self._of,
            "starts": self._starts,
            "read": self._numbers,
        }


def drawn(graph: Graph, numbers: Sequence[int], workflows: Mapping[int, int]) -> Any:
    """What is kept of these nodes, which are all that one of them reads; numbers and digests are yet to be written.

    Args:
        graph: Where they are.
        numbers: What is read stands before what reads it.
        workflows: The places of the workflows in what is kept beside it, by the id() of what their branches share, and
            of the workflows themselves.

    Raises:
        CannotTellError: Some of it cannot be made again.
    """
    places = numbers_from([-1]) * len(graph)
    classes: dict[type, tuple[int, Columns]] = {}
    ends = _Ends()
    kinds: list[str] = []
    of_all, rows, ends_of = numbers_from(), numbers_from(), numbers_from()
    only: dict[int, tuple[str, ...]] = {}
    for place, number in enumerate(numbers):
        places[number] = place
        node = graph.nodes[number]
        kind, of, row = _drawn_task(node, workflows, classes)
        if kind is Kind.PART:
            assert isinstance(node, GroupNode)
            only[place] = node.only
        kinds.append(kind)
        of_all.append(of)
        rows.append(row)
        read = [places[other] for other in (*node.reads, *node.after)]
        ends_of.append(ends.place(tuple(node.inputs), read))
    return {
        "kinds": "".join(kinds),
        "of": of_all,
        "rows": rows,
        "ends": ends_of,
        "classes": [
            (cls.__module__, str(cls.get_task_family()), columns.drawn())  # type: ignore[attr-defined]
            for cls, (_, columns) in classes.items()
        ],
        **ends.drawn(),
        "only": only,
        "derivations": _derivations(graph, numbers),
    }


def _derivations(graph: Graph, numbers: Sequence[int]) -> Digests:
    found = Digests()
    for number in numbers:
        node = graph.nodes[number]
        if isinstance(node, DerivedNode):
            found.append(graph.reference(number).digest)
    return found


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
        """Take what `drawn` has returned, when it was written and read."""
        self._said = said
        self._of, self._rows, self._ends = (read_numbers(said[each]) for each in ("of", "rows", "ends"))
        self._roles_of, self._starts = read_numbers(said["roles_of"]), read_numbers(said["starts"])
        self._read = read_numbers(said["read"])

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
        module, family, columns = self._said["classes"][self._of[place]]
        return module, family, row_of(columns, self.row(place))

    def row(self, place: int) -> int:
        """Which one of its class a task is."""
        return self._rows[place]

    def branch(self, place: int) -> tuple[int, int]:
        """The workflow of a branch, or of what stands for them all, by its place, and the number of the branch."""
        return self._of[place], self._rows[place]

    def family(self, place: int) -> tuple[str, str]:
        """The module and family of a task that is neither branch nor workflow nor part."""
        module, family, _ = self._said["classes"][self._of[place]]
        return module, family

    def inputs(self, place: int) -> Mapping[str, int]:
        """What a node reads, by role."""
        return dict(zip(self._roles(self._ends[place]), self.reads(place), strict=True))

    def reads(self, place: int) -> Sequence[int]:
        """The same without the roles."""
        return self._read_at(self._ends[place])

    def after(self, place: int) -> tuple[int, ...]:
        """What a node waits for."""
        end = self._ends[place]
        stop = self._starts[end + 1] if end + 1 < len(self._starts) else len(self._read)
        return tuple(self._read[self._starts[end] + len(self._roles(end)) : stop])

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
        for place, end in enumerate(self._ends):
            if end not in reading:
                reading[end] = not found.isdisjoint(self._read_at(end))
            if reading[end]:
                found.add(place)
        return found

    def _roles(self, end: int) -> Sequence[str]:
        """The roles of what is read together."""
        roles: Sequence[str] = self._said["roles"][self._roles_of[end]]
        return roles

    def _read_at(self, end: int) -> Sequence[int]:
        """What is read together."""
        start = self._starts[end]
        return self._read[start : start + len(self._roles(end))]
