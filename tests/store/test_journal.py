"""Journals: what was appended is read, what is torn or damaged is not."""

import errno
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawnix.errors import StoreFullError
from lawnix.store import journal
from lawnix.store.journal import Journal
from lawnix.store.records import (
    CodeRecord,
    DerivationRecord,
    ForgetRecord,
    GroupRecord,
    RealizationRecord,
    parse,
)

texts = st.text(max_size=20)
names = st.text("abc234", min_size=32, max_size=32)
times = st.integers(0, 1 << 62)
records = st.one_of(
    st.builds(CodeRecord, names, st.just('{"Fit.run":"x"}')),
    st.builds(DerivationRecord, names, times, names, texts, st.just('{"code":"x"}')),
    st.builds(GroupRecord, names, texts, st.just('{"0":["group","x","y"]}')),
    st.builds(
        RealizationRecord,
        names,
        names,
        names,
        times,
        st.just('{"a":null}'),
        st.just("{}"),
        st.just('{"x":1}'),
    ),
    st.builds(ForgetRecord, names, names, times, texts),
)


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "journal").mkdir()
    return tmp_path / "journal"


@pytest.fixture
def writer(directory):
    writer = Journal(directory)
    yield writer
    writer.close()


SOME = [ForgetRecord("a" * 32, "b" * 32, i, f"because {i}\n") for i in range(5)]


@given(records)
def test_what_a_record_says_is_what_is_read(record):
    text = record.text().encode("ascii")
    assert b"\n" not in text
    assert parse(text) == record


def test_what_was_appended_is_read_from_where_one_stopped(directory, writer):
    end = writer.append(SOME[:2])
    path = directory / writer.name
    first = journal.read(path)
    assert (first.records, first.end, first.damaged) == (SOME[:2], end, [])
    assert path.stat().st_size == end
    writer.append(SOME[2:])
    assert journal.read(path, end).records == SOME[2:]
    assert journal.read(path).records == SOME


def test_there_is_no_journal_before_something_is_written(directory, writer):
    writer.flush()
    writer.close()
    assert list(directory.iterdir()) == []
    assert journal.journals(directory) == {}
    assert journal.journals(directory / "nowhere") == {}


def test_each_writer_has_its_own(directory, writer):
    other = Journal(directory)
    writer.append(SOME[:1])
    other.append(SOME[1:])
    assert writer.name != other.name
    assert len(journal.journals(directory)) == 2
    other.close()


@pytest.mark.parametrize("cut", [1, 2, 10, 60])
def test_a_torn_last_line_is_not_there_until_it_is_complete(directory, writer, cut):
    writer.append(SOME)
    whole = (directory / writer.name).read_bytes()
    path = directory / "torn.jsonl"
    path.write_bytes(whole[:-cut])
    torn = journal.read(path)
    assert torn.records == SOME[:-1]
    assert torn.damaged == []
    path.write_bytes(whole)
    assert journal.read(path, torn.end).records == SOME[-1:]


def test_a_damaged_line_is_left_out_and_told(directory, writer):
    writer.append(SOME)
    path = directory / "damaged.jsonl"
    lines = (directory / writer.name).read_bytes().splitlines(keepends=True)
    for damage in (
        lines[1].replace(b"because", b"becausE"),
        lines[1][:20] + b"\n",
        b"\n",
        b"\0" * 50 + b"\n",
        b'["00000000",{}]\n',
        lines[1][:-2] + b"}\n",
    ):
        path.write_bytes(lines[0] + damage + b"".join(lines[2:]))
        passage = journal.read(path)
        assert passage.records == [SOME[0], *SOME[2:]]
        assert passage.damaged == [2]
        assert passage.end == path.stat().st_size


def test_a_kind_of_record_that_only_later_versions_know_is_passed_over(directory):
    text = b'{"signature":"x"}'
    path = directory / "later.jsonl"
    path.write_bytes(b'["%08x",%b]\n' % (zlib.crc32(text), text) + journal.line(SOME[0]))
    passage = journal.read(path)
    assert (passage.records, passage.damaged) == ([SOME[0]], [])


@pytest.mark.parametrize("written", [0, 30, 200])
def test_when_the_disk_is_full_nothing_is_recorded_and_nothing_is_lost(
    directory, writer, monkeypatch, written
):
    writer.append(SOME[:2])
    path = directory / writer.name
    real = os.write
    room = [written, 0]

    def full(descriptor, data):
        count = real(descriptor, data[: room.pop(0)]) if room else 0
        if not count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return count

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreFullError, match="No space left"):
            writer.append(SOME[2:])
    assert journal.read(path).records == SOME[:2]
    assert path.stat().st_size == journal.read(path).end, "no part of a line stays"
    writer.append(SOME[2:])
    found = [
        record for name in journal.journals(directory) for record in journal.read(directory / name).records
    ]
    assert sorted(found) == SOME


def test_a_write_in_two_parts_is_one(directory, writer, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:40]))
    writer.append(SOME)
    assert journal.read(directory / writer.name).records == SOME


def test_while_a_writer_lives_its_journal_has_one(directory, writer, child):
    writer.append(SOME)
    path = directory / writer.name
    assert child(lambda: journal.has_writer(path)).result() is True
    writer.close()
    assert child(lambda: journal.has_writer(path)).result() is False


def test_a_journal_from_another_host_has_a_writer_for_a_day(directory):
    path = directory / "elsewhere-1-abc-def.jsonl"
    path.write_bytes(b"")
    assert journal.has_writer(path)
    os.utime(path, (0, 0))
    assert not journal.has_writer(path)


def test_a_journal_that_is_written_whole_is_read_whole(directory):
    name = journal.write(directory, SOME)
    assert list(directory.iterdir()) == [directory / name]
    assert journal.read(directory / name).records == SOME
