from hypothesis import given
from hypothesis import strategies as st

from lawnix.engine.numbered import NumberSet

numbers = st.integers(0, 40)


@given(st.lists(numbers), st.lists(st.tuples(st.booleans(), numbers)))
def test_numbers_are_in_it_as_in_a_set(first, changes):
    ours, plain = NumberSet(first), set(first)
    for comes, number in changes:
        (ours.add if comes else ours.discard)(number)
        (plain.add if comes else plain.discard)(number)
    assert list(ours) == sorted(plain)
    assert len(ours) == len(plain)
    assert [number for number in range(50) if number in ours] == sorted(plain)
    assert (ours == plain) is True


def test_what_is_no_number_is_not_in_it():
    assert "1" not in NumberSet([1])
    assert -1 not in NumberSet([1])
