import pytest

from lawnix.engine.graph import DerivedNode, ForeignNode
from lawnix.errors import CycleError, DuplicateOutputError
from tests.engine.world import Outside, Work


class Finds:
    """Finds tasks by their label, and makes nodes of those that are not there."""

    def __init__(self, **nodes):
        self.graph, self.nodes = None, nodes

    def find(self, task):
        for number, node in enumerate(self.graph.nodes):
            if node.work.label == task[1]:
                return number
        return self.graph.add(self.nodes[task[1]](self.graph))


def name(label):
    return ("module", label, {})


def planned(world, finder, *works, **wiring):
    plan = world.plan(*works, finder=finder, **wiring)
    finder.graph = plan.graph
    return plan


def test_two_tasks_with_one_key_are_built_once(world):
    code = {"run": "1"}
    works = Work("One", parts=code), Work("Two", parts=code), Work("Group")
    plan = world.plan(*works, Group={"1": "One", "2": "Two"})
    first, second = plan.take_ready()
    assert plan.keys[first] == plan.keys[second]
    world.build_one(plan, first)
    plan.settle()
    assert plan.take_ready() == []
    assert plan.settled[second].realization == plan.settled[first].realization
    assert plan.graph.roots[0] in plan.settled


def test_a_circle_that_a_build_finds_is_told_and_leaves_the_plan_as_it_was(world):
    finder = Finds(Above=lambda graph: DerivedNode(Work("Above"), {"a": 0}))
    plan = planned(world, finder, Work("A"))
    assert plan.take_ready() == [0]
    with pytest.raises(CycleError, match="A\n  requires Above\n  requires A"):
        plan.find(0, [name("Above")])
    assert plan.is_ready(0)


def test_a_wrong_task_that_is_found_late_is_broken_and_others_are_not(world):
    class Wrong(Work):
        def derive(self, inputs):
            raise DuplicateOutputError(self.label, "out.txt")

    finder = Finds(
        Wrong=lambda graph: DerivedNode(Wrong("Wrong"), {}), Good=lambda graph: DerivedNode(Work("Good"), {})
    )
    plan = planned(world, finder, Work("A"), Work("B"), Work("Group"), Group={"a": "A", "b": "B"})
    a, b = plan.take_ready()
    (wrong,) = plan.find(a, [name("Wrong")])
    assert isinstance(plan.broken[wrong], DuplicateOutputError)
    (good,) = plan.find(b, [name("Good")])
    assert good not in plan.broken
    assert plan.take_ready() == [good]


def test_a_wrong_task_that_was_asked_for_is_told_before_anything_is_planned(world):
    class Wrong(Work):
        def derive(self, inputs):
            raise DuplicateOutputError(self.label, "out.txt")

    with pytest.raises(DuplicateOutputError):
        world.plan(Work("A"), Wrong("B"), B={"a": "A"})


def test_a_task_of_law_that_waits_for_what_it_found_goes_on_even_if_its_output_is_there(world):
    """It has to come to the end of its run(), whatever it wrote before it yielded."""

    class Plain(Outside):
        external = False

    plain = Plain("Plain", text=None)
    finder = Finds(Part=lambda graph: DerivedNode(Work("Part"), {}))
    plan = world.plan(Work("First"), finder=finder)
    finder.graph = plan.graph
    number = plan.graph.add(ForeignNode(plain, {}))
    plan.extend()
    plan.settle()
    plan.demand([number])
    assert number in plan.take_ready()
    (part,) = plan.find(number, [name("Part")])
    plain.text = "written before it yielded"
    world.build_one(plan, part)
    plan.settle()
    assert number not in plan.settled
    assert number in plan.take_ready()
    plan.accept(number, None)
    assert plan.settled[number].content == plain.content()


def test_who_reads_a_file_late_that_is_gone_by_then_fails_alone(world):
    outside = Outside("File")
    plan = world.plan(outside, Work("Other"))
    (file,) = [n for n, node in enumerate(plan.graph.nodes) if isinstance(node, ForeignNode)]
    outside.text = None
    reader = plan.graph.add(DerivedNode(Work("Reader"), {"": file}))
    plan.extend()
    plan.settle()
    assert reader in plan.broken
    assert reader not in plan.keys
    assert len(plan.take_ready()) == 1


def test_what_is_built_as_an_earlier_result_is_what_a_task_with_the_same_key_takes(world):
    works = Work("One"), Work("Two"), Work("Group")
    for work in works[:2]:
        work.components = {"run": "1"}
    built = []
    for text in "aba":
        for work in works[:2]:
            work.text = text
        plan = world.plan(*works, Group={"1": "One", "2": "Two"})
        assert sorted(plan.take_ready()) == [0, 1]
        world.build_one(plan, 0)
        plan.settle()
        built.append(plan.settled[0].realization)
        assert plan.settled[1].realization.digest == built[-1].digest
        world.session.store.location(built[-1].outputs["out.txt"]).unlink()
    assert built[2].digest == built[0].digest != built[1].digest
