"""What the harness says of measurements."""

import pytest

from benchmarks.figures import CPU, CPU_NET, WALL, Figures, exponent
from benchmarks.measurement import Cost
from benchmarks.report import Report, markdown
from benchmarks.rounds import Measured
from benchmarks.targets import TARGETS, reached
from benchmarks.workloads import COLD, CUTOFF, NOTHING, TOUCHED, Row, bodies

WIDE = Row("wide", COLD, 1, 1_000)


def measured(system, seconds, *, row=WIDE, start=0.0, over=False):
    """One measurement for each round, CPU as given and twice that on the clock."""
    return [
        Measured(row, system, number, Cost(2 * each, each, 10**6, over), Cost(start, start), bodies(row))
        for number, each in enumerate(seconds)
    ]


def test_a_ratio_is_taken_round_by_round():
    figures = Figures([*measured("lawnix", [1, 2, 4]), *measured("law", [10, 30, 36])])
    ratio = figures.ratio(WIDE, "law", CPU)
    assert (ratio.low, ratio.median, ratio.high) == (9, 10, 15)  # the ratio of the medians would be 15
    assert figures.spread(WIDE, "law", WALL).median == 60


def test_a_start_is_taken_off_both_before_they_are_compared():
    figures = Figures([*measured("lawnix", [2.0], start=1.0), *measured("law", [5.0], start=0.5)])
    assert figures.ratio(WIDE, "law", CPU).median == 2.5
    assert figures.ratio(WIDE, "law", CPU_NET).median == 4.5


def test_there_is_no_ratio_to_nothing():
    figures = Figures([*measured("lawnix", [1.0], start=0.99), *measured("law", [5.0])])
    assert figures.ratio(WIDE, "law", CPU_NET) is None
    assert figures.ratio(WIDE, "luigi", CPU) is None


def test_what_was_stopped_at_the_limit_is_a_lower_bound_of_time_and_ratio():
    found = [*measured("lawnix", [1, 1]), *measured("luigi", [300], over=True)]
    report = Report(Figures(found), {}, ["lawnix", "luigi"])
    (cells, *_) = report.cells([CPU])
    assert cells[-1] == "> 300 · > 300 x [1]"
    assert report.notes == ["[1] stopped at the limit"]


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_exponent_is_that_of_the_growth(power):
    found = [
        each
        for size in (100, 1_000, 10_000)
        for each in measured("lawnix", [3e-3 * size**power], row=Row("wide", COLD, 1, size))
    ]
    assert exponent(Figures(found).growth(WIDE.line, "lawnix", CPU_NET)) == pytest.approx(power)


def test_a_target_is_reached_or_missed_or_not_known():
    rows = {target.row for target in TARGETS}
    ours = [each for row in rows for each in measured("lawnix", [10.0], row=row)]
    theirs = [
        each
        for target in TARGETS
        for each in measured(target.system, [10 * target.factor * 1.01], row=target.row)
    ]
    assert {each.verdict for each in reached(Figures([*ours, *theirs]))} == {"reached"}
    assert {each.verdict for each in reached(Figures([*ours, *measured("law", [1.0])]))} == {
        "missed",
        "not measured",
    }
    stopped = measured("law", [1.0], over=True)
    assert next(each.verdict for each in reached(Figures([*ours, *stopped])) if each.target.row == WIDE) == (
        "not known"
    )


def test_the_report_tells_who_ran_too_much_and_why_somebody_has_no_number():
    row = Row("layered", CUTOFF, 1, 100)
    found = measured("lawnix", [1.0], row=row)
    found += [Measured(row, "snakemake", 0, Cost(1, 1), Cost(0, 0), 55)]
    told = markdown(
        Report(Figures(found), {(row, "law"): "does not look"}, ["lawnix", "snakemake", "law"]), ""
    )
    assert "| 1.00 | 1.00 · 1.00 x [1] | cannot [2] |" in told
    assert "[1] ran 55 bodies, 1 would do" in told
    assert "[2] does not look" in told


def test_a_touched_leaf_reaches_one_more_task_in_each_layer_until_it_reaches_all():
    assert bodies(Row("layered", TOUCHED, 1, 10_000)) == sum(range(1, 11))
    assert bodies(Row("layered", TOUCHED, 1, 10)) == 1 + 4 * 2
    assert bodies(Row("layered", COLD, 1, 10_000)) == 10_000
    assert bodies(Row("branches", NOTHING, 1, 10)) == 0


def test_measurements_are_kept_as_they_are():
    (found,) = measured("law", [1.5], start=0.25)
    assert Measured.from_json(found.as_json()) == found
