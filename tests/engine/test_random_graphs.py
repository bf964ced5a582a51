"""Any graph of up to six tasks, any single change: what runs is what a small, obviously right model says must run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from lawnix.store.memory import MemoryStore
from tests.engine.world import Work, World


@dataclass(frozen=True)
class Task:
    """One task of a graph: what it reads, and what decides what it writes."""

    reads: tuple[int, ...]
    code: int = 0
    parameter: int = 0
    says: int = 0
    passes_on: bool = True  # whether what it writes depends on what it reads


Tasks = tuple[Task, ...]


def written(tasks: Tasks) -> list[str]:
    """What each task writes; no two write the same."""
    texts: list[str] = []
    for number, task in enumerate(tasks):
        read = "|".join(texts[other] for other in task.reads) if task.passes_on else ""
        texts.append(f"{number}.{task.says}({read})")
    return texts


def keys(tasks: Tasks) -> list[object]:
    """What each task is found by: all that is its own, and the content of what it reads."""
    texts = written(tasks)
    return [
        (number, task.code, task.parameter, tuple(texts[other] for other in task.reads))
        for number, task in enumerate(tasks)
    ]


def must_run(tasks: Tasks, known: set[object], removed: set[int]) -> set[int]:
    """What a run of the last task must build, when the results under `known` keys exist, less the `removed` files."""
    root = len(tasks) - 1
    below = {root}
    for number in range(root, -1, -1):
        if number in below:
            below.update(tasks[number].reads)
    running = {number for number in below if keys(tasks)[number] not in known}
    while True:
        read = {root} | {other for number in running for other in tasks[number].reads}
        lost = (read & removed) - running
        if not lost:
            return running
        running |= lost


class Place:
    """A store in which graphs are run."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.world = World(self.store)

    def run(self, tasks: Tasks) -> set[int]:
        """Build what is to be built; what that was."""
        plan = self.plan(tasks)
        ran: set[int] = set()
        while (ready := plan.take_ready()) or (plan.recheck() and (ready := plan.take_ready())):
            for number in ready:
                ran.add(number)
                self.world.build_one(plan, number)
            plan.settle()
        assert len(plan.graph) - 1 in plan.settled
        return ran

    def plan(self, tasks: Tasks):
        texts = written(tasks)
        works = [
            Work(f"T{number}", texts[number], parts={"run": str(task.code)}, p=f"{number}.{task.parameter}")
            for number, task in enumerate(tasks)
        ]
        wiring = {
            f"T{n}": {str(i): f"T{other}" for i, other in enumerate(t.reads)} for n, t in enumerate(tasks)
        }
        return self.world.plan(*works, **wiring)

    def remove(self, tasks: Tasks, numbers: Iterable[int]) -> None:
        """Take away the files that these tasks wrote."""
        plan = self.plan(tasks)
        for number in numbers:
            realization = plan.settled[number].realization
            for path in realization.outputs.values():
                self.store.location(path).unlink(missing_ok=True)


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
    reached = must_run(tasks, set(), set())
    return sorted(reached)


KINDS: Sequence[str] = ("nothing", "code, same content", "code", "parameter", "reads less")


@given(tasks=graphs(), data=st.data())
def test_after_any_change_what_must_run_runs_and_nothing_else(tasks, data):
    place = Place()
    try:
        assert place.run(tasks) == must_run(tasks, set(), set())
        known = {keys(tasks)[number] for number in below_root(tasks)}

        number = data.draw(st.sampled_from(below_root(tasks)), "changed task")
        after = changed(tasks, number, data.draw(st.sampled_from(KINDS), "change"))
        removed = data.draw(st.sets(st.sampled_from(below_root(tasks))), "removed files")
        place.remove(tasks, removed)
        # a file is gone for the changed graph only where it would be the same file
        gone = {n for n in removed if written(tasks)[n] == written(after)[n]}

        assert place.run(after) == must_run(after, known, gone)
        assert place.run(after) == set()
    finally:
        place.store.close()


@given(tasks=graphs(), data=st.data())
def test_what_is_changed_back_is_found_again(tasks, data):
    place = Place()
    try:
        place.run(tasks)
        number = data.draw(st.sampled_from(below_root(tasks)), "changed task")
        place.run(changed(tasks, number, data.draw(st.sampled_from(KINDS), "change")))
        assert place.run(tasks) == set()
    finally:
        place.store.close()
