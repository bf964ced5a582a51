from lawnix.engine.graph import DerivedNode, Graph
from lawnix.engine.queue import Queue
from tests.engine.world import Work


def always(number):
    return True


def graph_of(*works):
    graph = Graph()
    for work in works:
        graph.add(DerivedNode(work, {}))
    return graph


def wanting(label, **resources):
    work = Work(label)
    work.resources = resources
    return work


def urgent(label, priority):
    work = Work(label)
    work.priority = priority
    return work


def test_the_larger_priority_is_picked_first_and_equal_ones_in_their_order():
    queue = Queue(graph_of(Work("a"), urgent("b", 5), Work("c"), urgent("d", 9)), {})
    queue.push(range(4))
    assert queue.pick(4, [], always) == [3, 1, 0, 2]
    assert not queue


def test_what_a_task_needs_is_as_urgent_as_the_task():
    graph = graph_of(Work("a"), Work("b"))
    graph.add(DerivedNode(urgent("c", 1), {"b": 1}))
    queue = Queue(graph, {})
    queue.push([0, 1])
    assert queue.pick(1, [], always) == [1]


def test_what_does_not_fit_beside_what_is_running_waits():
    queue = Queue(graph_of(wanting("a", gpu=1), wanting("b", gpu=2), Work("c")), {"gpu": 2})
    queue.push([1, 2])
    assert queue.pick(9, [0], always) == [2]
    assert queue.pick(9, [], always) == [1]


def test_two_are_not_picked_together_if_there_is_enough_for_one():
    queue = Queue(graph_of(wanting("a", tape=1), wanting("b", tape=1)), {})
    queue.push([0, 1])
    assert queue.pick(9, [], always) == [0]
    assert queue.pick(9, [0], always) == []
    assert queue.pick(9, [], always) == [1]


def test_what_wants_more_than_there_is_is_hopeless_and_told_so():
    queue = Queue(graph_of(wanting("a", gpu=3), wanting("b", gpu=2)), {"gpu": 2})
    queue.push([0, 1])
    ((number, error),) = queue.hopeless(always)
    assert number == 0
    assert "gpu (3, there is 2)" in str(error)


def test_what_is_not_ready_any_more_is_let_go():
    queue = Queue(graph_of(Work("a"), Work("b")), {})
    queue.push([0, 1, 1])
    assert queue.pick(9, [], lambda number: number == 1) == [1]
    assert not queue


def test_what_is_let_go_does_not_come_up_and_may_come_again():
    queue = Queue(graph_of(Work("a"), Work("b")), {})
    queue.push([0, 1])
    queue.drop(0)
    assert queue.pick(9, [], always) == [1]
    queue.push([0])
    assert queue.pick(9, [], always) == [0]


def test_what_waits_for_a_resource_does_not_hold_up_what_wants_another():
    wants = [wanting("a", gpu=1), wanting("b", gpu=1), wanting("c", tape=1), Work("d")]
    queue = Queue(graph_of(*wants), {})
    queue.push(range(4))
    assert queue.pick(9, [0], always) == [2, 3]
    assert queue.pick(9, [], always) == [0]


def test_what_need_not_run_any_more_is_not_hopeless():
    queue = Queue(graph_of(wanting("a", gpu=3)), {"gpu": 2})
    queue.push([0])
    assert queue.hopeless(lambda number: False) == []
    assert not queue


def test_many_that_wait_for_one_resource_are_looked_at_once():
    looked = []
    queue = Queue(graph_of(*[wanting(str(n), gpu=1) for n in range(500)]), {})
    queue.push(range(500))
    for number in range(500):
        assert queue.pick(9, [], lambda n: not looked.append(n)) == [number]
    assert len(looked) == 500
