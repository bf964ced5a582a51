"""Closure: everything reached, once, in an order that can be built in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.closure import Circle, closure

# edges to smaller numbers only: a graph without circles
graphs = st.lists(st.sets(st.integers(0, 30)), max_size=20).map(
    lambda sets: {i: {j for j in to if j < i} for i, to in enumerate(sets)}
)


def reached(graph: dict[int, set[int]], roots: list[int]) -> set[int]:
    found: set[int] = set()
    pending = list(roots)
    while pending:
        item = pending.pop()
        if item not in found:
            found.add(item)
            pending += graph[item]
    return found


@given(graphs, st.data())
def test_it_is_all_that_is_reached_once_and_what_is_needed_first_comes_first(graph, data):
    roots = data.draw(st.lists(st.sampled_from(sorted(graph)))) if graph else []
    order = closure(roots, graph.__getitem__)
    assert len(order) == len(set(order))
    assert set(order) == reached(graph, roots)
    place = {item: i for i, item in enumerate(order)}
    assert all(place[to] < place[item] for item in order for to in graph[item])


@given(graphs, st.data())
def test_a_circle_is_found_and_named(graph, data):
    if len(graph) < 2:
        return
    low, high = sorted(
        data.draw(st.lists(st.sampled_from(sorted(graph)), min_size=2, max_size=2, unique=True))
    )
    graph[low].add(high)
    graph[high].add(low)
    with pytest.raises(Circle) as caught:
        closure([high], graph.__getitem__)
    path = caught.value.path
    assert path[0] == path[-1]
    assert all(after in graph[before] for before, after in pairwise(path))


def test_what_refers_to_itself_is_a_circle():
    with pytest.raises(Circle) as caught:
        closure(["a"], lambda item: [item])
    assert caught.value.path == ["a", "a"]


def test_depth_does_not_matter():
    deep = 50_000
    assert closure([deep], lambda item: [item - 1] if item else [])[0] == 0


def test_every_thing_is_asked_for_its_references_once():
    asked = []

    def references(item: int) -> list[int]:
        asked.append(item)
        return [item - 1, item - 1] if item else []

    closure([20, 20, 5], references)
    assert sorted(asked) == list(range(21))
