"""docs/correctness.md says what the tests show, neither more nor less."""

from collections import Counter

from benchmarks.correctness.project import EDITS
from tests.scenarios.table import PAGE, rows, written_into
from tests.scenarios.test_edits_beside_others import WRONG


def test_the_page_has_the_table_of_scenarios_as_it_is():
    """`python -m tests.scenarios.table` writes it."""
    page = PAGE.read_text("utf-8")
    assert written_into(page) == page


def test_scenarios_have_numbers_of_their_own_and_say_what_runs():
    found = rows()
    assert len(found) >= 60
    assert [number for number, count in Counter(row.number for row in found).items() if count > 1] == []
    assert all(row.given and row.change and row.runs for row in found)


def test_the_page_tells_of_lawnix_what_the_29_edits_have_shown():
    """The column of lawnix, which tests/scenarios/test_edits_beside_others.py shows."""
    page = PAGE.read_text("utf-8")
    told = {edit.name: page.partition(f"\n| {edit.name} |")[2].split("|")[0].strip() for edit in EDITS}
    assert told == {edit.name: "runs" if edit.name in WRONG else "" for edit in EDITS}
