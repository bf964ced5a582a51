"""How two sandboxes differ, in words."""

import pytest

from lawnix.core.difference import sandbox_change


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({"python": "3.11", "six": "1"}, {"python": "3.11", "six": "2"}, "six 1 → 2"),
        ({"six": "1"}, {"six": "1", "idna": "3"}, "idna none → 3"),
        ({"six": "1"}, {}, ""),
        ({}, {"six": "1"}, ""),
        (dict.fromkeys("abcde", "1"), dict.fromkeys("abcde", "2"), "a 1 → 2, b 1 → 2, c 1 → 2 and 2 more"),
    ],
)
def test_what_differs_is_named(old, new, words):
    assert sandbox_change(old, new) == words
