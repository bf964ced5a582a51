"""What every executor promises, and what only one with processes of its own can."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lawnix.engine.executor.fork import ForkExecutor
from lawnix.engine.executor.inline import InlineExecutor
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph
from lawnix.engine.plan import make_plan
from lawnix.engine.realize import realize
from lawnix.engine.report import Silence
from lawnix.engine.session import Session
from lawnix.store.local import LocalStore
from tests.engine.world import Outside, Work


class Task(Work):
    """A task whose `does` is called in the build with the path of its output."""

    def __init__(self, label, does, **kwargs):
        super().__init__(label, **kwargs)
        self.does = does

    def run(self, build):
        self.does(build.directory / "out.txt")


class Told(Silence):
    """Keeps what it is told."""

    def __init__(self):
        self.text = b""
        self.failures = {}

    def printed(self, number, text):
        self.text += text

    def failed(self, number, failure, *, again):
        self.failures[number] = failure


@pytest.fixture
def store(tmp_path):
    with LocalStore.open(tmp_path / "store", durability="none") as opened:
        yield opened


def run(store, make, *tasks, workers=2, chained=False, **session):
    """Realize `tasks`, which are all roots; the plan, the outcome and what was told."""
    graph = Graph()
    for task in tasks:
        graph.add(DerivedNode(task, {"": len(graph) - 1} if chained and len(graph) else {}))
    graph.roots = list(range(len(graph)))
    here = Session(store, **session)
    plan = make_plan(graph, here)
    told = Told()
    outcome = realize(plan, make(graph, here, workers), told)
    return plan, outcome, told


def fork(graph, session, workers):
    return ForkExecutor(graph, session, workers)


def inline(graph, session, workers):  # there is one process
    return InlineExecutor(graph, session)


both = pytest.mark.parametrize("executor", [fork, inline])


def writes(text):
    return lambda path: path.write_text(text)


def says(text):
    def say(path):
        print(text, flush=True)
        subprocess.run([sys.executable, "-c", "print('child')"], check=True)
        path.write_text("x")

    return say


def content(plan, number):
    (path,) = plan.settled[number].realization.outputs.values()
    return plan.session.store.location(path).read_text()


@both
def test_what_is_written_becomes_an_object(store, executor):
    plan, outcome, _ = run(store, executor, Task("A", writes("a"), n=1), Task("B", writes("b"), n=2))
    assert sorted(outcome.built) == [0, 1]
    assert [content(plan, 0), content(plan, 1)] == ["a", "b"]


@both
def test_a_failure_is_told_with_the_authors_traceback_and_stops_nothing_else(store, executor):
    def breaks(path):
        path.write_text("half")
        raise ValueError("no luck")

    plan, outcome, told = run(store, executor, Task("A", breaks, n=1), Task("B", writes("b"), n=2))
    assert list(outcome.built) == [1]
    assert told.failures[0].summary == "ValueError: no luck"
    assert "breaks" in told.failures[0].traceback
    assert "lawnix/engine" not in told.failures[0].traceback
    assert content(plan, 1) == "b"
    assert list(store.root.glob("objects/*/*")) == [
        store.location(*plan.settled[1].realization.outputs.values())
    ]


@both
def test_what_a_build_and_its_children_print_is_told_and_kept(store, executor):
    plan, _, told = run(store, executor, Task("A", says("hello"), n=1))
    assert told.text == b"hello\nchild\n"
    assert store.log(plan.settled[0].realization.digest) == "hello\nchild\n"


@both
def test_a_build_has_the_environment_of_builds_and_leaves_the_callers_alone(store, executor, monkeypatch):
    monkeypatch.delenv("TOLD", raising=False)
    plan, _, _ = run(
        store,
        executor,
        Task("A", lambda path: path.write_text(os.environ["TOLD"]), n=1),
        environment={"TOLD": "yes"},
    )
    assert content(plan, 0) == "yes"
    assert "TOLD" not in os.environ


@both
def test_a_chain_is_built_in_order_and_what_is_built_once_is_there(store, executor):
    tasks = [Task(f"T{n}", writes(str(n)), n=n) for n in range(30)]
    _, outcome, _ = run(store, executor, *tasks, chained=True)
    assert list(outcome.built) == list(range(30))
    _, outcome, _ = run(store, executor, *tasks, chained=True)
    assert list(outcome.built) == []


def test_a_result_is_not_kept_if_its_input_from_outside_was_changed_meanwhile(store):
    outside = Outside("Data", "before")

    def reads_and_edits(path):
        path.write_text("after")
        outside.text = "after"

    graph = Graph()
    graph.add(ForeignNode(outside, {}))
    graph.add(DerivedNode(Task("A", reads_and_edits, n=1), {"": 0}))
    graph.roots = [1]
    here, told = Session(store), Told()
    plan = make_plan(graph, here)
    outcome = realize(plan, InlineExecutor(graph, here), told)
    assert list(outcome.built) == []
    assert "Data was changed while A was built" in told.failures[1].summary
    outside.text = "before"
    assert 1 not in make_plan(graph, here).settled


def overwrites(location):
    location.chmod(0o644)
    location.write_text("worse")


def replaces(location):
    location.unlink()
    location.write_text("worse")


class Careless(Work):
    """A task that does something to its inputs in the store before it writes its output, if it comes to that."""

    def __init__(self, label, does, ends=lambda: None, **kwargs):
        super().__init__(label, **kwargs)
        self.does, self.ends = does, ends

    def run(self, build):
        for outputs in build.outputs.values():
            self.does(build.session.store.location(outputs["out.txt"]))
        self.ends()
        (build.directory / "out.txt").write_text("made of it")


def fails():
    raise ValueError("no luck")


def after_damage(store, make, careless):
    """Run a source, then `careless` that reads it, then a reader of the source that waits for both."""
    graph = Graph()
    graph.add(DerivedNode(Task("Source", writes("good"), n=1), {}))
    graph.add(DerivedNode(careless, {"": 0}))
    graph.add(DerivedNode(Task("Other", writes("o"), n=2), {}))
    graph.add(DerivedNode(Careless("Reader", Path.read_text), {"": 0}))
    graph.roots = [1, 2, 3]
    here, told = Session(store), Told()
    plan = make_plan(graph, here)
    graph.nodes[1].work.priority = 1  # before the reader
    outcome = realize(plan, make(graph, here, 1), told)
    return plan, outcome, told


@both
@pytest.mark.parametrize("does", [overwrites, replaces, Path.unlink])
def test_who_damages_an_input_fails_and_nobody_reads_it_any_more(store, executor, does):
    plan, outcome, told = after_damage(store, executor, Careless("Careless", does))
    assert sorted(outcome.built) == [0, 2]
    source = plan.settled[0].realization.outputs["out.txt"]
    for number, label in ((1, "Careless"), (3, "Reader")):
        assert told.failures[number].summary.startswith(
            f"'out.txt' of Source, an input of {label}, was changed or removed in the store"
        )
        assert str(store.location(source)) in told.failures[number].summary
    assert not store.location(source).exists()
    plan, outcome, _ = after_damage(store, executor, Careless("Careful", Path.read_text))
    assert sorted(outcome.built) == [0, 1, 3]
    assert content(plan, 0) == "good"


@both
def test_who_damages_an_input_and_fails_then_leaves_it_to_nobody(store, executor):
    plan, outcome, told = after_damage(store, executor, Careless("Careless", overwrites, fails))
    assert sorted(outcome.built) == [0, 2]
    assert "an input of Careless" in told.failures[1].summary
    assert not store.location(plan.settled[0].realization.outputs["out.txt"]).exists()


def test_who_damages_an_input_and_dies_leaves_it_to_nobody(store):
    careless = Careless("Careless", overwrites, lambda: os._exit(3))
    plan, outcome, told = after_damage(store, fork, careless)
    assert sorted(outcome.built) == [0, 2]
    assert "exit code 3" in told.failures[1].summary
    assert "an input of Reader" in told.failures[3].summary
    assert not store.location(plan.settled[0].realization.outputs["out.txt"]).exists()


@both
def test_an_input_that_was_only_touched_is_good(store, executor):
    def touches(location):
        os.utime(location)

    _, outcome, _ = after_damage(store, executor, Careless("Careless", touches))
    assert sorted(outcome.built) == [0, 1, 2, 3]


def test_one_worker_serves_many_builds(store):
    tasks = [Task(f"T{n}", lambda path, n=n: path.write_text(f"{n} {os.getpid()}"), n=n) for n in range(200)]
    plan, outcome, _ = run(store, fork, *tasks, workers=1)
    written = [content(plan, number).split() for number in range(200)]
    assert [int(number) for number, _ in written] == list(range(200))
    assert len({pid for _, pid in written}) == 1
    assert written[0][1] != str(os.getpid())
    assert len(outcome.built) == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_is_replaced_after_as_many_builds_as_it_may_have_and_none_is_lost(store, workers):
    leaked, free = [], []

    def leaks(path):
        leaked.append(bytearray(1 << 20))
        path.write_text(f"{len(leaked)} {os.getpid()}")

    class Watched(ForkExecutor):
        def submit(self, *args):
            free.append(self.free)
            super().submit(*args)

    plan, outcome, told = run(
        store,
        lambda *args: Watched(*args, max_tasks=10),
        *[Task("Leaky", leaks, n=n) for n in range(75)],
        workers=workers,
    )
    written = [content(plan, number).split() for number in outcome.built]
    assert told.failures == {}
    assert len(written) == 75
    assert max(int(number) for number, _ in written) == 10
    assert max(free) > workers, "quick builds were not handed over several at a time"
    assert leaked == []
    for pid in {int(pid) for _, pid in written}:
        assert not is_running(pid)
    assert list((store.root / "builds").iterdir()) == []


def test_a_worker_that_may_have_one_build_is_another_for_each_also_after_failures(store):
    mark = store.root.with_name("failed")

    def fails_at_first(path):
        path.write_text(str(os.getpid()))
        if not mark.exists():
            mark.touch()
            raise ValueError("no luck")

    tasks = [Task(f"T{n}", fails_at_first, n=n) for n in range(5)]
    tasks[0].attempts = 2
    plan, outcome, _ = run(store, lambda *args: ForkExecutor(*args, max_tasks=1), *tasks, workers=1)
    assert outcome.retried == {0}
    assert len({content(plan, number) for number in outcome.built}) == 5


@pytest.mark.parametrize(
    ("ends", "how"),
    [
        (lambda path: os._exit(3), "exit code 3"),
        (lambda path: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda path: os.kill(os.getpid(), signal.SIGSEGV), "SIGSEGV"),
    ],
)
def test_a_worker_that_dies_fails_its_build_alone(store, ends, how):
    def says_and_ends(path):
        print("last words", flush=True)
        ends(path)

    others = [Task(f"T{n}", writes(str(n)), n=n) for n in range(20)]
    _, outcome, told = run(store, fork, Task("A", says_and_ends, n=-1), *others)
    assert len(outcome.built) == 20
    assert how in told.failures[0].summary
    assert "last words" in told.failures[0].summary
    assert list((store.root / "builds").iterdir()) == []


def test_a_build_that_takes_too_long_is_ended_with_its_children(store, tmp_path):
    pid_file = tmp_path / "pid"

    def hangs(path):  # never written
        child = subprocess.Popen(["sleep", "60"])
        pid_file.write_text(str(child.pid))
        child.wait()

    task = Task("A", hangs, n=1)
    task.timeout = 0.5
    _, outcome, told = run(store, fork, task, Task("B", writes("b"), n=2))
    assert list(outcome.built) == [1]
    assert "longer than 0.5 s" in told.failures[0].summary
    assert not is_running(int(pid_file.read_text()))


def test_a_failed_build_directory_is_kept_if_asked_for(store):
    def breaks(path):
        path.write_text("half")
        raise ValueError

    _, _, told = run(store, fork, Task("A", breaks, n=1), keep_failed=True)
    kept = Path(told.failures[0].kept)
    assert (kept / "out" / "out.txt").read_text() == "half"


def test_a_quick_build_does_not_wait_behind_a_slow_one(store):
    def slow(path):
        time.sleep(1)
        path.write_text(str(time.monotonic()))

    quick = [Task("Quick", lambda path: path.write_text(str(time.monotonic())), n=n) for n in range(60)]
    plan, _, _ = run(store, fork, Task("Slow", slow, n=-1), *quick)
    ended = float(content(plan, 0))
    assert all(float(content(plan, number)) < ended for number in range(1, 61))


def is_running(pid: int) -> bool:
    """Whether there is such a process, other than one that only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_lives_before_a_run_is_left_alone_by_the_collector_in_workers_and_only_while_the_run_goes_on(
    store,
):
    def counts(path):
        path.write_text(str(gc.get_freeze_count()))

    plan, _, _ = run(store, fork, Task("A", counts, n=1))
    assert int(content(plan, 0)) > 1000
    assert gc.get_freeze_count() == 0
