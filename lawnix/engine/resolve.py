"""Resolution: a derivation names its inputs by what they are made from; its key names them by what they hold."""

from collections.abc import Callable, Iterable

from lawnix.core.closure import closure
from lawnix.core.derivation import group_content
from lawnix.core.digest import Digest
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph, GroupNode, Node


def resolve(graph: Graph, number: int, content: Callable[[int], Digest]) -> Digest:
    """The key of a derived node of whose inputs `content` tells what they hold."""
    node = graph.nodes[number]
    assert isinstance(node, DerivedNode)
    if node.derivation is None:  # below a workflow whose branches were not known before
        for error in graph.derive([number]).values():
            raise error
    assert node.derivation is not None
    by_role = {role: content(other) for role, other in node.inputs.items()}
    if node.derivation.reads_parameters:
        by_role |= {
            f"\0parameters of {role}": _parameters(graph, other) for role, other in node.inputs.items()
        }
    return node.derivation.key(by_role)


def _parameters(graph: Graph, number: int) -> Digest:
    """What a consumer that looks at the tasks it requires can read of them beside their outputs."""
    found: dict[int, Digest] = {}
    for each in closure([number], lambda other: _below(graph.nodes[other])):
        match graph.nodes[each]:
            case DerivedNode(derivation=derivation):
                assert derivation is not None
                found[each] = derivation.parameters_digest
            case GroupNode(inputs=inputs):
                found[each] = group_content({role: found[other] for role, other in inputs.items()})
            case ForeignNode(work):
                found[each] = work.identity
    return found[number]


def _below(node: Node) -> Iterable[int]:
    return node.reads if isinstance(node, GroupNode) else ()
