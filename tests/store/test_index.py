"""The index: a cache that may be lost, damaged, late or unwritable, and never says what the journals do not."""

import os
import random
import signal
import sqlite3

import pytest

from lawnix.store import journal
from lawnix.store.index import Index
from lawnix.store.index_file import is_shared
from lawnix.store.records import ForgetRecord, RealizationRecord


def recorded(store, make, numbers=range(3)):
    found = []
    for number in numbers:
        facts = make.facts(store, number)
        store.record(facts)
        found += facts.realizations
    return found


def damage_nothing(path):
    assert path.exists()


def remove(path):
    path.unlink()


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribble(path):
    path.write_bytes(b"this is no database" * 1000)


def scribble_behind_the_header(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


def other_tables(path):
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE journals (name)")
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "damage",
    [damage_nothing, remove, empty, cut_off, scribble, scribble_behind_the_header, other_tables],
)
def test_a_lost_or_damaged_index_is_made_anew(open_store, root, make, damage):
    store = open_store()
    realizations = recorded(store, make)
    store.close()
    damage(root / "index.sqlite")
    again = open_store()
    assert again.by_digest([r.digest for r in realizations]) == {r.digest: r for r in realizations}
    recorded(again, make, [7])
    again.close()
    assert len(open_store().family("Fit")) == 4


@pytest.mark.parametrize("damage", [cut_off, scribble_behind_the_header])
def test_an_index_that_is_damaged_while_it_is_open_is_made_anew(open_store, root, make, damage, caplog):
    store = open_store()
    realizations = recorded(store, make, range(200))
    store.close()
    other = open_store()
    assert other.was_forgotten([make.name("x")]) == {}
    damage(root / "index.sqlite")
    assert other.by_digest([r.digest for r in realizations]) == {r.digest: r for r in realizations}
    assert "damaged" in caplog.text


def test_an_index_may_lie_elsewhere(open_store, root, make, tmp_path):
    store = open_store(index=tmp_path / "elsewhere.sqlite")
    recorded(store, make)
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (root / "index.sqlite").exists()


def test_the_directory_for_an_index_is_made(open_store, make, tmp_path):
    recorded(open_store(index=tmp_path / "a" / "b" / "index.sqlite"), make)
    assert (tmp_path / "a" / "b" / "index.sqlite").exists()


def test_where_no_index_can_be_it_is_kept_in_memory(open_store, make, tmp_path):
    (tmp_path / "file").write_text("")
    store = open_store(index=tmp_path / "file" / "index.sqlite")
    realizations = recorded(store, make)
    assert len(store.by_digest([r.digest for r in realizations])) == 3


def test_two_indices_of_one_store_say_the_same(open_store, make, tmp_path):
    one, other = open_store(), open_store(index=tmp_path / "other.sqlite")
    recorded(one, make, range(3))
    recorded(other, make, range(2, 5))
    one.forget(list(one.answers.living().values())[:1], "test")
    assert one.refresh()
    assert other.refresh()
    assert not other.refresh()
    assert one.trace.everything() == other.trace.everything()
    assert one.trace.everything()


def test_an_index_that_is_ahead_after_a_power_cut_follows_the_journals(open_store, root, make):
    store = open_store()
    realizations = recorded(store, make)
    store.close()
    (path,) = (root / "journal").iterdir()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    assert set(open_store().by_digest([r.digest for r in realizations])) == {
        r.digest for r in realizations[:2]
    }


def test_a_journal_that_is_gone_is_forgotten(open_store, root, make):
    store = open_store()
    realizations = recorded(store, make)
    store.close()
    for path in (root / "journal").iterdir():
        path.unlink()
    assert open_store().by_digest([r.digest for r in realizations]) == {}


def test_in_whatever_order_journals_are_read_they_say_the_same(tmp_path):
    names = [c * 32 for c in "abc"]
    records = [
        record
        for at in range(1, 20)
        for record in (
            RealizationRecord(names[at % 3], names[at % 2], "d" * 32, at, "{}", f'{{"pid":{at}}}', "{}"),
            ForgetRecord(names[(at * 7) % 3], names[at % 2], at * 3 % 20, "test"),
        )
    ]
    said = set()
    for seed in range(5):
        directory = tmp_path / str(seed)
        directory.mkdir()
        shuffled = random.Random(seed).sample(records, len(records))
        for part in range(4):
            (directory / f"{part}.jsonl").write_bytes(b"".join(map(journal.line, shuffled[part::4])))
        index = Index(sqlite3.connect(":memory:", isolation_level=None), directory)
        index.refresh()
        said.add(tuple(index.everything()))
        index.close()
    assert len(said) == 1


def test_reading_writes_no_journal(open_store, root, make):
    store = open_store()
    store.realizations([make.name("x")])
    store.refresh()
    store.flush()
    store.record(type(make.facts(store))())
    store.forget([], "nothing")
    assert list((root / "journal").iterdir()) == []


def test_a_clock_that_goes_back_does_not_change_what_is_newest(open_store, make, monkeypatch):
    store = open_store()
    first = make.facts(store, 0, "1")
    store.record(first)
    monkeypatch.setattr("time.time_ns", lambda: 5)
    late = open_store()
    second = make.facts(late, 0, "2")
    late.record(second)
    late.forget(first.realizations, "test")
    late.record(first)
    key = first.realizations[0].key
    assert open_store().realizations([key])[key] == [*second.realizations, *first.realizations]


def test_the_kind_of_a_file_system_is_known(tmp_path):
    assert not is_shared(tmp_path)


def test_what_was_recorded_is_found_at_once_though_it_comes_into_the_index_file_later(open_store, make):
    store = open_store()
    for number in range(20):
        store.record(make.facts(store, number))
    facts = make.facts(store, 20)
    store.record(facts)
    (realization,) = facts.realizations
    assert store.realizations([realization.key]) == {realization.key: [realization]}
    assert store.by_digest([realization.digest]) == {realization.digest: realization}
    assert len(store.answers.living()) == 21


def test_others_find_what_is_only_pending_here(open_store, make):
    first, second = open_store(), open_store()
    first.refresh()
    second.refresh()
    facts = make.facts(first)
    first.record(facts)
    (realization,) = facts.realizations
    assert second.refresh()
    assert second.by_digest([realization.digest]) == {realization.digest: realization}
    assert not first.refresh(), "its own records are no news"
    first.close()
    assert second.by_digest([realization.digest]) == {realization.digest: realization}


def test_a_process_that_is_killed_with_records_pending_leaves_them_to_all(local, open_store, make, child):
    def records_and_dies():
        local.after_fork_in_child()
        for number in range(3):
            local.record(make.facts(local, number))
        os.kill(os.getpid(), signal.SIGKILL)

    assert child(records_and_dies).result() is None
    assert len(open_store().answers.living()) == 3
