"""Derivations: what is in their digests and keys, and what is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.derivation import Derivation, Group, Input, OutputSpec, Source, group_content
from lawnix.core.digest import digest
from lawnix.core.output import Kind

CODE, OTHER = digest("code", b"a"), digest("code", b"b")
PLAIN = Derivation(
    label="Fit",
    parameters={"n": "3"},
    code=CODE,
    inputs={"hist": Input(Source.DERIVATION, CODE, "Hist")},
    outputs=(OutputSpec("", "fit.json"),),
    branch=("7", OTHER),
)
FETCHED = replace(PLAIN, fixed_output="sha256:00")

CHANGES = {
    "parameters": {"n": "4"},
    "code": OTHER,
    "outputs": (OutputSpec("", "fit.json", Kind.DIRECTORY),),
    "branch": ("7", CODE),
    "sandbox": CODE,
    "environment": {"SEED": "1"},
    "reads_parameters": True,
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_may_change_a_result_changes_digest_and_key(name):
    changed = replace(PLAIN, **{name: CHANGES[name]})
    assert changed.digest != PLAIN.digest
    assert changed.key({"hist": CODE}) != PLAIN.key({"hist": CODE})


@pytest.mark.parametrize("changed", [{"label": "Renamed"}, {"branch": ("seven", OTHER)}])
def test_what_is_for_people_changes_nothing(changed):
    assert replace(PLAIN, **changed).digest == PLAIN.digest
    assert replace(PLAIN, **changed).key({}) == PLAIN.key({})


def test_an_input_is_named_in_the_digest_and_its_content_in_the_key():
    other = replace(PLAIN, inputs={"hist": Input(Source.DERIVATION, OTHER, "Hist")})
    assert other.digest != PLAIN.digest
    assert other.key({"hist": CODE}) == PLAIN.key({"hist": CODE})
    assert PLAIN.key({"hist": OTHER}) != PLAIN.key({"hist": CODE})


def test_the_label_of_an_input_is_for_people():
    assert replace(PLAIN, inputs={"hist": Input(Source.DERIVATION, CODE, "New")}).digest == PLAIN.digest


def test_a_role_and_the_kind_of_a_source_count():
    roles = {"histogram": PLAIN.inputs["hist"]}
    assert replace(PLAIN, inputs=roles).digest != PLAIN.digest
    sources = {"hist": Input(Source.GROUP, CODE)}
    assert replace(PLAIN, inputs=sources).digest != PLAIN.digest


def test_an_unset_variable_is_not_an_empty_one():
    assert replace(PLAIN, environment={"X": None}).digest != replace(PLAIN, environment={"X": ""}).digest


def test_where_known_content_comes_from_does_not_matter():
    for name, value in CHANGES.items():
        if name != "outputs":
            assert replace(FETCHED, **{name: value}).digest == FETCHED.digest
    assert replace(FETCHED, inputs={}).key({}) == FETCHED.key({"hist": CODE})
    assert replace(FETCHED, fixed_output="sha256:01").digest != FETCHED.digest
    assert replace(FETCHED, outputs=CHANGES["outputs"]).digest != FETCHED.digest


def test_every_part_of_an_output_counts():
    spec = OutputSpec("a", "a.json")
    changes = [
        replace(spec, role="b"),
        replace(spec, name="b.json"),
        replace(spec, kind=Kind.DIRECTORY),
        replace(spec, optional=True),
        replace(spec, allow_empty=True),
        replace(spec, formatter="json"),
    ]
    digests = {replace(PLAIN, outputs=(change,)).digest for change in [spec, *changes]}
    assert len(digests) == len(changes) + 1


def test_a_lineage_is_family_and_branch():
    assert replace(PLAIN, parameters={}, code=OTHER, inputs={}).lineage == PLAIN.lineage
    assert replace(PLAIN, branch=None).lineage != PLAIN.lineage
    assert replace(PLAIN, label="Other").lineage != PLAIN.lineage


def test_what_others_can_read_of_a_task_are_its_parameters_and_branch():
    assert replace(PLAIN, code=OTHER).parameters_digest == PLAIN.parameters_digest
    assert replace(PLAIN, parameters={"n": "4"}).parameters_digest != PLAIN.parameters_digest
    assert replace(PLAIN, branch=None).parameters_digest != PLAIN.parameters_digest


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.randoms())
def test_the_order_in_which_parameters_are_given_does_not_matter(parameters, random):
    items = list(parameters.items())
    random.shuffle(items)
    assert replace(PLAIN, parameters=dict(items)).digest == replace(PLAIN, parameters=parameters).digest


def test_a_group_is_named_by_its_members():
    one = Group("Hists", {"0": Input(Source.DERIVATION, CODE, "Hist")})
    assert Group("Renamed", {"0": Input(Source.DERIVATION, CODE, "x")}).digest == one.digest
    assert Group("Hists", {"1": Input(Source.DERIVATION, CODE)}).digest != one.digest
    assert Group("Hists", {"0": Input(Source.GROUP, CODE)}).digest != one.digest
    assert group_content({"0": CODE}) != group_content({"0": OTHER})
    assert group_content({"0": CODE}) != group_content({"1": CODE})
