"""Demand: what the roots of a plan need, so that nothing else is built or looked for.

The outputs of the roots must be there, and the inputs of what is to be built. What nobody reads may be gone.
"""

from collections.abc import Callable, Iterable

from lawnix.engine.graph import Graph, GroupNode
from lawnix.engine.numbered import NumberMap


class Demand:
    """Which nodes are needed, as far as has been asked."""

    def __init__(
        self, graph: Graph, is_settled: Callable[[int], bool], is_to_build: Callable[[int], bool]
    ) -> None:
        self._graph = graph
        self._is_settled = is_settled
        self._is_to_build = is_to_build
        self._asked = NumberMap[bool]()  # whether it was to be built when it was asked for

    def __contains__(self, number: int) -> bool:
        return number in self._asked

    def unfold(self, numbers: Iterable[int]) -> list[int]:
        """The nodes, with all members of those that are groups."""
        stack = list(numbers)
        seen: dict[int, None] = {}
        while stack:
            current = stack.pop()
            if current not in seen:
                seen[current] = None
                node = self._graph.nodes[current]
                if isinstance(node, GroupNode):
                    stack.extend(node.reads)
        return list(seen)

    def ask(self, number: int) -> list[int] | None:
        """What must be there before an unsettled node can run; None if it was asked before and nothing has changed."""
        building = self._is_to_build(number)
        if self._asked.get(number, False) or (number in self._asked and not building):
            return None
        self._asked[number] = building
        node = self._graph.nodes[number]
        inputs = list(node.reads)
        if not building:
            inputs = [other for other in inputs if not self._is_settled(other)]
        unexpanded = isinstance(node, GroupNode) and node.expand is not None
        return [*inputs, *(node.after if building or unexpanded else ())]
