"""The stat memo: files from outside are read once, and never believed to be the same when they may not be."""

import os
import time

import pytest

from lawnix.store import memo as memo_module
from lawnix.store import tree
from lawnix.store.memo import MARGIN, StatMemo

LATER = 10 * MARGIN


@pytest.fixture
def reads(monkeypatch):
    """Which files were read."""
    read = []
    real = tree.file_content

    def file_content(path, **options):
        read.append(os.path.basename(path))
        return real(path, **options)

    monkeypatch.setattr(tree, "file_content", file_content)
    return read


@pytest.fixture
def memo(tmp_path):
    """A memo in a time when every file of the test is old."""
    memo = StatMemo(tmp_path / "memo" / "files.sqlite", clock=lambda: time.time_ns() + LATER)
    (tmp_path / "memo").mkdir()
    yield memo
    memo.close()


@pytest.fixture
def file(tmp_path):
    place = tmp_path / "data.root"
    place.write_text("data")
    return place


def test_a_file_is_read_once(memo, file, reads):
    first = memo.digests([file])
    assert first == {file: tree.content(file).digest}
    reads.clear()
    assert memo.digests([file]) == first
    assert reads == []


def test_what_is_known_is_known_to_the_next_process(memo, file, reads, tmp_path):
    memo.digests([file])
    memo.close()
    reads.clear()
    other = StatMemo(tmp_path / "memo" / "files.sqlite")
    assert other.digests([file]) == {file: tree.content(file).digest}
    assert "data.root" not in reads[:-1]
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text("other data"),
        lambda file: file.write_text("atad"),
        lambda file: (file.write_text("atad"), os.utime(file, ns=(1, 1))),
        lambda file: (file.with_name("new").write_text("atad"), file.with_name("new").rename(file)),
        lambda file: file.chmod(0o755),
    ],
    ids=["size", "time", "time set back", "another file", "executable"],
)
def test_whatever_stat_shows_makes_a_file_be_read_again(memo, file, change):
    os.utime(file, ns=(1, 1))
    before = memo.digests([file])
    change(file)
    assert memo.digests([file]) == {file: tree.content(file).digest} != before


def test_a_file_that_is_younger_than_the_clock_of_the_file_system_is_not_believed(tmp_path, file, reads):
    now = StatMemo(tmp_path / "files.sqlite")
    now.digests([file])
    now.digests([file])
    assert reads == ["data.root"] * 2
    os.utime(file, ns=(1, 1))  # an old time that was set is no proof: it was changed just now
    now.digests([file])
    now.digests([file])
    assert reads == ["data.root"] * 4
    now.close()


def test_a_file_that_changes_while_it_is_read_is_not_believed(memo, file, monkeypatch):
    real = tree.file_content

    def file_content(path, **options):
        found = real(path, **options)
        with open(path, "a") as other:
            other.write("more")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(tree, "file_content", file_content)
        memo.digests([file])
    assert memo.digests([file]) == {file: tree.content(file).digest}


def test_many_files_are_answered_at_once_and_by_the_paths_that_were_asked(memo, tmp_path, reads, monkeypatch):
    paths = []
    for i in range(300):
        paths.append(tmp_path / str(i))
        paths[-1].write_text(str(i))
    monkeypatch.setattr(memo_module, "_CHUNK", 100)
    monkeypatch.chdir(tmp_path)
    found = memo.digests([*paths, paths[0].relative_to(tmp_path)])
    assert found == {
        **{path: tree.content(path).digest for path in paths},
        paths[0].relative_to(tmp_path): found[paths[0]],
    }
    reads.clear()
    assert memo.digests(paths) == {path: found[path] for path in paths}
    assert reads == []


def test_a_directory_has_the_digest_that_the_store_would_give_it(memo, tmp_path, reads):
    place = tmp_path / "d"
    (place / "sub" / "empty").mkdir(parents=True)
    (place / "sub" / "a").write_text("a")
    (place / "b").write_text("b")
    (place / "b").chmod(0o755)
    expected = tree.content(place).digest
    assert memo.digests([place]) == {place: expected}
    reads.clear()
    assert memo.digests([place]) == {place: expected}
    assert reads == []
    (place / "new").write_text("")
    assert memo.digests([place]) == {place: tree.content(place).digest} != {place: expected}
    assert reads[0] == "new"


def test_links_are_followed_and_those_that_lead_nowhere_or_up_count_by_their_text(memo, tmp_path, file):
    copy, links = tmp_path / "copy", tmp_path / "links"
    copy.mkdir()
    links.mkdir()
    (copy / "x").write_text("data")
    (links / "x").symlink_to(file)
    assert memo.digests([links])[links] == memo.digests([copy])[copy] == tree.content(copy).digest
    (tmp_path / "link").symlink_to(file)
    assert memo.digests([tmp_path / "link"])[tmp_path / "link"] == tree.content(file).digest
    (links / "nowhere").symlink_to("nowhere")
    (links / "gone").symlink_to("gone.txt")
    once = memo.digests([links])
    (links / "up").symlink_to("../links")
    assert memo.digests([links]) != once


def test_a_file_that_is_not_there_is_an_error(memo, file, tmp_path):
    with pytest.raises(FileNotFoundError):
        memo.digests([file, tmp_path / "nowhere"])


@pytest.mark.parametrize("deep", [False, True])
def test_what_cannot_be_read_to_an_end_is_refused(memo, tmp_path, deep):
    place = tmp_path / "d"
    place.mkdir()
    os.mkfifo(place / "pipe")
    with pytest.raises(OSError, match="named pipe"):
        memo.digests([place if deep else place / "pipe"])


@pytest.mark.parametrize("damage", [b"", b"no database" * 1000])
def test_without_its_memory_it_still_answers(memo, file, tmp_path, damage, reads):
    memo.digests([file])
    memo.close()
    (tmp_path / "memo" / "files.sqlite").write_bytes(damage)
    expected = {file: tree.content(file).digest}
    assert memo.digests([file]) == expected
    assert memo.digests([file]) == expected
    reads.clear()
    assert memo.digests([file]) == expected
    assert reads == []


def test_where_nothing_may_be_written_it_remembers_for_itself(tmp_path, file, reads):
    memo = StatMemo(tmp_path / "nowhere" / "files.sqlite", clock=lambda: time.time_ns() + LATER)
    memo.digests([file])
    memo.digests([file])
    assert reads == ["data.root"]
    memo.close()


def test_a_forked_child_has_its_own_memory(memo, file, child, reads):
    memo.digests([file])
    reads.clear()
    assert child(lambda: [*memo.digests([file]).values(), *reads]).result() == [tree.content(file).digest]
    reads.clear()
    memo.digests([file])
    assert reads == []


@pytest.mark.parametrize("length", [0, 1, 5, 11])
def test_a_text_that_is_kept_in_parts_is_the_same_again(memo, monkeypatch, length):
    monkeypatch.setattr(memo_module, "_PART", 3)
    text = "abcdefghijk"[:length]
    memo.keep_standing("name", ["longer than", "what follows"])
    memo.keep_standing("name", text)
    assert memo.standing("name") == (text or None)
    memo.keep_standing("other", [text, "", "and ", text])
    assert memo.standing("other") == f"{text}and {text}"
    assert memo.standing("none") is None


def test_of_texts_those_stay_that_were_kept_last(tmp_path, monkeypatch):
    monkeypatch.setattr(memo_module, "_PART", 2)
    monkeypatch.setattr(memo_module, "_STANDING_KEPT", 2)
    now = iter(range(1000))
    memo = StatMemo(tmp_path / "kept.sqlite", lambda: next(now))
    for name in "abac":
        memo.keep_standing(name, f"the text of {name}")
    assert [memo.standing(name) for name in "abc"] == ["the text of a", None, "the text of c"]
