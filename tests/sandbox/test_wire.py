"""What crosses into a sandbox and back."""

import os

import pytest

from lawnix.sandbox.wire import GarbledError, Line


@pytest.fixture
def ends():
    """Where to write to, and who hears it."""
    heard, said = os.pipe()
    yield said, Line(heard, said)
    os.close(heard)
    os.close(said)


def test_what_is_sent_comes_out(ends):
    _, line = ends
    for message in ({"ä": [1, None, "x" * 1000]}, "", []):
        line.send(message)
        assert line.receive() == message


@pytest.mark.parametrize(
    "garbage", [b"printed by somebody", bytes(8), b"lnx:\xff\xff\xff\xff", b"lnx:\x01\x00\x00\x00{"]
)
def test_what_is_no_message_is_told_at_once(ends, garbage):
    said, line = ends
    os.write(said, garbage)
    with pytest.raises(GarbledError):
        line.receive()


def test_a_line_that_ends_is_told():
    heard, said = os.pipe()
    os.write(said, b"lnx:")
    os.close(said)
    with pytest.raises(EOFError):
        Line(heard, 1).receive()
    os.close(heard)
