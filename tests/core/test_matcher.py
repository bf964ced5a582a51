"""Matchers: their laws."""

from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.digest import digest
from lawnix.core.matcher import BY_NAME, exactly, first, latest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization

KEY = digest("key", b"")


def realization(number: int) -> Realization:
    return Realization(KEY, KEY, {"a": ObjectPath(digest("x", b"%d" % number), "a")})


lists = st.lists(st.integers(0, 50), unique=True).map(lambda numbers: list(map(realization, numbers)))


@given(lists)
def test_what_a_matcher_picks_is_among_what_it_was_given(realizations):
    for match in (*BY_NAME.values(), *(exactly(r.digest) for r in realizations)):
        picked = match(realizations)
        assert picked is None if not realizations else picked in realizations


@given(lists)
def test_latest_is_the_last_and_first_the_first(realizations):
    if realizations:
        assert latest(realizations) is realizations[-1]
        assert first(realizations) is realizations[0]


@given(lists, st.integers(0, 60))
def test_exactly_takes_the_one_it_names_or_none(realizations, number):
    wanted = realization(number)
    picked = exactly(wanted.digest)(realizations)
    assert (picked == wanted) if wanted in realizations else (picked is None)


@given(lists, st.integers(51, 60))
def test_what_is_built_later_never_changes_the_first(realizations, number):
    later = [*realizations, realization(number)]
    assert first(later) == (first(realizations) or later[-1])
    assert latest(later) == later[-1]
