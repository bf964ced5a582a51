"""Packed numbers and digests are what they were, in less room."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.digest import digest
from lawnix.task import packed
from lawnix.task.packed import Digests, numbers_from, read_numbers, written_numbers


@given(st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_numbers_are_read_as_they_were_written(numbers):
    assert list(read_numbers(written_numbers(numbers_from(numbers)))) == numbers


def test_a_text_of_numbers_is_the_same_on_all_machines(monkeypatch):
    here = numbers_from([1, -1, 70000])
    assert written_numbers(here) == (
        "AQAAAP////9wEQEA" if sys.byteorder == "little" else written_numbers(here)
    )
    monkeypatch.setattr(packed.sys, "byteorder", "big" if sys.byteorder == "little" else "little")
    there = numbers_from([1, -1, 70000])
    there.byteswap()  # as they lie in the memory of such a machine
    assert written_numbers(there) == "AQAAAP////9wEQEA"
    assert read_numbers("AQAAAP////9wEQEA") == there


def test_digests_stand_in_their_order_and_take_the_room_of_their_texts():
    many = [digest("test", bytes([n])) for n in range(5)]
    some = Digests()
    for each in many:
        some.append(each)
    assert list(some) == many
    assert len(some) == 5
    assert some[-1] == many[-1]
    assert some[1:3] == many[1:3]
    assert str(some) == "".join(many)
    assert list(Digests(str(some))) == many
    assert not Digests()
