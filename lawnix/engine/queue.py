"""The queue of a run: nodes that could run now, in the order of their priorities, as far as resources go."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from lawnix.engine.graph import Graph
from lawnix.engine.numbered import NumberSet
from lawnix.errors import ResourceError

_PLACES: Final = 1 << 40  # more nodes than there can be


class Queue:
    """Nodes that could run now.

    `limits` says how much there is of each resource; of those that it does not name there is 1, as in luigi.
    """

    def __init__(self, graph: Graph, limits: Mapping[str, int]) -> None:
        self._graph = graph
        self._limits = limits
        self._priorities = _priorities(graph)
        # of those that want the same, which are few kinds: each node as one number, those of high priority the least
        self._heaps: dict[_Wants, list[int]] = {}
        self._members = NumberSet()

    def __bool__(self) -> bool:
        return any(map(self._cleared, self._heaps.values()))

    def push(self, numbers: Iterable[int]) -> None:
        """Take nodes in; those that are in already stay where they are."""
        for number in numbers:
            if number not in self._members:
                self._members.add(number)
                heap = self._heaps.setdefault(self._wants(number), [])
                priority = self._priorities.get(number)
                heapq.heappush(heap, number - priority * _PLACES if priority else number)

    def drop(self, number: int) -> None:
        """Let a node go."""
        self._members.discard(number)  # from its heap when it comes up

    def pick(self, most: int, running: Iterable[int], is_ready: Callable[[int], bool]) -> list[int]:
        """At most `most` nodes for which there are resources beside what is `running`; those not ready are let go.

        Args:
            most: How many.
            running: What has resources now; who wants none may be left out.
            is_ready: Whether a node can run.
        """
        picked: list[int] = []
        used: dict[str, int] = {}
        for number in running:
            _use(self._wants(number), used)
        while len(picked) < most:
            fitting = [
                (heap[0], wants)
                for wants, heap in self._heaps.items()
                if self._cleared(heap) and self._fits(wants, used)
            ]
            if not fitting:
                break
            _, wants = min(fitting)
            for number in self._popped(wants, 1 if wants or len(fitting) > 1 else most - len(picked)):
                if is_ready(number):
                    _use(wants, used)
                    picked.append(number)
        return picked

    def hopeless(self, is_ready: Callable[[int], bool]) -> list[tuple[int, ResourceError]]:
        """The nodes that want more of a resource than there is; those not ready are let go."""
        self._members = NumberSet(number for number in self._members if is_ready(number))
        found = []
        for number in self._members:
            work = self._graph.nodes[number].work
            short = [
                f"{name} ({amount}, there is {self._limit(name)})"
                for name, amount in work.resources.items()
                if amount > self._limit(name)
            ]
            if short:
                found.append((number, ResourceError(work.title(), short)))
        return found

    def _popped(self, wants: "_Wants", most: int) -> Iterator[int]:
        """At most so many of those that want the same, which are in the queue no more."""
        heap = self._heaps[wants]
        while most > 0 and self._cleared(heap):
            number = heapq.heappop(heap) % _PLACES
            self._members.discard(number)
            most -= 1
            yield number

    def _cleared(self, heap: list[int]) -> bool:
        """Whether something is in the heap, when what was let go is taken out at its top."""
        while heap and heap[0] % _PLACES not in self._members:
            heapq.heappop(heap)
        return bool(heap)

    def _wants(self, number: int) -> "_Wants":
        resources = self._graph.nodes[number].work.resources
        return tuple(sorted(resources.items())) if resources else ()

    def _limit(self, name: str) -> int:
        return self._limits.get(name, 1)

    def _fits(self, wants: "_Wants", used: Mapping[str, int]) -> bool:
        return all(used.get(name, 0) + amount <= self._limit(name) for name, amount in wants)


_Wants = tuple[tuple[str, int], ...]
"""Resources with their amounts."""


def _use(wants: _Wants, used: dict[str, int]) -> None:
    for name, amount in wants:
        used[name] = used.get(name, 0) + amount


def _priorities(graph: Graph) -> dict[int, int]:
    """The priority of each node: its own, or that of what needs it if that is larger."""
    priorities = {number: node.work.priority for number, node in enumerate(graph.nodes) if node.work.priority}
    if not priorities:
        return {}
    for number in range(len(graph) - 1, -1, -1):  # what reads a node has a larger number
        node = graph.nodes[number]
        for other in (*node.reads, *node.after):
            priorities[other] = max(priorities.get(other, 0), priorities.get(number, 0))
    return priorities
