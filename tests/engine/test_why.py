import dataclasses
from collections import Counter

from lawnix.core.decision import Cause
from lawnix.core.digest import digest
from lawnix.core.realization import Found
from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.engine.outline import Happens, counted, outline, tell
from lawnix.engine.plan import make_plan
from lawnix.engine.why import explain
from tests.engine.world import Outside, Work


def reason(plan, number=-1):
    number = number % len(plan.graph)
    return explain(plan, [number])[number]


def test_what_is_there_needs_no_reason(world):
    assert world.build(world.plan(Work("A"))) == 1
    assert explain(world.plan(Work("A")), [0]) == {}


def test_a_task_of_a_new_family_was_never_built(world):
    assert reason(world.plan(Work("A"))).cause is Cause.NEVER_BUILT


def test_a_changed_parameter_is_named_with_both_values(world):
    world.build(world.plan(Work("A", n=1)))
    why = reason(world.plan(Work("A", n=2)))
    assert (why.cause, why.details) == (Cause.CHANGED, ("parameter `n` 1 → 2",))


def test_a_changed_part_of_the_code_is_named(world):
    world.build(world.plan(Work("A", parts={"A.run": "1", "tasks.cut": "1"})))
    why = reason(world.plan(Work("A", parts={"A.run": "1", "tasks.cut": "2"})))
    assert why.details == ("code of `tasks.cut` changed",)


def test_the_nearest_of_several_earlier_forms_is_compared(world):
    world.build(world.plan(Work("A", n=1, m=1)))
    world.build(world.plan(Work("A", n=7, m=7)))
    assert reason(world.plan(Work("A", n=1, m=2))).details == ("parameter `m` 1 → 2",)


def test_of_equally_near_forms_the_later_is_compared(world):
    world.build(world.plan(Work("A", n=1)))
    world.build(world.plan(Work("A", n=2)))
    assert reason(world.plan(Work("A", n=3))).details == ("parameter `n` 2 → 3",)


def test_a_new_branch_is_told_from_a_changed_one(world):
    world.build(world.plan(Work("A", branch="0")))
    assert reason(world.plan(Work("A", branch="1"))).details == ("its branch data is new",)
    assert reason(world.plan(Work("A", branch="0", n=1))).details == ("parameter `n` added (1)",)


def test_an_input_with_other_content_is_the_reason(world):
    world.build(world.plan(Work("A"), Work("B"), B={"events": "A"}))
    plan = world.plan(Work("A", text="y", n=1), Work("B"), B={"events": "A"})
    assert not plan.builds.keys() - {0}
    world.build_one(plan, 0, ())
    plan.settle()
    assert reason(plan).details == ("input `events` (A) changed",)


def test_an_input_that_came_out_as_it_was_is_not_the_reason(world):
    world.build(world.plan(Work("A"), Work("B", n=1), B={"events": "A"}))
    plan = world.plan(Work("A", n=5), Work("B", n=2), B={"events": "A"})
    world.build_one(plan, 0, ())
    plan.settle()
    assert reason(plan).details == ("parameter `n` 1 → 2",)


def test_the_same_holds_for_inputs_in_groups(world):
    wiring = {"Group": {"0": "A0", "1": "A1"}, "B": {"all": "Group"}}

    def works(a=0, b=0):
        return Work("A", branch="0", n=a), Work("A", branch="1", n=a), Work("Group"), Work("B", n=b)

    world.build(world.plan(*works(), **wiring))
    plan = world.plan(*works(a=1, b=1), **wiring)
    for number in (0, 1):
        world.build_one(plan, number, ())
    plan.settle()
    assert reason(plan).details == ("parameter `n` 0 → 1",)


def test_what_waits_runs_only_if_its_input_comes_out_with_other_content(world):
    world.build(world.plan(Work("A"), Work("B"), B={"": "A"}))
    plan = world.plan(Work("A", n=1), Work("B"), B={"": "A"})
    assert reason(plan).cause is Cause.UPSTREAM
    assert reason(plan).details == ("runs if `A` comes out with other content",)


def test_what_waits_and_changed_itself_runs_in_any_case(world):
    world.build(world.plan(Work("A"), Work("B", n=1), B={"": "A"}))
    plan = world.plan(Work("A", n=1), Work("B", n=2), B={"": "A"})
    assert (reason(plan).cause, reason(plan).details) == (Cause.CHANGED, ("parameter `n` 1 → 2",))


def test_a_forgotten_realization_is_said_to_be_forgotten(world, store):
    plan = world.plan(Work("A"))
    world.build(plan)
    store.forget([plan.settled[0].realization], "removed")
    assert reason(world.plan(Work("A"))).cause is Cause.FORGOTTEN


def test_a_lost_object_is_named(world, store):
    plan = world.plan(Work("A"))
    world.build(plan)
    store.location(plan.settled[0].realization.outputs["out.txt"]).unlink()
    why = reason(world.plan(Work("A")))
    assert (why.cause, why.details) == (
        Cause.OBJECT_MISSING,
        ("output `out.txt` is missing or damaged in the store",),
    )


def test_other_content_from_outside_is_the_reason_of_its_reader(world):
    world.build(world.plan(Outside("Data"), Work("B"), B={"raw": "Data"}))
    why = reason(world.plan(Outside("Data", "other"), Work("B"), B={"raw": "Data"}))
    assert (why.cause, why.details) == (Cause.CHANGED, ("content of input `raw` (Data) changed",))


def test_a_missing_file_from_outside_stops_all_that_needs_it(world):
    plan = world.plan(Outside("Data", None), Work("B"), Work("C"), B={"": "Data"}, C={"": "B"})
    reasons = explain(plan, [0, 1, 2])
    assert [reasons[number].cause for number in range(3)] == [Cause.BROKEN] * 3
    assert "/data/Data" in reasons[0].details[0]
    assert reasons[2].details == ("`B` cannot run",)


def test_parameters_of_a_requirement_count_where_the_code_may_read_them(world):
    world.build(world.plan(Work("A", n=1), Work("B", reads_parameters=True), B={"a": "A"}))
    plan = world.plan(Work("A", n=2), Work("B", reads_parameters=True), B={"a": "A"})
    world.build_one(plan, 0, ())
    plan.settle()
    assert reason(plan).details == ("parameters of input `a` (A) changed, which its code may read",)


def test_a_task_found_at_run_time_that_changed_is_named(world):
    class Finder:
        def find(self, task):
            self.number = (
                self.number if hasattr(self, "number") else self.graph.add(DerivedNode(Work("A"), {}))
            )
            return self.number

    world.build(world.plan(Work("A")))
    world.build(world.plan(Work("Dyn")), found=[Found(("module", "A", {}), digest("content", b"of before"))])
    finder = Finder()
    graph = Graph()
    finder.graph = graph
    graph.roots = [graph.add(DerivedNode(Work("Dyn"), {}))]
    plan = make_plan(graph, world.session, finder)
    why = explain(plan, [0])[0]
    assert (why.cause, why.details) == (Cause.FOUND_CHANGED, ("`A`, which it found at run time, changed",))


class Counting:
    """A store that counts the questions it is asked."""

    def __init__(self, store):
        self._store, self.asked = store, Counter()

    def __getattr__(self, name):
        def ask(*args, **kwargs):
            self.asked[name] += 1
            return getattr(self._store, name)(*args, **kwargs)

        return ask


def test_the_store_is_asked_as_often_for_a_hundred_tasks_as_for_two(world, store):
    def asked(count):
        def plan(text, **parameters):
            works = [Work("A", text, branch=str(i), **parameters) for i in range(count)]
            readers = [Work("B", branch=str(i), **parameters) for i in range(count)]
            group = Work("Group")
            graph = Graph()
            for work in works:
                graph.add(DerivedNode(work, {}))
            for i, work in enumerate(readers):
                graph.add(DerivedNode(work, {"a": i}))
            graph.roots = [graph.add(GroupNode(group, {str(i): count + i for i in range(count)}))]
            return make_plan(graph, world.session)

        world.build(plan("x", count=count))
        changed = plan("y", count=-count)
        counting = Counting(store)
        changed.session = dataclasses.replace(world.session, store=counting)
        told = explain(changed, range(len(changed.graph)))
        assert len(told) == 2 * count + 1
        return counting.asked

    few, many = asked(2), asked(100)
    assert few == many
    assert max(many.values()) <= 2  # derivations: earlier forms of the tasks, and of what they read


def test_an_outline_tells_alike_tasks_as_one(world):
    world.build(world.plan(Work("A", branch="0"), Work("Group"), Group={"0": "A0"}))
    wiring = {"Group": {"0": "A0", "1": "A1", "2": "A2"}}
    plan = world.plan(*(Work("A", branch=str(i)) for i in range(3)), Work("Group"), **wiring)
    bunches = outline(plan)
    assert [(bunch.happens, bunch.family, len(bunch.numbers)) for bunch in bunches] == [
        (Happens.REUSE, "A", 1),
        (Happens.BUILD, "A", 2),
    ]
    assert counted(bunches)[Happens.BUILD] == 2


def test_what_a_build_reads_is_built_if_its_object_is_lost(world, store):
    plan = world.plan(Work("A"), Work("B"), B={"": "A"})
    world.build(plan)
    store.location(plan.settled[0].realization.outputs["out.txt"]).unlink()
    store.forget([plan.settled[1].realization], "removed")
    bunches = outline(world.plan(Work("A"), Work("B"), B={"": "A"}))
    assert {bunch.family: bunch.happens for bunch in bunches} == {"A": Happens.BUILD, "B": Happens.LATER}


def test_a_lost_object_that_nobody_reads_is_no_reason_to_build(world, store):
    plan = world.plan(Work("A"), Work("B", text="z"), B={"": "A"})
    world.build(plan)
    store.location(plan.settled[0].realization.outputs["out.txt"]).unlink()
    bunches = outline(world.plan(Work("A"), Work("B", text="z"), B={"": "A"}))
    assert {bunch.family: bunch.happens for bunch in bunches} == {"A": Happens.REUSE, "B": Happens.REUSE}


def test_a_diamond_is_told_once_on_each_arm_and_followed_once(world):
    works = [Work("A", n=0)]
    wiring = {}
    for level in range(1, 31):
        works += [Work(f"L{level}", level=level), Work(f"R{level}", level=level)]
        below = ["A"] if level == 1 else [f"L{level - 1}", f"R{level - 1}"]
        wiring[f"L{level}"] = wiring[f"R{level}"] = {str(i): label for i, label in enumerate(below)}
    works.append(Work("Top"))
    wiring["Top"] = {"0": "L30", "1": "R30"}
    plan = world.plan(*works, **wiring)
    told = tell(plan, plan.graph.roots, -1)
    assert sum(not each.again for each in told) == len(works)
    assert len(told) < 5 * len(works)


def test_alike_requirements_are_told_as_one(world):
    parts = [Work("A", branch=str(i), n=i) for i in range(5)]
    world.build(world.plan(*parts[:4], Work("B"), B={str(i): f"A{i}" for i in range(4)}))
    plan = world.plan(*parts, Work("B"), B={str(i): f"A{i}" for i in range(5)})
    told = tell(plan, plan.graph.roots, 1)
    assert [(each.level, len(each.numbers), each.happens) for each in told] == [
        (0, 1, Happens.LATER),
        (1, 4, Happens.REUSE),
        (1, 1, Happens.BUILD),
    ]


def test_depth_limits_what_is_told(world):
    plan = world.plan(Work("A"), Work("B"), Work("C"), B={"": "A"}, C={"": "B"})
    assert [each.level for each in tell(plan, plan.graph.roots, 0)] == [0]
    assert [each.level for each in tell(plan, plan.graph.roots, 1)] == [0, 1]


def test_how_code_is_written_is_asked_once_for_all_branches(world, monkeypatch):
    def works(code):
        branches = [Work("A", branch=str(n), parts={"A.run": code}) for n in range(20)]
        return [*branches, Work("Group")], {"Group": {str(n): f"A{n}" for n in range(20)}}

    works_then, wiring = works("1")
    world.build(world.plan(*works_then, **wiring))
    works_now, wiring = works("2")
    plan = world.plan(*works_now, **wiring)
    asked = []
    monkeypatch.setattr(Work, "wordings", lambda work: asked.append(work) or {})
    reasons = explain(plan, list(range(20)))
    assert {each.details for each in reasons.values()} == {("code of `A.run` changed",)}
    assert len(asked) == 1
