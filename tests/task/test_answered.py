"""What a sandbox worker answers is looked at before it is believed."""

from types import SimpleNamespace

import pytest

from lawnix.engine.current import NeedsTasks
from lawnix.engine.observe.recording import Seen
from lawnix.sandbox.worker import DiedError
from lawnix.task.answered import Failed, Ran, answer_of

FOUND = SimpleNamespace(found=[("first", 3), ("second", 4)])  # as much of a build as is asked for


def test_answers_say_how_it_ended():
    assert answer_of({"built": {"read": [1], "seen": [["read", "/a", ""]]}}, FOUND) == Ran(
        ["second"], [Seen("read", "/a", "")]
    )
    failed = {"summary": "s", "traceback": "t", "lacks": True, "understood": False}
    assert answer_of({"failed": failed}, FOUND) == Failed("s", "t", lacks=True, understood=False)
    needs = answer_of({"needs": [["m", "F", {"n": "1"}]]}, FOUND)
    assert isinstance(needs, NeedsTasks)
    assert needs.tasks == (("m", "F", {"n": "1"}),)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"hello": {}},
        {"built": None},
        {"built": {"read": [2], "seen": []}},
        {"built": {"read": ["x"], "seen": []}},
        {"built": {"read": [], "seen": [["read"]]}},
        {"failed": {"summary": "s"}},
        {"needs": [["m", "F"]]},
        {"needs": 3},
    ],
)
def test_what_makes_no_sense_is_no_answer(said):
    with pytest.raises(DiedError, match="no answer"):
        answer_of(said, FOUND)
