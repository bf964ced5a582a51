"""Trees: what is in the digest of a file or directory, what is not, and that no link leads out."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from lawnix.core.digest import SIZE, written_digest
from lawnix.errors import EscapingOutputError, OutputKindError
from lawnix.store import frozen, tree

names = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=8
).filter(lambda name: name not in {".", ".."})
trees = st.recursive(
    st.binary(max_size=4),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)


def write(place: Path, what: bytes | dict[str, object]) -> Path:
    if isinstance(what, bytes):
        place.write_bytes(what)
    else:
        place.mkdir()
        for name, inner in what.items():
            write(place / name, inner)
    return place


@given(one=trees, other=trees)
def test_two_trees_have_one_digest_only_if_they_hold_the_same(tmp_path_factory, one, other):
    directory = tmp_path_factory.mktemp("trees")
    first, second = write(directory / "first", one), write(directory / "second", other)
    assert (tree.content(first).digest == tree.content(second).digest) == (one == other)
    shutil.rmtree(directory)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (4 << 20) - 1, (4 << 20) + 1, (8 << 20) + 3])
def test_a_file_has_one_digest_however_it_is_read(tmp_path, size):
    place = tmp_path / "file"
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    place.write_bytes(data)
    expected = written_digest(blake3(b"file\0-" + data).digest(length=SIZE))
    assert tree.content(place) == tree.Content(expected, size)
    assert tree.file_content(place, stable=False) == tree.Content(expected, size)
    place.chmod(0o755)
    assert tree.content(place).digest == written_digest(blake3(b"file\0x" + data).digest(length=SIZE))


def test_modes_count_only_as_far_as_a_file_can_be_run(tmp_path):
    digests = []
    for mode in (0o644, 0o400, 0o600, 0o755, 0o500, 0o011):
        place = tmp_path / oct(mode)
        place.write_text("text")
        place.chmod(mode)
        digests.append(tree.content(place).digest)
    assert len(set(digests[:3])) == len(set(digests[3:])) == 1
    assert digests[0] != digests[3]


def test_times_do_not_count(tmp_path):
    place = write(tmp_path / "d", {"a": b"1"})
    before = tree.content(place)
    os.utime(place / "a", (1, 1))
    os.utime(place, (1, 1))
    assert tree.content(place) == before


def test_empty_directories_names_and_kinds_count(tmp_path):
    forms = [{}, {"a": {}}, {"a": b""}, {"b": {}}, {"a": {"a": {}}}, b""]
    digests = {tree.content(write(tmp_path / str(i), form)).digest for i, form in enumerate(forms)}
    assert len(digests) == len(forms)


def test_names_that_are_no_text_are_told_apart(tmp_path):
    digests = set()
    for i, name in enumerate([b"\xff", b"\xfe", "ÿ".encode(), "a\u0301".encode(), "á".encode()]):
        place = tmp_path / str(i)
        place.mkdir()
        Path(os.fsdecode(os.fsencode(place) + b"/" + name)).write_text("")
        digests.add(tree.content(place).digest)
    assert len(digests) == 5


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "..", "../other", "../../x", "../tree/a", "sub/../../a", "sub/../a", "./../x", "a/.."],
)
@pytest.mark.parametrize("deep", [False, True])
def test_a_link_that_leads_out_or_might_is_refused(tmp_path, target, deep):
    place = write(tmp_path / "tree", {"a": b"", "sub": {"b": b""}})
    if deep:
        target = target if target.startswith("/") else f"../{target}"
    (place / ("sub/link" if deep else "link")).symlink_to(target)
    with pytest.raises(EscapingOutputError) as caught:
        tree.content(place, "Fit")
    assert caught.value.destination == target


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("link", "a"),
        ("link", "sub/b"),
        ("link", "./sub//b"),
        ("link", "nowhere"),
        ("link", "."),
        ("sub/link", "../a"),
        ("sub/link", ".."),
        ("sub/link", "../sub/b"),
    ],
)
def test_a_link_within_a_tree_counts_by_its_text(tmp_path, link, target):
    place = write(tmp_path / "tree", {"a": b"1", "sub": {"b": b"2"}})
    plain = tree.content(place)
    (place / link).symlink_to(target)
    linked = tree.content(place)
    assert linked.digest != plain.digest
    assert linked.size == plain.size
    (place / link).unlink()
    (place / link).symlink_to(target.replace("a", "x") + "/y")
    assert tree.content(place).digest != linked.digest


def test_a_link_through_a_link_cannot_get_out(tmp_path):
    # `up` leads to the top, so `up/../x` would be outside although the text looks as if it stayed
    place = write(tmp_path / "tree", {"sub": {"deep": {}}})
    (place / "sub" / "deep" / "up").symlink_to("../..")
    tree.content(place)
    (place / "out").symlink_to("sub/deep/up/../x")
    with pytest.raises(EscapingOutputError):
        tree.content(place)


@pytest.mark.parametrize("deep", [False, True])
def test_what_is_neither_file_nor_directory_is_refused_by_its_kind(tmp_path, deep):
    place = tmp_path / "d" / "pipe" if deep else tmp_path / "pipe"
    place.parent.mkdir(exist_ok=True)
    os.mkfifo(place)
    with pytest.raises(OutputKindError, match="named pipe"):
        tree.content(tmp_path / "d" if deep else place)


def test_ten_thousand_files_are_one_directory(quick_path):
    for i in range(100):
        (quick_path / "d" / str(i)).mkdir(parents=True)
        for j in range(100):
            (quick_path / "d" / str(i) / str(j)).write_text("x")
    before = tree.content(quick_path / "d")
    assert before.size == 10_000
    tree.freeze(quick_path / "d")
    assert frozen.is_frozen(str(quick_path / "d"), 10_000)
    tree.remove(quick_path / "d" / "99" / "99")
    assert tree.content(quick_path / "d").digest != before.digest
    tree.remove(quick_path / "d")
    assert not (quick_path / "d").exists()


def test_freezing_leaves_other_names_of_a_file_alone(tmp_path):
    other = tmp_path / "other"
    other.write_text("text")
    before = other.stat()
    place = tmp_path / "d"
    place.mkdir()
    os.link(other, place / "file")
    tree.freeze(place)
    assert (other.stat().st_mode, other.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    other.write_text("changed")
    assert (place / "file").read_text() == "text"


@pytest.mark.parametrize("size", [3, 1 << 20])
def test_a_file_gets_a_copy_of_its_own_wherever_in_a_directory_it_has_another_name(tmp_path, size):
    first, second = b"1" * size, b"2" * size
    place = write(tmp_path / "d", {"a": first, "sub": {"b": second}, "run": b"3"})
    (place / "run").chmod(0o755)
    before = tree.content(place)
    for n, path in enumerate([place / "a", place / "sub" / "b", place / "run"]):
        os.link(path, tmp_path / str(n))
    assert tree.freeze(place) == before == tree.content(place)
    assert [(tmp_path / str(n)).stat().st_nlink for n in range(3)] == [1, 1, 1]
    assert sorted(path.name for path in place.iterdir()) == ["a", "run", "sub"]
    assert frozen.is_frozen(str(place), 2 * size + 1)


@given(what=trees)
def test_freezing_tells_the_content(tmp_path_factory, what):
    place = write(tmp_path_factory.mktemp("trees") / "tree", what)
    before = tree.content(place)
    assert tree.freeze(place) == before == tree.content(place)
    assert frozen.is_frozen(str(place), before.size)
    tree.remove(place)


def test_what_its_owner_may_not_read_is_frozen_and_digested_all_the_same(child):
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        place = Path(name) / "d"

        def nobody():
            if os.geteuid() == 0:
                os.setuid(65534)

        def work():
            write(place, {"a": b"1", "run": b"2"})
            (place / "a").chmod(0o000)
            (place / "run").chmod(0o111)
            with pytest.raises(PermissionError, match=r"'d/(a|run)'"):
                tree.content(place)
            return tree.freeze(place) == tree.content(place)

        assert child(work, nobody).result()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: (d / "a").write_text("other"),
        lambda d: os.utime(d / "a"),
        lambda d: (d / "sub" / "new").write_text(""),
        lambda d: (d / "sub" / "b").unlink(),
        lambda d: ((d / "a").unlink(), (d / "a").mkdir(), os.utime(d / "a", (0, 0))),
    ],
)
def test_one_look_at_the_times_shows_that_a_frozen_tree_was_touched(tmp_path, change):
    place = write(tmp_path / "d", {"a": b"1", "sub": {"b": b"2"}})
    tree.freeze(place)
    assert frozen.is_frozen(str(place), 2)
    assert frozen.is_frozen(str(place), None)
    assert not frozen.is_frozen(str(place), 3)
    tree.thaw(place)
    (place / "a").chmod(0o644)
    change(place)
    assert not frozen.is_frozen(str(place), None)


def test_what_is_not_there_can_be_removed(tmp_path):
    tree.remove(tmp_path / "nothing")
    (tmp_path / "link").symlink_to("nowhere")
    tree.remove(tmp_path / "link")
    assert not (tmp_path / "link").is_symlink()
    with pytest.raises(FileNotFoundError):
        frozen.is_frozen(str(tmp_path / "nothing"), None)
