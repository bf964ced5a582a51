"""Digests and object paths: written and read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.digest import SIZE, digest, parse_digest, written_digest
from lawnix.core.objects import ObjectPath
from lawnix.core.output import MAX_NAME, is_file_name
from lawnix.errors import InvalidDigestError

raw = st.binary(min_size=SIZE, max_size=SIZE)
digests = raw.map(written_digest)
names = st.text(min_size=1, max_size=60).filter(is_file_name)


@given(digests)
def test_what_a_digest_writes_it_reads(one):
    assert parse_digest(str(one)) == one


@given(raw, raw)
def test_different_bits_are_written_differently(one, other):
    assert (written_digest(one) == written_digest(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "1" * 32, "a" * 32 + "\n", "ä" * 32])
def test_what_is_no_digest_is_refused(text):
    with pytest.raises(InvalidDigestError) as caught:
        parse_digest(text)
    assert caught.value.text == text


@given(st.text(max_size=5), st.binary(max_size=20), st.text(max_size=5), st.binary(max_size=20))
def test_kind_and_payload_together_decide(kind, payload, other_kind, other_payload):
    kind, other_kind = kind.replace("\0", ""), other_kind.replace("\0", "")
    same = (kind, payload) == (other_kind, other_payload)
    assert (digest(kind, payload) == digest(other_kind, other_payload)) == same


@given(digests, names)
def test_what_an_object_path_writes_it_reads(one, name):
    path = ObjectPath(one, name)
    assert ObjectPath.parse(str(path)) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 32,
        "a" * 32 + "-",
        "a" * 32 + "_x",
        "a" * 31 + "-x",
        "a" * 32 + "-..",
        "a" * 32 + "-a/b",
        "x-" + "a" * 32,
    ],
)
def test_what_is_no_object_path_is_refused(text):
    with pytest.raises(InvalidDigestError):
        ObjectPath.parse(text)


@pytest.mark.parametrize("name", ["a", ".hidden", "a b.tar.gz", "größe.json", "-", "~", "x" * MAX_NAME])
def test_plain_file_names_can_name_outputs(name):
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "/a", "a\0", "a\n", "x" * (MAX_NAME + 1), "ü" * MAX_NAME]
)
def test_other_names_cannot(name):
    assert not is_file_name(name)
