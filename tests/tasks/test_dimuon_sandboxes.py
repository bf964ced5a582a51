"""The analysis gives the same numbers in each of the environments that are shipped with it."""

import json

import pytest

from tests.tasks.conftest import ROOT, Analysis

SCALE = "0.02"


def numbers(analysis: Analysis, *arguments: str) -> dict:
    analysis.law("run", "tasks.dimuon.Report", "--scale", SCALE, "--workers", "2", *arguments)
    (found,) = (analysis.place / "results").glob("**/numbers.json")
    return json.loads(found.read_text())


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> tuple[Analysis, dict]:
    """The analysis in a place of its own, with its numbers without a sandbox."""
    analysis = Analysis(tmp_path_factory.mktemp("dimuon"))
    analysis.restore()
    return analysis, numbers(analysis)


@pytest.mark.parametrize("sandbox", ["bash::{}/sandboxes/analysis.sh", "venv::{}/sandboxes/columnar.txt"])
def test_the_numbers_are_the_same_in_a_sandbox(bare, sandbox):
    analysis, expected = bare
    assert numbers(analysis, "--sandbox", sandbox.format(ROOT)) == expected
