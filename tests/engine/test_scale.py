"""Long chains and wide layers, as the engine sees them: no limit is met, and nothing is asked more often than it must be."""

import gc
import sys
from collections import Counter
from contextlib import closing

import pytest

from lawnix.engine.graph import DerivedNode, Graph
from lawnix.engine.plan import make_plan
from lawnix.engine.realize import realize
from lawnix.engine.report import Silence
from lawnix.engine.session import Session
from lawnix.engine.why import explain
from lawnix.store.protocol import Facts
from tests.engine.place import Instant, Weightless
from tests.engine.world import Work
from tests.scenarios.table import scenario


class Asked(Weightless):
    """A store that finds realizations at once, and counts questions and the names in them."""

    def __init__(self):
        super().__init__()
        self.by_key = {}
        self.calls, self.names = Counter(), Counter()

    def record(self, facts):
        super().record(facts)
        self.by_key.update((realization.key, [realization]) for realization in facts.realizations)

    def count(self, question, names):
        self.calls[question] += 1
        self.names[question] += len(names)

    def realizations(self, keys):
        self.count("realizations", keys)
        return {key: self.by_key[key] for key in keys if key in self.by_key}

    def by_derivation(self, derivations):
        self.count("by_derivation", derivations)
        return super().by_derivation(derivations)

    def present(self, objects):
        self.count("present", objects)
        return super().present(objects)


@pytest.fixture
def store():
    gc.disable()  # as a run does: much is made, all of which stays
    with closing(Asked()) as asked:
        yield asked
    gc.enable()


def chain(length):
    graph = Graph()
    for number in range(length):
        inputs = {"before": number - 1} if number else {}
        graph.add(DerivedNode(Work(f"T{number}", f"text {number}", number=number), inputs))
    graph.roots = [length - 1]
    return graph


def layers(depth, width, below=3):
    """Tasks in layers; each reads some of the layer below."""
    graph = Graph()
    for layer in range(depth):
        for place in range(width):
            reads = {str(i): (layer - 1) * width + (place + i) % width for i in range(below)} if layer else {}
            work = Work(f"L{layer}", f"{layer} {place}", layer=layer, place=place)
            graph.add(DerivedNode(work, reads))
    graph.roots = list(range((depth - 1) * width, depth * width))
    return graph


def run(graph, store):
    """How many tasks were run."""
    session = Session(store)
    plan = make_plan(graph, session)
    executor = Instant(store)
    outcome = realize(plan, executor, Silence())
    assert not outcome.failed
    assert not outcome.blocked
    assert all(root in plan.settled for root in graph.roots)
    return len(executor.attempted)


def know(graph, store):
    """Have all results without running anything; how many."""
    plan = make_plan(graph, Session(store))
    while ready := plan.take_ready():
        made = [store.made(plan, number) for number in ready]
        store.record(Facts(realizations=made))
        for number, realization in zip(ready, made, strict=True):
            plan.accept(number, realization)
        plan.settle()
    return len(plan.settled)


@scenario(
    78,
    "a chain of 2,000 tasks; of 50,000, as the engine sees it",
    "cold; again",
    runs="all, in order; nothing; no limit is met",
)
def test_a_chain_of_50000_tasks_meets_no_limit(store):
    assert run(chain(50_000), store) == 50_000
    store.calls.clear()
    assert run(chain(50_000), store) == 0
    assert store.calls["realizations"] + store.calls["by_derivation"] < 10  # not one a task


@scenario(
    79,
    "100,000 tasks in 10 layers, as the engine sees them",
    "nothing",
    runs="nothing; the store is asked once a layer",
)
def test_100000_tasks_in_ten_layers_are_asked_for_layer_by_layer(store):
    assert know(layers(10, 10_000), store) == 100_000
    store.calls.clear()
    store.names.clear()
    assert run(layers(10, 10_000), store) == 0
    assert store.calls == {"realizations": 10, "present": 1}
    assert store.names == {
        "realizations": 100_000,
        "present": 10_000,
    }  # of the last layer alone somebody wants the files


def test_very_many_tasks_with_one_key_are_not_looked_at_for_each_other(store):
    def twins(count):
        graph = Graph()
        graph.roots = [graph.add(DerivedNode(Work("Same", count=count), {})) for _ in range(count)]
        return graph

    for ran in (1, 0):
        few = calls(lambda: run(twins(500), store), ran)
        many = calls(lambda: run(twins(1000), store), ran)
        assert many < 3 * few  # a look at all for each would be four times as many


def calls(action, result):
    """How many functions are called by an action that comes to this result."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        assert action() == result
    finally:
        sys.setprofile(None)
    return count


def test_why_a_task_that_reads_very_many_is_built_is_told_without_asking_for_all_of_them_for_each(
    store, monkeypatch
):
    asked = Counter()
    inputs = DerivedNode.inputs

    def counted(node):
        read = inputs.fget(node)
        asked[len(read)] += 1
        return read

    def gather(count, number):
        graph = Graph()
        for leaf in range(count):
            graph.add(DerivedNode(Work("Leaf", f"text {leaf}", str(leaf), number=number), {}))
        graph.roots = [graph.add(DerivedNode(Work("Sum"), {str(leaf): leaf for leaf in range(count)}))]
        return graph

    run(gather(200, 1), store)
    plan = make_plan(gather(200, 2), Session(store))
    monkeypatch.setattr(DerivedNode, "inputs", property(counted))
    assert 200 in explain(plan, [200])
    assert 0 < asked[200] < 50
