"""What runs again after an edit of the dimuon analysis: the table of its README."""

import re

import pytest


@pytest.fixture
def edited(analysis):
    yield analysis
    analysis.restore()


def plan(analysis):
    """How many tasks of each family are to be built at once or later, and how many perhaps."""
    counts = {"build": {}, "perhaps build": {}}
    for certainty, number, family in re.findall(
        r"^ +((?:perhaps )?build)(?: later)? +(\d+) ([\w.]+)",
        analysis.law("run", "dimuon.Report", "--print-plan", "0"),
        flags=re.MULTILINE,
    ):
        counts[certainty][family.removeprefix("dimuon.")] = int(number)
    return counts["build"], counts["perhaps build"]


def test_nothing_runs_again_without_an_edit(analysis):
    assert plan(analysis) == ({}, {})


def test_a_comment_in_the_selection_runs_nothing(edited):
    edited.edit(
        "selection.py", "    dimuon = first + second\n", "    # a comment\n    dimuon = first + second\n"
    )
    assert plan(edited) == ({}, {})


def test_white_space_in_the_table_runs_its_conversion_alone(edited):
    edited.edit("muon_id.toml", "uncertainty = 0.01", "uncertainty   = 0.010  # at last")
    said = edited.law("run", "dimuon.Report")
    assert re.findall(r"built (?:\d+ )?([a-z][\w.]+)", said) == ["dimuon.MuonCorrections"]


def test_a_cut_runs_the_selection_and_what_follows_but_no_generation(edited):
    edited.edit("selection.py", "MIN_LEADING_PT = 25.0", "MIN_LEADING_PT = 26.0")
    build, perhaps = plan(edited)
    assert build == {"SelectDimuons": 71}
    assert perhaps["Histograms"] == 56
    assert not {"GenerateEvents", "PseudoData"} & {*build, *perhaps}


def test_the_size_of_a_variation_runs_its_branches_alone(edited):
    edited.edit("datasets.py", 'Variation("scale_up", scale=+0.002)', 'Variation("scale_up", scale=+0.003)')
    build, perhaps = plan(edited)
    assert build == {"SelectDimuons": 14}
    assert perhaps["Histograms"] == 11
    assert "TrainClassifier" not in perhaps


def test_a_colour_runs_the_plots_alone(edited):
    edited.edit("plots.py", "#ffa90e", "#ffa90f")
    assert plan(edited) == ({"Plots": 1}, {"Report": 1})


def test_one_more_mass_runs_its_own_branches(edited):
    last = "    1100: zprime(1100, number=11),\n"
    edited.edit("datasets.py", last, last + "    1300: zprime(1300, number=12),\n")
    assert plan(edited) == (
        {"GenerateEvents": 1, "SelectDimuons": 5, "Histograms": 5, "Limit": 1},
        {"Plots": 1, "Report": 1},
    )
