"""The harness at work: with lawnix at its smallest, and with systems that misbehave."""

import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measurement import CommandError, Place, cost
from benchmarks.rounds import Run, stories
from benchmarks.systems import SYSTEMS, System
from benchmarks.workloads import COLD, NOTHING, WORKLOADS, Row, bodies

HERE = {"lawnix": Path(sys.executable).parent}


def run_of(systems, workload, sizes, directory, *, limit=60.0, rounds=1):
    with closing(Run(systems, {system.name: HERE["lawnix"] for system in systems}, directory, limit)) as run:
        run.measure(list(stories([workload], sizes, [1], huge=False)), rounds, lambda text: None)
    return run


@pytest.mark.parametrize("name", ["layered", "branches", "many-files", "large-file"])
def test_lawnix_runs_each_body_as_often_as_it_has_to(name, tmp_path):
    workload = WORKLOADS[name]
    if name == "large-file":
        workload = replace(workload, sizes=(3_000_000,), workers=(1,))
    run = run_of([SYSTEMS["lawnix"]], workload, [10], tmp_path)
    assert run.missing == {}
    assert [found.row.step for found in run.measured] == list(workload.steps)
    assert [found.bodies for found in run.measured] == [bodies(found.row) for found in run.measured]
    assert all(found.cost.cpu > 0 and found.start.cpu > 0 for found in run.measured)
    assert list(tmp_path.iterdir()) == []


def counting(count):
    """A system that says that so many bodies ran."""
    words = f"head -c {count} /dev/zero > $BENCHMARK_TALLY"
    return System("counting", "", "", lambda folder, request: ["sh", "-c", words])


def test_who_runs_fewer_bodies_than_have_to_has_failed(tmp_path):
    run = run_of([counting(9)], WORKLOADS["wide"], [10, 20], tmp_path)
    assert run.measured == []
    assert set(run.missing.values()) == {"fails: ran 9 of 10 bodies"}
    assert {row.size for row, _ in run.missing} == {10, 20}


def slow(seconds, **attributes):
    """A system that takes its time for all but a start."""

    def command(folder, request):
        return ["sleep", "0" if request.workload == "start" else str(seconds)]

    return System("slow", "", "", command, **attributes)


def test_after_a_command_that_takes_too_long_larger_sizes_and_later_rounds_are_not_tried(tmp_path):
    run = run_of([slow(60)], WORKLOADS["wide"], [10, 20], tmp_path, limit=0.1, rounds=2)
    assert [(found.row, found.cost.over) for found in run.measured] == [(Row("wide", COLD, 1, 10), True)]
    assert {(row.step, row.size): reason for (row, _), reason in run.missing.items()} == {
        (NOTHING, 10): "what comes before it takes more than the limit",
        (NOTHING, 20): "what comes before it takes more than the limit",
        (COLD, 20): "a smaller size took more than the limit",
    }


def test_what_takes_too_long_is_written_by_hand_for_what_comes_after_it(tmp_path):
    def command(folder, request):
        words = "test -e out/leaf/9.txt || sleep 60"
        return ["true"] if request.workload == "start" else ["sh", "-c", words]

    system = System("slow", "", "", command, pretend=lambda folder, request: ["true"])
    run = run_of([system], WORKLOADS["wide"], [10], tmp_path, limit=2.0)
    assert [(found.row.step, found.cost.over) for found in run.measured] == [(COLD, True), (NOTHING, False)]


def test_what_cannot_be_done_is_not_tried(tmp_path):
    run = run_of([slow(60, cannot={"wide": "is too slow"})], WORKLOADS["wide"], [10], tmp_path)
    assert run.measured == []
    assert set(run.missing.values()) == {"is too slow"}


def test_the_time_of_children_is_counted(tmp_path):
    loop = "import os; pid = os.fork(); sum(range(10**7)) if pid == 0 else os.waitpid(pid, 0)"
    taken = cost([sys.executable, "-c", loop], tmp_path, {}, 60)
    alone = cost([sys.executable, "-c", "pass"], tmp_path, {}, 60)
    assert taken.cpu > 2 * alone.cpu
    assert not taken.over


def test_a_command_that_fails_is_quoted(tmp_path):
    with pytest.raises(CommandError, match="no such luck"):
        cost(["sh", "-c", "echo no such luck >&2; exit 3"], tmp_path, {"PATH": "/usr/bin:/bin"}, 60)


def test_the_own_work_of_a_body_is_taken_off(tmp_path):
    own = '{"wall": 0.25, "cpu": 0.5}'
    place = Place(tmp_path, {"PATH": "/usr/bin:/bin"}, 60)
    taken, _ = place.run(["sh", "-c", f"echo '{own}' > $BENCHMARK_OWN"])
    assert taken.wall < 0.25 and taken.cpu < 0  # noqa: PT018 - one fact


def test_a_command_that_cannot_be_started_leaves_what_is_there_alone(tmp_path):
    with pytest.raises(CommandError, match="could not be started"):
        cost(["true"], tmp_path, {"": "a name that no variable can have"}, 60.0)
    with pytest.raises(CommandError, match="could not be started"):
        cost(["true"], tmp_path, {}, -1.0)
    assert cost(["true"], tmp_path, {}, 60.0).wall > 0
