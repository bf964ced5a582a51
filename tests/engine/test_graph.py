import pytest

from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.errors import DuplicateOutputError
from tests.engine.world import Work


def graph_of(**reads):
    graph, numbers = Graph(), {}
    for label, inputs in reads.items():
        node = GroupNode if label.startswith("Group") else DerivedNode
        numbers[label] = graph.add(node(Work(label), {role: numbers[role] for role in inputs}))
    return graph, numbers


def test_a_path_leads_along_those_that_wait():
    graph, at = graph_of(A="", B=["A"], Group=["B"], C=["Group"], D=["A"])
    assert graph.path(at["A"], {at["C"]}) == [at["A"], at["B"], at["Group"], at["C"]]
    assert graph.path(at["B"], {at["D"]}) == []
    assert graph.path(at["B"], {at["B"]}) == [at["B"]]


def test_a_path_leads_through_those_that_only_follow():
    graph, at = graph_of(A="")
    branch = graph.add(DerivedNode(Work("Branch"), {}, after=(at["A"],)))
    assert graph.path(at["A"], {branch}) == [at["A"], branch]


def test_one_wrong_task_does_not_keep_others_from_their_derivations():
    class Wrong(Work):
        def derive(self, inputs):
            raise DuplicateOutputError(self.label, "out.txt")

    graph, at = graph_of(A="", B=["A"])
    wrong = graph.add(DerivedNode(Wrong("Wrong"), {"a": at["A"]}))
    above = graph.add(DerivedNode(Work("Above"), {"wrong": wrong}))
    failures = graph.derive(range(len(graph)))
    assert failures.keys() == {wrong}
    with pytest.raises(DuplicateOutputError):
        raise failures[wrong]
    assert graph.nodes[at["B"]].derivation is not None
    assert graph.nodes[above].derivation is None
