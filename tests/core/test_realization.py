"""Realizations: what names them, and what a consumer sees of them."""

from dataclasses import replace

from lawnix.core.derivation import OutputSpec
from lawnix.core.digest import digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import BuildRecord, Meaning, Realization, content_of

A, B = digest("x", b"a"), digest("x", b"b")
ONE = Realization(A, B, {"a.json": ObjectPath(A, "a.json"), "log.txt": None})
SPECS = (OutputSpec("value", "a.json", formatter="json"), OutputSpec("log", "log.txt", optional=True))


def test_two_builds_under_one_key_with_one_content_are_one_realization():
    again = replace(ONE, derivation=A, record=BuildRecord(host="elsewhere", wall=3.0))
    assert again.digest == ONE.digest
    assert replace(ONE, record=BuildRecord(host="elsewhere")) == ONE


def test_another_key_or_content_is_another_realization():
    contents = [
        {"a.json": ObjectPath(B, "a.json"), "log.txt": None},
        {"a.json": ObjectPath(A, "a.json"), "log.txt": ObjectPath(A, "log.txt")},
        {"a.json": ObjectPath(A, "a.json")},
    ]
    others = [replace(ONE, key=B), *(replace(ONE, outputs=outputs) for outputs in contents)]
    assert len({realization.digest for realization in [ONE, *others]}) == 5


def test_a_consumer_sees_content_name_role_and_formatter():
    seen = content_of(SPECS, ONE)
    assert (
        content_of(SPECS, replace(ONE, outputs={"a.json": ObjectPath(B, "a.json"), "log.txt": None})) != seen
    )
    assert content_of((replace(SPECS[0], formatter="text"), SPECS[1]), ONE) != seen
    assert content_of((replace(SPECS[0], role="number"), SPECS[1]), ONE) != seen
    assert (
        content_of(SPECS, replace(ONE, outputs={**ONE.outputs, "log.txt": ObjectPath(A, "log.txt")})) != seen
    )


def test_a_consumer_does_not_see_whether_an_output_may_be_left_out_or_empty():
    lenient = tuple(replace(spec, optional=True, allow_empty=True) for spec in SPECS)
    assert content_of(lenient, ONE) == content_of(SPECS, ONE)


def test_a_consumer_sees_the_meaning_of_an_output_in_the_place_of_its_bytes():
    means = replace(ONE, meanings={"a.json": Meaning("json/1", A)})
    other_bytes = replace(means, outputs={**ONE.outputs, "a.json": ObjectPath(B, "a.json")})
    assert content_of(SPECS, means) == content_of(SPECS, other_bytes)
    assert content_of(SPECS, replace(means, meanings={"a.json": Meaning("json/1", B)})) != content_of(
        SPECS, means
    )
    assert means.digest != other_bytes.digest
