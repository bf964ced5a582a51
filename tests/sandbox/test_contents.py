"""What images, recipes and contexts hold: what counts, and that it is read once."""

import os
import shutil
from pathlib import Path

import pytest

from lawnix.sandbox.contents import content_of, content_of_these


@pytest.fixture
def place(tmp_path):
    """A directory with files, a link and a directory, that nobody has written to lately."""
    directory = tmp_path / "image"
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "tool").write_text("#!")
    (directory / "empty").mkdir()
    (directory / "link").symlink_to("/nowhere/at/all")
    return directory


@pytest.mark.parametrize(
    "change",
    [
        lambda place: (place / "bin/tool").write_text("#?"),
        lambda place: (place / "bin/tool").chmod(0o755),
        lambda place: (place / "bin/tool").rename(place / "bin/other"),
        lambda place: (place / "empty").rmdir(),
        lambda place: ((place / "link").unlink(), (place / "link").symlink_to("/nowhere")),
        lambda place: (place / "new").mkdir(),
    ],
)
def test_what_it_holds_counts(place, tmp_path, change):
    before = content_of(place, tmp_path / "home")
    change(place)
    assert content_of(place, tmp_path / "home") != before


def test_where_it_lies_and_when_it_was_written_do_not(place, tmp_path):
    before = content_of(place, tmp_path / "home")
    shutil.copytree(place, tmp_path / "copy", symlinks=True)
    os.utime(tmp_path / "copy" / "bin" / "tool", (1, 1))
    assert content_of(tmp_path / "copy", tmp_path / "home") == before


def test_a_file_counts_by_what_it_holds_whatever_it_is_called(tmp_path):
    for name in ("one.sif", "two.sif"):
        (tmp_path / name).write_text("image")
    (tmp_path / "link.sif").symlink_to("one.sif")
    assert (
        len({content_of(tmp_path / f"{name}.sif", tmp_path / "home") for name in ("one", "two", "link")}) == 1
    )
    (tmp_path / "one.sif").write_text("other")
    assert content_of(tmp_path / "link.sif", tmp_path / "home") != content_of(
        tmp_path / "two.sif", tmp_path / "home"
    )


def test_it_is_read_once_while_stat_says_the_same(tmp_path, monkeypatch):
    long_ago = [each for each in os.listdir("/usr/bin") if os.path.isfile(f"/usr/bin/{each}")][:3]
    before = content_of_these_in_usr(long_ago, tmp_path)
    monkeypatch.setattr("lawnix.sandbox.contents._file", lambda place: pytest.fail("it is read again"))
    assert content_of_these_in_usr(long_ago, tmp_path) == before


def content_of_these_in_usr(names, tmp_path):
    return content_of_these(Path("/usr/bin"), names, tmp_path / "home")


def test_what_was_written_just_now_is_read_again(place, tmp_path):
    before = content_of(place, tmp_path / "home")
    status = (place / "bin/tool").stat()
    (place / "bin/tool").write_text("#?")
    os.utime(place / "bin/tool", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert content_of(place, tmp_path / "home") != before


def test_what_is_kept_and_cannot_be_read_does_not_matter(tmp_path):
    names = ["env"]
    before = content_of_these_in_usr(names, tmp_path)
    for kept in (tmp_path / "home" / "contents").iterdir():
        kept.write_text('{"half')
    assert content_of_these_in_usr(names, tmp_path) == before
