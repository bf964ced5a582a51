import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.engine.numbered import NumberMap, NumberSet

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


def test_a_number_is_no_place_from_the_end():
    things = NumberMap()
    things[2] = "two"
    assert -1 not in things
    assert things.get(-1) is None
    with pytest.raises(KeyError):
        things[-1]


@given(st.lists(st.tuples(st.sampled_from(["set", "del", "pop", "get", "setdefault"]), numbers)))
def test_things_are_found_as_in_a_dictionary(changes):
    ours, plain = NumberMap(), {}
    for change, number in changes:
        if change == "set":
            ours[number] = plain[number] = f"{number}, {len(plain)}"
        elif change == "del" and number in plain:
            del ours[number], plain[number]
        elif change == "del":
            with pytest.raises(KeyError):
                del ours[number]
        elif change == "pop":
            assert ours.pop(number, "none") == plain.pop(number, "none")
        elif change == "setdefault":
            assert ours.setdefault(number, "some") == plain.setdefault(number, "some")
        else:
            assert ours.get(number, "none") == plain.get(number, "none")
        assert len(ours) == len(plain)
    assert dict(ours) == plain
    assert list(ours) == sorted(plain)
    assert [number in ours for number in range(50)] == [number in plain for number in range(50)]
