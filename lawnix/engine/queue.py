"""The queue of a run: nodes that could run now, in the order of their priorities, as far as resources go."""

import heapq
from collections.abc import Callable, Iterable, Mapping

from lawnix.engine.graph import Graph
from lawnix.errors import ResourceError


class Queue:
    """Nodes that could run now.

    `limits` says how much there is of each resource; of those that it does not name there is 1, as in luigi.
    """

    def __init__(self, graph: Graph, limits: Mapping[str, int]) -> None:
        self._graph = graph
        self._limits = limits
        self._priorities = _priorities(graph)
        self._heap: list[tuple[int, int]] = []
        self._members: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._members)

    def push(self, numbers: Iterable[int]) -> None:
        """Take nodes in; those that are in already stay where they are."""
        for number in numbers:
            if number not in self._members:
                self._members.add(number)
                heapq.heappush(self._heap, (-self._priorities.get(number, 0), number))

    def drop(self, number: int) -> None:
        """Let a node go."""
        if number in self._members:
            self._members.discard(number)
            self._heap = [entry for entry in self._heap if entry[1] != number]
            heapq.heapify(self._heap)

    def pick(self, most: int, running: Iterable[int], is_ready: Callable[[int], bool]) -> list[int]:
        """At most `most` nodes for which there are resources beside what is `running`; those not ready are let go."""
        picked: list[int] = []
        passed: list[tuple[int, int]] = []
        used: dict[str, int] = {}
        for number in running:
            self._use(number, used)
        while self._heap and len(picked) < most:
            entry = heapq.heappop(self._heap)
            number = entry[1]
            if is_ready(number) and not self._fits(number, used):
                passed.append(entry)
                continue
            self._members.discard(number)
            if is_ready(number):
                self._use(number, used)
                picked.append(number)
        for entry in passed:
            heapq.heappush(self._heap, entry)
        return picked

    def hopeless(self) -> list[tuple[int, ResourceError]]:
        """The nodes that want more of a resource than there is."""
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

    def _limit(self, name: str) -> int:
        return self._limits.get(name, 1)

    def _fits(self, number: int, used: Mapping[str, int]) -> bool:
        resources = self._graph.nodes[number].work.resources
        return all(used.get(name, 0) + amount <= self._limit(name) for name, amount in resources.items())

    def _use(self, number: int, used: dict[str, int]) -> None:
        for name, amount in self._graph.nodes[number].work.resources.items():
            used[name] = used.get(name, 0) + amount


def _priorities(graph: Graph) -> dict[int, int]:
    """The priority of each node: its own, or that of what needs it if that is larger."""
    priorities = {number: node.work.priority for number, node in enumerate(graph.nodes) if node.work.priority}
    if not priorities:
        return {}
    for number in range(len(graph) - 1, -1, -1):  # what reads a node has a larger number
        node = graph.nodes[number]
        for other in (*node.inputs.values(), *node.after):
            priorities[other] = max(priorities.get(other, 0), priorities.get(number, 0))
    return priorities
