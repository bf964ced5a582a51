"""Any graph of up to six tasks, a change and any removed files: what runs is what a small, obviously right model says must run."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.engine.model import Task, Tasks, keys, must_run, needed, written
from tests.engine.place import Place


@st.composite
def graphs(draw) -> Tasks:
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 6))):
        reads = draw(st.sets(st.integers(0, number - 1))) if number else set()
        tasks.append(Task(tuple(sorted(reads)), passes_on=draw(st.booleans())))
    return tuple(tasks)


def changed(tasks: Tasks, number: int, kind: str) -> Tasks:
    """The graph after one change of one task."""
    task = tasks[number]
    changes = {
        "nothing": task,
        "code, same content": replace(task, code=task.code + 1),
        "code": replace(task, code=task.code + 1, says=task.says + 1),
        "parameter": replace(task, parameter=task.parameter + 1, says=task.says + 1),
        "reads less": replace(task, reads=task.reads[1:]),
    }
    return (*tasks[:number], changes[kind], *tasks[number + 1 :])


def below_root(tasks: Tasks) -> list[int]:
    return sorted(needed(tasks, [len(tasks) - 1]))


KINDS: Sequence[str] = ("nothing", "code, same content", "code", "parameter", "reads less")


def ran(place: Place, tasks: Tasks) -> set[int]:
    """What a run of the last task ran, each once."""
    tried = place.run(tasks, [len(tasks) - 1]).tried
    assert len(set(tried)) == len(tried)
    return set(tried)


@given(tasks=graphs(), data=st.data())
def test_after_any_change_what_must_run_runs_and_nothing_else(tasks, data):
    with closing(Place()) as place:
        assert ran(place, tasks) == must_run(tasks, set(), set())
        known = {keys(tasks)[number] for number in below_root(tasks)}

        number = data.draw(st.sampled_from(below_root(tasks)), "changed task")
        after = changed(tasks, number, data.draw(st.sampled_from(KINDS), "change"))
        removed = data.draw(st.sets(st.sampled_from(below_root(tasks))), "removed files")
        for each in removed:
            place.remove(tasks, each)
        # a file is gone for the changed graph only where it would be the same file
        gone = {n for n in removed if written(tasks)[n] == written(after)[n]}

        assert ran(place, after) == must_run(after, known, gone)
        assert ran(place, after) == set()


@given(tasks=graphs(), data=st.data())
def test_what_is_changed_back_is_found_again(tasks, data):
    with closing(Place()) as place:
        ran(place, tasks)
        number = data.draw(st.sampled_from(below_root(tasks)), "changed task")
        ran(place, changed(tasks, number, data.draw(st.sampled_from(KINDS), "change")))
        assert ran(place, tasks) == set()
