"""Difference: in words, complete, and empty between equals."""

from dataclasses import replace

import pytest

from lawnix.core.derivation import Derivation, Input, OutputSpec, Source
from lawnix.core.difference import difference, distance
from lawnix.core.digest import digest
from lawnix.core.output import Kind
from lawnix.core.wording import KnownCode, code_change

A, B = digest("x", b"a"), digest("x", b"b")
OLD = Derivation(
    label="Fit",
    parameters={"pt_min": "20", "n": "3"},
    code=A,
    inputs={"hist": Input(Source.DERIVATION, A, "Hist")},
    outputs=(OutputSpec("", "fit.json"),),
    branch=("7", A),
)

CHANGES = [
    ({"parameters": {"pt_min": "25", "n": "3"}}, "parameter `pt_min` 20 → 25"),
    ({"parameters": {"n": "3"}}, "parameter `pt_min` removed (was 20)"),
    ({"parameters": {**OLD.parameters, "eta": "2"}}, "parameter `eta` added (2)"),
    ({"code": B}, "code changed"),
    ({"branch": ("8", B)}, "branch data 7 → 8"),
    ({"branch": None}, "branch data 7 → none"),
    ({"inputs": {}}, "input `hist` removed (Hist)"),
    ({"inputs": {**OLD.inputs, "x": Input(Source.CONTENT, A, "File")}}, "input `x` added (File)"),
    ({"inputs": {"hist": Input(Source.DERIVATION, B, "Hist")}}, "input `hist` (Hist) changed"),
    ({"outputs": (OutputSpec("", "fit.json", Kind.DIRECTORY),)}, "declaration of output `fit.json` changed"),
    ({"outputs": (*OLD.outputs, OutputSpec("b", "b"))}, "output `b` added"),
    ({"outputs": ()}, "output `fit.json` removed"),
    ({"sandbox": A}, "sandbox changed"),
    ({"environment": {"SEED": "1"}}, "environment variable `SEED` added (1)"),
    ({"environment": {"SEED": None}}, "environment variable `SEED` added (None)"),
    ({"reads_parameters": True}, "code now reads the tasks that are required, not only their outputs"),
    ({"fixed_output": "sha256:00"}, "expected digest None → sha256:00"),
]


@pytest.mark.parametrize(("change", "statement"), CHANGES, ids=[statement for _, statement in CHANGES])
def test_one_change_is_one_statement(change, statement):
    new = replace(OLD, **change)
    assert difference(OLD, new) == (statement,)
    assert distance(OLD, new) > 0


@pytest.mark.parametrize("change", [{}, {"label": "Renamed"}, {"branch": ("seven", A)}])
def test_one_derivation_does_not_differ_from_itself(change):
    same = replace(OLD, **change)
    assert difference(OLD, same) == ()
    assert distance(OLD, same) == 0


def test_parts_of_the_code_are_named():
    new = replace(OLD, code=B)
    old_parts = {"Fit.run": "1", "fit.chi2": "1", "fit.old": "1"}
    new_parts = {"Fit.run": "1", "fit.chi2": "2", "fit.new": "1"}
    assert difference(OLD, new, code_change(KnownCode(old_parts), KnownCode(new_parts))) == (
        "code of `fit.chi2` changed",
        "code now uses `fit.new`",
        "code no longer uses `fit.old`",
    )


def test_several_changes_are_all_told():
    new = replace(OLD, parameters={"pt_min": "25"}, code=B, sandbox=A)
    assert len(difference(OLD, new)) == 4


def test_another_branch_is_the_farthest_relative():
    everything = replace(OLD, parameters={}, code=B, inputs={}, outputs=(), sandbox=B)
    assert distance(OLD, everything) < distance(OLD, replace(OLD, branch=("8", B)))
