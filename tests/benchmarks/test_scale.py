"""What is told of growth to 100,000 tasks."""

from benchmarks.figures import Figures
from benchmarks.measurement import Cost
from benchmarks.rounds import Measured
from benchmarks.scale import lines
from benchmarks.workloads import COLD, Row

LAW = 40 * 10**6


def test_memory_is_told_for_each_task_beyond_law_and_for_each_task_more():
    found = [
        Measured(
            Row("layered", COLD, 2, size),
            "lawnix",
            0,
            Cost(size / 500, size / 1_000, memory),
            Cost(0, 0),
            size,
        )
        for size, memory in ((1_000, 60 * 10**6), (100_000, 258 * 10**6))
    ]
    small, large, all_of_them = lines(Figures(found), LAW)
    assert small == ["layered, cold, 2 workers", "1,000", "1.00", "2.00", "500", "60 MB, 20.00 kB"]
    assert large == ["layered, cold, 2 workers", "100,000", "100", "200", "500", "258 MB, 2.18 kB"]
    assert all_of_them[2] == "N^1.000"
    assert all_of_them[-1] == "2.00 kB a task more, ≤ 2 kB"
