"""The canonical form: one for each value, and no two values with the same."""

import datetime
import enum
import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import NoCanonicalFormError

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.decimals(allow_nan=False),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(st.text(), inner),
        st.frozensets(scalars, max_size=4),
    ),
    max_leaves=12,
)


class Colour(enum.Enum):
    RED = 1
    CRIMSON = 1  # noqa: PIE796  # two names of one member, on purpose
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1


@dataclass(frozen=True)
class Cut:
    name: str
    value: float = 0.0


@dataclass
class Loose:
    name: str


def same(one: object, other: object) -> bool:
    """Whether two values are one in the words of the canonical form, told without it."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, frozenset):
        return len(one) == len(other) and all(any(same(a, b) for b in other) for a in one)
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return str(one) == str(other) if isinstance(one, Decimal) else one == other


@given(values, values)
def test_two_values_have_one_form_only_if_they_are_the_same(one, other):
    assert (canonical(one) == canonical(other)) == same(one, other)


@given(values)
def test_a_value_always_has_the_same_form(value):
    assert canonical(value) == canonical(value)


@given(values, values)
def test_no_form_is_the_beginning_of_another(one, other):
    first, second = canonical(one), canonical(other)
    assert first == second or not second.startswith(first)


@given(st.dictionaries(st.text(), scalars), st.randoms())
def test_the_order_of_keys_does_not_matter(mapping, random):
    items = list(mapping.items())
    random.shuffle(items)
    assert canonical(dict(items)) == canonical(mapping) == canonical(OrderedDict(items))


@given(st.lists(scalars), st.integers(0, 20))
def test_where_one_sequence_ends_and_the_next_begins_is_told(items, cut):
    cut %= len(items) + 1
    assert canonical([items[:cut], items[cut:]]) == canonical((tuple(items[:cut]), items[cut:]))
    if items and cut:
        assert canonical([items[:cut], items[cut:]]) != canonical([[], items])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0, False),
        (0.0, -0.0),
        (1, "1"),
        ("a", b"a"),
        (None, "None"),
        ([], {}),
        ([], set()),
        ([1], {1}),
        ("a", Path("a")),
        (Decimal("1.0"), Decimal("1.00")),
        (Colour.RED, Colour.BLUE),
        (Level.LOW, 1),
        (Cut("a"), {"name": "a", "value": 0.0}),
        (Cut("a"), Cut("b")),
        (datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)),  # noqa: DTZ001  # without a zone, on purpose
        (datetime.timedelta(seconds=1), datetime.timedelta(milliseconds=1)),
        (np.float32(1), np.float64(1)),
        (np.arange(4), np.arange(4).reshape(2, 2)),
        (np.arange(4, dtype="i4"), np.arange(4, dtype="u4")),
        (np.array([1.0]), [1.0]),
    ],
)
def test_these_are_told_apart(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), [1, 2]),
        ({1, 2}, frozenset({2, 1})),
        (Colour.RED, Colour.CRIMSON),  # two names of one member
        (Path("a/b"), PurePosixPath("a/b")),
        (Path("a//b/."), Path("a/b")),
        ("a", Digest("a")),
        ((1, 2), namedtuple("Pair", "x y")(1, 2)),  # noqa: PYI024  # of the old kind, too
        (np.arange(3, dtype="<i8"), np.arange(3, dtype=">i8")),
        (np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3))),
        (np.arange(6)[::2], np.array([0, 2, 4])),
        (bytearray(b"a"), b"a"),
    ],
)
def test_these_are_one_value(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        object(),
        len,
        lambda: 0,
        Loose("a"),
        Cut,
        np.array([object()]),
        {1: 2},
        {"a": {"b": [1, object()]}},
        {float("nan")},
        iter([]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_canonical_form_is_refused_with_the_way_out(value):
    with pytest.raises(NoCanonicalFormError, match="significant=False"):
        canonical(value)


def test_a_refusal_says_where_the_value_stands():
    with pytest.raises(NoCanonicalFormError) as caught:
        canonical({"cuts": [1, {"pt": float("nan")}]})
    assert caught.value.where == "['cuts'][1]['pt']"
    assert "nan" in str(caught.value)


@given(values)
def test_things_of_different_kinds_never_share_a_digest(value):
    form = canonical(value)
    assert digest("key", form) != digest("derivation", form)
