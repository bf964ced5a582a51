"""Facts: what a run writes into the journal with the realizations that it made."""

from collections.abc import Sequence

from lawnix.core.derivation import Group
from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.engine.messages import Built
from lawnix.store.protocol import Facts


class FactsOfRun:
    """What has been built, with all that is needed to understand it later; each group is told once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._told: set[int] = set()

    def of(self, built: Sequence[Built]) -> Facts:
        """What is recorded with these builds."""
        nodes = [self._graph.nodes[result.number] for result in built]
        derived = [node for node in nodes if isinstance(node, DerivedNode) and node.derivation is not None]
        derivations = [node.derivation for node in derived if node.derivation is not None]
        return Facts(
            codes={d.code: node.work.components for node, d in zip(derived, derivations, strict=True)},
            derivations=derivations,
            groups=self._groups_below(derived),
            realizations=[result.realization for result in built if result.realization is not None],
            sizes={path: size for result in built for path, size in result.sizes.items()},
        )

    def _groups_below(self, nodes: Sequence[DerivedNode]) -> list[Group]:
        """The groups that `nodes` read, and those in them."""
        groups = {}
        stack = [other for node in nodes for other in node.inputs.values()]
        while stack:
            number = stack.pop()
            node = self._graph.nodes[number]
            if isinstance(node, GroupNode) and node.group is not None and number not in self._told:
                self._told.add(number)
                groups[node.group.digest] = node.group
                stack.extend(node.inputs.values())
        return list(groups.values())
