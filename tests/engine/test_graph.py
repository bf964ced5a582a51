import pytest

from lawnix.core.digest import digest
from lawnix.core.realization import Realization
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


class Again(Work):
    """Counts how often it derives."""

    derives_again = True
    count = 0

    def derive(self, inputs):
        self.count += 1
        return super().derive(inputs)


def derived(*works):
    """A graph in which each of `works` reads the one before it, with all derivations."""
    graph = Graph()
    for number, work in enumerate(works):
        graph.add(DerivedNode(work, {"x": number - 1} if number else {}))
    assert graph.derive(range(len(graph))) == {}
    return graph


def built_from(derivation):
    """A realization of a derivation."""
    return Realization(digest("key", b"any"), derivation, {"out": None})


def test_what_is_let_go_is_derived_again_and_is_the_same():
    first, second = Again("A", n=1), Again("B", n=2)
    graph = derived(first, second)
    before = [node.derivation for node in graph.nodes]
    names = [graph.reference(number).digest for number in range(2)]
    for number in range(2):
        graph.let_go(number, built_from(names[number]))
    assert [graph.reference(number).digest for number in range(2)] == names
    assert (first.count, second.count) == (1, 1), "a name is known without the rest"
    assert [node.derivation for node in graph.nodes] == before
    assert [node.derivation.digest for node in graph.nodes] == names
    assert first.count > 1


def test_what_may_be_derived_otherwise_is_not_let_go():
    graph = derived(Work("A"))
    before = graph.nodes[0].derivation
    graph.let_go(0, built_from(before.digest))
    assert graph.nodes[0].derivation is before


def test_what_was_built_from_another_derivation_says_nothing_of_it():
    graph = derived(Again("A"))
    before = graph.nodes[0].derivation
    graph.let_go(0, built_from(digest("derivation", b"another")))
    assert graph.nodes[0].derivation is before


def test_what_is_asked_for_its_parameters_is_not_let_go():
    graph = derived(Again("A"), Work("Reader", reads_parameters=True))
    before = graph.nodes[0].derivation
    graph.let_go(0, built_from(before.digest))
    assert graph.nodes[0].derivation is before


def test_what_is_reached_stands_in_order_and_once():
    graph, at = graph_of(A="", B="A", Other="", C=["A", "B"])
    after = graph.add(DerivedNode(Work("After"), {"c": at["C"]}, after=(at["B"],)))
    assert list(graph.reached(after)) == [at["A"], at["B"], at["C"], after]
