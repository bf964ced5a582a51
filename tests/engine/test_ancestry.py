"""In what the makings of two results differ, far upstream too, from the store alone."""

import pytest

from lawnix.core.derivation import Source
from lawnix.engine.ancestry import ancestry
from lawnix.engine.graph import GroupNode
from lawnix.store.protocol import Facts
from tests.engine.world import Outside, Work


@pytest.fixture
def made(world, store):
    """What makes and records works, and returns the derivation of the last."""

    def make(*works, **wiring):
        plan = world.plan(*works, **wiring)
        world.build(plan)
        groups = [node.group for node in plan.graph.nodes if isinstance(node, GroupNode) and node.group]
        derivations = [node.derivation for node in plan.graph.nodes if getattr(node, "derivation", None)]
        store.record(Facts(derivations=derivations, groups=groups))
        return derivations[-1]

    return make


CHAIN = {"Select": {"": "Generate"}, "Plot": {"data": "Select"}}


def told(found):
    return [(each.family, each.count, each.depth, each.statements) for each in found.ancestors]


def test_a_change_far_upstream_is_the_one_that_is_told(made, store):
    old = made(Work("Generate", seed=1), Work("Select", "y"), Work("Plot", "z"), **CHAIN)
    new = made(Work("Generate", "w", seed=2), Work("Select", "v"), Work("Plot", "u"), **CHAIN)
    assert told(ancestry(store, old, new)) == [("Generate", 1, 2, ("parameter `seed` 1 → 2",))]


def test_several_changes_are_told_from_the_result_upwards(made, store):
    old = made(Work("Generate", seed=1), Work("Select", "y"), Work("Plot", "z", bins=10), **CHAIN)
    new = made(Work("Generate", "w", seed=2), Work("Select", "v"), Work("Plot", "u", bins=20), **CHAIN)
    assert [each[0] for each in told(ancestry(store, old, new))] == ["Plot", "Generate"]


WIRING = {"Group": {"0": "A0", "1": "A1"}, "B": {"all": "Group"}}


def branches(n, count=2):
    works = [Work("A", f"{n} {branch}", branch=str(branch), n=n) for branch in range(count)]
    wiring = {"Group": {str(branch): f"A{branch}" for branch in range(count)}, "B": {"all": "Group"}}
    return [*works, Work("Group"), Work("B", f"{n} {count}")], wiring


def test_branches_that_differ_alike_are_told_as_one(made, store):
    works, wiring = branches(1)
    old = made(*works, **wiring)
    works, wiring = branches(2)
    new = made(*works, **wiring)
    assert told(ancestry(store, old, new)) == [("A", 2, 1, ("parameter `n` 1 → 2",))]


def test_branches_that_were_added_are_named(made, store):
    works, wiring = branches(1)
    old = made(*works, **wiring)
    works, wiring = branches(1, count=3)
    new = made(*works, **wiring)
    (only,) = ancestry(store, old, new).ancestors
    assert (only.family, only.statements) == ("Group", ("added: 2",))


def test_the_same_has_no_differences(made, store):
    one = made(Work("Generate", seed=1), Work("Select", "y"), Work("Plot", "z"), **CHAIN)
    found = ancestry(store, one, one)
    assert (found.ancestors, found.outside, found.varying) == ([], [], [])


def test_files_from_outside_are_named_as_what_nothing_is_known_of(made, store):
    old = made(Outside("Data"), Work("B"), B={"raw": "Data"})
    assert old.inputs["raw"].source is Source.FOREIGN
    assert ancestry(store, old, old).outside == ["Data"]


def test_what_came_out_in_two_ways_is_named(made, store, world):
    old = made(Work("Train"), Work("Plot", "z"), Plot={"": "Train"})
    realization = next(iter(store.by_derivation([old.inputs[""].digest]).values()))[0]
    store.forget([realization], "to build it again")
    made(Work("Train", "another"), Work("Plot", "y"), Plot={"": "Train"})
    store.record(Facts(realizations=[realization]))
    assert ancestry(store, old, old).varying == ["Train"]
