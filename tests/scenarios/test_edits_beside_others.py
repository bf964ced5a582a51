"""The 29 edits that lawnix is measured with beside other systems: its column on docs/correctness.md is what it does."""

import subprocess
import sys
from collections import Counter

import pytest

from benchmarks.correctness.project import EDITS, edited
from benchmarks.correctness.systems import LAWNIX, SYSTEMS

WRONG = {"the name of a local"}  # runs, and need not
"""A local's name may be seen by `locals()`, or in an error message; lawnix does not look for that."""


@pytest.fixture
def steps(project):
    for name, text in LAWNIX.files.items():
        path = project.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert project.law("run", "analysis.steps.Select").ran == "select"
    return project


def test_the_29_edits(steps):
    ran = {}
    for edit in EDITS:
        for name, text in edited(LAWNIX.files, edit).items():
            (steps.root / name).write_text(text)
        ran[edit.name] = steps.law("run", "analysis.steps.Select").ran == "select"
    assert ran == {edit.name: edit.matters or edit.name in WRONG for edit in EDITS}


def test_they_are_16_that_matter_and_13_that_do_not():
    assert Counter(edit.matters for edit in EDITS) == {True: 16, False: 13}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_edits_matter_as_they_say(edit, tmp_path):
    """By what the step writes, in plain Python."""
    plain = next(system for system in SYSTEMS if system.name == "pypipegraph2")
    texts = [result(plain.files, tmp_path / "before"), result(edited(plain.files, edit), tmp_path / "after")]
    assert (texts[0] != texts[1]) == edit.matters


def result(files, directory):
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = "from analysis.steps import select; import pathlib; select(pathlib.Path('out'))"
    environment = {"RAN": str(directory / "ran"), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-S", "-c", command], cwd=directory, env=environment, check=True)
    return (directory / "out").read_text()
