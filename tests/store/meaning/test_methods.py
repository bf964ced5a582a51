"""Golden digests: a method that tells another digest for the same file is another method, with another number."""

import pytest

from lawnix.store import meaning

GOLDEN: dict[str, tuple[str, str]] = {}


def test_every_format_has_a_golden_digest():
    assert GOLDEN.keys() == meaning.FORMATS.keys()


@pytest.mark.parametrize("ending", GOLDEN)
def test_a_method_keeps_to_its_digests(sample, ending):
    parts = meaning.parts_of(sample(ending))
    assert (parts.method, parts.digest()) == GOLDEN[ending]
