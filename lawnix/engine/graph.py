"""The graph of a run: nodes, what they read, and what they wait for."""

import math
from array import array
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, TypeVar

from lawnix.core.closure import closure
from lawnix.core.derivation import Derivation, Group, Input, Source, selected
from lawnix.core.digest import Digest
from lawnix.core.kept import Kept
from lawnix.core.realization import Realization
from lawnix.engine.numbered import NumberSet
from lawnix.engine.work import DerivedWork, ForeignWork, Work
from lawnix.errors import NoSuchOutputError

_SHORT: Final = 4
_Item = TypeVar("_Item", str, int)


class DerivedNode:
    """A task that is built from its derivation."""

    __match_args__ = ("work", "inputs", "after")
    __slots__ = ("_derivation", "_names", "_read", "_roles", "after", "work")

    def __init__(
        self,
        work: DerivedWork,
        inputs: Mapping[str, int],
        after: tuple[int, ...] = (),
        derivation: Derivation | None = None,
    ) -> None:
        self.work = work
        self._roles = _one(tuple(inputs))
        self._read = _one(tuple(inputs.values()))
        self.after = after
        self._derivation: Derivation | Kept | Realization | None = derivation
        self._names: Graph | None = None  # knows those of what it reads

    @property
    def inputs(self) -> Mapping[str, int]:
        """What it reads, by role; there may be very many that read in the same roles."""
        return dict(zip(self._roles, self._read, strict=True))

    @property
    def reads(self) -> Collection[int]:
        """The same without the roles."""
        return self._read

    @property
    def derivation(self) -> Derivation | None:
        """What decides the result, as far as that is known; made again if it was let go."""
        known = self._derivation
        if known is None or isinstance(known, Derivation):
            return known
        assert self._names is not None
        again = self.work.derive(_References(self._names, self))
        again.be_known_as(known.derivation)
        return again

    @derivation.setter
    def derivation(self, derivation: Derivation | None) -> None:
        self._derivation = derivation

    @property
    def is_derived(self) -> bool:
        """Whether its derivation is known."""
        return self._derivation is not None

    @property
    def is_named(self) -> bool:
        """Whether somebody has found out the digest of its derivation."""
        known = self._derivation
        return known is not None and (not isinstance(known, Derivation) or known.is_named)

    @property
    def name(self) -> Digest:
        """The digest of its derivation, which is known."""
        known = self._derivation
        assert known is not None
        return known.digest if isinstance(known, Derivation) else known.derivation

    def let_go(self, graph: "Graph", built: Kept | Realization) -> None:
        """Keep only what was built from the derivation, if the work can derive it again; there may be very many."""
        if self.work.derives_again and built.derivation == self.name:
            self._derivation, self._names = built, graph


@dataclass(slots=True)
class GroupNode:
    """Many nodes required as one: a workflow with its branches, a wrapper with what it wraps.

    Attributes:
        threshold: How many members are enough; infinite for all.
        expand: Where the members are not known before `after` is done: what adds them to the graph and returns them by
            role.
        only: The roles of the outputs of its one member that it stands for; empty for all of all members.
    """

    work: Work
    inputs: Mapping[str, int]
    after: tuple[int, ...] = ()
    threshold: float = math.inf
    expand: Callable[[], Mapping[str, int]] | None = None
    only: tuple[str, ...] = ()
    group: Group | None = None

    @property
    def reads(self) -> Collection[int]:
        """The members without their roles."""
        return self.inputs.values()

    @property
    def whole(self) -> int:
        """The one member of a group that stands for some of its outputs."""
        (number,) = self.reads
        return number


@dataclass(slots=True)
class ForeignNode:
    """A task of plain law or luigi."""

    work: ForeignWork
    inputs: Mapping[str, int]
    after: tuple[int, ...] = ()

    @property
    def reads(self) -> Collection[int]:
        """What it reads, without the roles."""
        return self.inputs.values()


def _one(short: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """The same for all that have these roles or numbers, if there are few; most of those are the same for very many."""
    return _shared(short) if len(short) <= _SHORT else short


@lru_cache(1024)
def _shared(short: tuple[_Item, ...]) -> tuple[_Item, ...]:
    return short


Node = DerivedNode | GroupNode | ForeignNode


@dataclass(slots=True)
class Graph:
    """Nodes by number; what a node reads has a smaller number than the node, unless it was found at run time.

    Attributes:
        nodes: The nodes.
        consumers: For each node, the numbers of those that read it.
        followers: For each node, the numbers of those that only wait for it.
        roots: What was asked for.
        standing: Realizations of nodes that are known to be as they were, with all their objects; what these read is
            not in the graph, so that they cannot be built.
        left_out: How many results stand and are not in the graph, since nothing in it reads them.
    """

    nodes: list[Node] = field(default_factory=list)
    consumers: list[Sequence[int]] = field(default_factory=list)
    followers: list[Sequence[int]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    standing: dict[int, Realization] = field(default_factory=dict)
    left_out: int = 0
    _names: dict[int, Input] = field(default_factory=dict)  # of nodes that are not derived
    _parameters_are_read: bool = False  # of what some node requires

    def add(self, node: Node) -> int:
        """Take `node` in; its number."""
        number = len(self.nodes)
        self.nodes.append(node)
        self.consumers.append(())
        self.followers.append(())
        for other in set(node.reads):
            self.add_consumer(other, number)
        for other in node.after:
            _append(self.followers, other, number)
        return number

    def add_consumer(self, number: int, consumer: int) -> None:
        """Note that another node reads this one."""
        _append(self.consumers, number, consumer)

    def __len__(self) -> int:
        return len(self.nodes)

    def members(self, number: int) -> Iterator[int]:
        """What `number` stands for: itself, or what is in the group, through groups of groups."""
        stack, seen = [number], set()
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            node = self.nodes[current]
            if isinstance(node, GroupNode):
                stack.extend([*node.reads][::-1])
            else:
                yield current

    def derived(self, number: int) -> Iterator[int]:
        """The derived nodes that `number` stands for."""
        return (member for member in self.members(number) if isinstance(self.nodes[member], DerivedNode))

    def reached(self, root: int) -> Sequence[int]:
        """The node and all that it reads or waits for, in order."""
        stack, seen = [root], NumberSet([root])
        while stack:
            node = self.nodes[stack.pop()]
            for other in (*node.reads, *node.after):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return array("q", seen)

    def path(self, start: int, ends: Set[int]) -> list[int]:
        """A way from `start` to one of `ends`, both included, along those that wait; empty if there is none."""
        stack, before = [start], {start: start}
        while stack:
            current = stack.pop()
            if current in ends:
                way = [current]
                while current != start:
                    current = before[current]
                    way.append(current)
                return way[::-1]
            for other in (*self.consumers[current], *self.followers[current]):
                if other not in before:
                    before[other] = current
                    stack.append(other)
        return []

    def is_named(self, number: int) -> bool:
        """Whether there is a name by which others can refer to the node before its content is known."""
        match self.nodes[number]:
            case DerivedNode() as node:
                return node.is_derived
            case GroupNode(group=group):
                return group is not None
        return True

    def reference(self, number: int) -> Input:
        """The name by which others refer to a node that is named.

        It is found out when somebody asks, since a run in which everything is there needs none: the names of all that
        the node is made from first, so that the depth of the graph does not matter.
        """
        if not self._is_found(number):
            for each in closure([number], self._unnamed):
                name = self._name(each)
                if not isinstance(self.nodes[each], DerivedNode):  # which keep their own
                    self._names[each] = name
        known = self._names.get(number)
        return self._name(number) if known is None else known

    def _is_found(self, number: int) -> bool:
        """Whether the name of a node was found out."""
        node = self.nodes[number]
        return node.is_named if isinstance(node, DerivedNode) else number in self._names

    def _unnamed(self, number: int) -> list[int]:
        """What has to be named before the node."""
        node = self.nodes[number]
        if isinstance(node, ForeignNode):
            return []
        return [other for other in node.reads if not self._is_found(other)]

    def _name(self, number: int) -> Input:
        match self.nodes[number]:
            case DerivedNode(work) as node:
                return Input(Source.DERIVATION, node.name, work.label)
            case GroupNode(only=only) as part if only:
                return replace(self.reference(part.whole), only=only)
            case GroupNode(work, group=group):
                assert group is not None
                return Input(Source.GROUP, group.digest, work.label)
            case ForeignNode(work):
                return Input(Source.FOREIGN, work.identity, work.label)

    def derive(self, numbers: Iterable[int]) -> Mapping[int, Exception]:
        """Write down the derivations and groups of `numbers`, which are in an order in which inputs come first.

        Nodes below a workflow whose branches are not known yet stay without.

        Returns:
            What is wrong with nodes that have no derivation for that reason.
        """
        wrong: dict[int, Exception] = {}
        for number in numbers:
            node = self.nodes[number]
            if (
                isinstance(node, ForeignNode)
                or (isinstance(node, GroupNode) and node.expand is not None)
                or number in self.standing
            ):
                continue
            if not all(map(self.is_named, node.reads)):
                continue
            inputs = _References(self, node)
            if isinstance(node, GroupNode):
                node.group = Group(node.work.label, inputs)
                if node.only and (error := self._cannot_select(node)) is not None:
                    wrong[number] = error
            else:
                try:
                    node.derivation = derivation = node.work.derive(inputs)
                except Exception as error:  # the author's output(), or a value without a canonical form
                    wrong[number] = error
                else:
                    self._parameters_are_read |= derivation.reads_parameters
        return wrong

    def let_go(self, number: int, built: Kept | Realization) -> None:
        """A node is built and recorded: nobody is likely to ask for its derivation any more."""
        node = self.nodes[number]
        if isinstance(node, DerivedNode) and not self._parameters_are_read:
            node.let_go(self, built)

    def _cannot_select(self, node: GroupNode) -> Exception | None:
        """What is wrong with outputs that are to be read alone."""
        for number in self.derived(node.whole):
            member = self.nodes[number]
            assert isinstance(member, DerivedNode)
            if member.derivation is not None:
                specs = member.derivation.outputs
                for role in node.only:
                    if not selected(specs, (role,)):
                        return NoSuchOutputError(member.work.label, role, [spec.role for spec in specs])
        return None

    def titles(self, numbers: Sequence[int]) -> list[str]:
        """The nodes as people read them."""
        return [self.nodes[number].work.title() for number in numbers]


def _append(lists: list[Sequence[int]], place: int, number: int) -> None:
    """Append to one of many lists; most of them are short, and tuples as long as they are."""
    known = lists[place]
    if isinstance(known, list):
        known.append(number)
    else:
        lists[place] = _one((*known, number)) if len(known) < _SHORT else [*known, number]


class _References(Mapping[str, Input]):
    """The names of what a node reads, by role, found out when somebody asks."""

    __slots__ = ("_graph", "_inputs", "_node")

    def __init__(self, graph: Graph, node: DerivedNode | GroupNode) -> None:
        self._graph = graph
        self._node = node
        # those of the node, once somebody asks for roles one by one
        self._inputs: Mapping[str, int] | None = None

    def __getitem__(self, role: str) -> Input:
        if self._inputs is None:
            self._inputs = self._node.inputs
        return self._graph.reference(self._inputs[role])

    def __iter__(self) -> Iterator[str]:
        return iter(self._node.inputs)

    def __len__(self) -> int:
        return len(self._node.inputs)

    def items(self) -> "ItemsView[str, Input]":
        """All of them, quickly."""
        return _Named(self)

    def named(self) -> Iterator[tuple[str, Input]]:
        """The roles with the names."""
        return ((role, self._graph.reference(number)) for role, number in self._node.inputs.items())


class _Named(ItemsView[str, Input]):
    """The names of what a node reads, with their roles."""

    _mapping: _References

    def __iter__(self) -> Iterator[tuple[str, Input]]:
        return self._mapping.named()
