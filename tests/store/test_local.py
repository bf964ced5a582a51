"""The store on disk: who may open it, what it needs, and that it has no place of its own."""

import errno
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from lawnix.core.output import Kind
from lawnix.core.realization import Realization
from lawnix.errors import StoreAccessError, StoreError, StoreFormatError, StoreFullError
from lawnix.store import tree
from lawnix.store.durability import Durability, Flusher
from lawnix.store.local import LocalStore
from lawnix.store.protocol import Facts, Store
from lawnix.store.verify import verify

NOBODY = 65534


def test_it_is_a_store(local):
    store: Store = local
    assert store.root == local.root


def test_a_new_store_says_what_it_is(open_store, root):
    open_store()
    assert (root / "format").read_text() == "lawnix store 1\n"
    assert LocalStore.open(root, create=False).root == root


@pytest.mark.parametrize("found", ["lawnix store 2", "", "something else\n", "\udcff"])
def test_a_store_of_another_format_is_refused(root, found):
    root.mkdir()
    (root / "format").write_text(found, errors="surrogateescape")
    with pytest.raises(StoreFormatError, match="lawnix store 1"):
        LocalStore.open(root)
    assert [path.name for path in root.iterdir()] == ["format"]


def test_a_directory_with_other_things_in_it_is_no_store(root):
    root.mkdir()
    (root / "thesis.tex").write_text("")
    with pytest.raises(StoreFormatError):
        LocalStore.open(root)
    assert [path.name for path in root.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_store(root):
    root.write_text("")
    with pytest.raises(StoreFormatError):
        LocalStore.open(root)


def test_nothing_is_made_unless_it_may_be(root):
    with pytest.raises(StoreFormatError):
        LocalStore.open(root, create=False)
    assert not root.exists()


def test_an_empty_directory_becomes_a_store(root):
    (root / "lost+found").mkdir(parents=True)
    LocalStore.open(root).close()
    assert (root / "objects").is_dir()


def test_eight_processes_may_make_one_store(child, root):
    children = [child(lambda: str(LocalStore.open(root).root)) for _ in range(8)]
    assert [one.result() for one in children] == [str(root)] * 8


def test_a_store_can_be_moved(open_store, root, make, tmp_path):
    store = open_store()
    facts = make.facts(store)
    store.record(facts)
    store.add_root("best", [facts.realizations[0].digest])
    store.close()
    root.rename(tmp_path / "moved")
    moved = open_store(tmp_path / "moved")
    (path,) = facts.sizes
    assert moved.by_digest(moved.roots()["best"])
    assert moved.present([path]) == {path}
    assert moved.location(path).read_text() == "1"
    assert verify(moved).is_clean


def test_a_store_can_be_copied_without_its_times_and_its_index(open_store, root, make, tmp_path):
    store = open_store()
    facts = [make.facts(store), make.facts(store, 1, "2", "fit.json/")]
    for one in facts:
        store.record(one)
    store.close()
    shutil.copytree(
        root, tmp_path / "copy", copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("index*")
    )
    copy = open_store(tmp_path / "copy")
    paths = {path for one in facts for path in one.sizes}
    assert copy.present(paths) == paths
    assert verify(copy).is_clean


def test_what_one_process_records_another_takes_in(open_store, make):
    one, other = open_store(), open_store()
    facts = make.facts(one)
    assert not other.refresh()
    one.record(facts)
    assert other.refresh()
    assert not other.refresh()
    assert other.by_digest([facts.realizations[0].digest])
    other.forget(facts.realizations, "wrong")
    assert one.refresh()
    assert one.was_forgotten([facts.realizations[0].key])


def test_a_forked_child_may_build_and_even_record(open_store, make, child):
    store = open_store()
    before = make.facts(store)
    store.record(before)
    (key,) = store.claim([make.name("claimed")])

    def work():
        store.after_fork_in_child()
        facts = make.facts(store, 1, "of the child")
        (path,) = facts.sizes
        assert store.present([path]) == {path}
        store.record(facts)
        known = len(store.family("Fit"))
        store.close()
        return known

    assert child(work).result() == 2
    assert store.refresh()
    assert len(store.family("Fit")) == 2
    assert child(lambda: len(LocalStore.open(store.root).claim([key]))).result() == 0, (
        "the claim is the parent's still"
    )
    assert verify(store).is_clean


def test_a_forked_child_that_did_not_say_so_still_writes_a_journal_of_its_own(open_store, make, child):
    store = open_store()
    store.record(make.facts(store))

    def work():
        store.record(make.facts(store, 1))
        return len(store.family("Fit"))

    assert child(work).result() == 2
    store.record(make.facts(store, 2))
    store.refresh()
    assert len(store.family("Fit")) == 3
    assert len(list((store.root / "journal").iterdir())) == 2
    assert verify(store).is_clean


def test_a_child_that_outlives_its_parent_holds_no_claim(open_store, make, child, root):
    key = make.name("key")
    read, write = os.pipe()
    ready, set_ready = os.pipe()

    def parent():
        store = LocalStore.open(root)
        assert store.claim([key]) == {key}
        pid = os.fork()
        if pid == 0:
            os.close(write)
            os.close(child.pipe)
            store.after_fork_in_child()
            os.write(set_ready, b"x")
            os.read(read, 1)  # until the test is over
            os._exit(0)
        os.read(ready, 1)
        return pid

    pid = child(parent).result()
    assert open_store().claim([key]) == {key}
    os.kill(pid, 0)  # it lives
    for descriptor in (write, read, ready, set_ready):
        os.close(descriptor)


def as_somebody_else(child, place: Path, work):
    """What `work` returns for a user who may read `place` but not write it."""
    for path in [place, *place.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def before():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    try:
        return child(work, before).result()
    finally:
        for path in [place, *place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def public():
    """A directory that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name) / "store"


@pytest.mark.parametrize("with_index", [True, False])
def test_a_store_that_may_not_be_written_can_be_read(open_store, make, child, public, with_index):
    store = open_store(public)
    facts = make.facts(store)
    store.record(facts)
    store.add_root("best", [facts.realizations[0].digest])
    store.close()
    if not with_index:
        (public / "index.sqlite").unlink()
    before = sorted(public.rglob("*"))

    def work():
        reader = LocalStore.open(public)
        reader.refresh()
        (realization,) = reader.by_digest(reader.roots()["best"]).values()
        (path,) = (path for path in realization.outputs.values() if path)
        assert reader.present([path]) == {path}
        said = []
        for write in (
            lambda: reader.record(make.facts(store, 1)),
            lambda: reader.record(Facts(derivations=[make.derivation(5)])),
            lambda: reader.forget([realization], "wrong"),
            reader.new_build,
            lambda: reader.claim([make.name("x")]),
            lambda: reader.add_root("x", []),
            lambda: reader.save_log(make.name("x"), public / "format"),
        ):
            try:
                write()
            except StoreAccessError as error:
                said.append(str(error))
        reader.close()
        return said

    said = as_somebody_else(child, public, work)
    assert len(said) == 7
    assert all("Permission denied" in text and str(public) in text for text in said)
    if os.geteuid() == 0:
        assert all("belongs to root, you are" in text for text in said)
    assert sorted(public.rglob("*")) == before


def test_a_store_cannot_be_made_where_one_may_not_write(child, public):
    def work():
        try:
            LocalStore.open(public / "deeper" / "store")
        except StoreAccessError as error:
            return str(error)
        return None

    public.mkdir()
    assert "Permission denied" in as_somebody_else(child, public, work)


def test_objects_can_be_added_moved_and_removed_by_an_ordinary_user(child, make):
    """Directories are frozen by then, and a frozen directory cannot be moved, except by root."""

    def before():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

    def work():
        with tempfile.TemporaryDirectory() as name:
            store = LocalStore.open(Path(name) / "store")
            (first,) = make.build(store, "1", "plots/")
            assert make.build(store, "1", "plots/") == (first,)
            tree.thaw(first.location)
            (first.location / "more").write_text("")
            assert store.present([first.path]) == set()
            assert make.build(store, "1", "plots/") == (first,)
            store.close()
            tree.remove(Path(name) / "store")
        return True

    assert child(work, before).result()


def test_a_full_disk_is_told_and_nothing_is_half_there(tmp_path, make):
    """On a real file system of 1 MB where one can be mounted, else by what the system would say."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here; the next test covers what the system says")
    try:
        store = LocalStore.open(place / "store", index=tmp_path / "index.sqlite")
        facts = make.facts(store)
        store.record(facts)
        large = Facts(derivations=[make.derivation(i, parameters={"text": "x" * 100_000}) for i in range(20)])
        with pytest.raises(StoreFullError, match=f"the file system {place} has 1.0 MB of 1.0 MB"):
            store.record(large)
        assert store.by_digest([facts.realizations[0].digest])
        assert len(store.family("Fit")) == 1
        store.close()
        with LocalStore.open(place / "store", index=tmp_path / "index.sqlite") as again:
            assert verify(again).is_clean
            assert len(again.family("Fit")) == 1
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_what_the_system_says_of_a_full_disk_is_said_in_the_words_of_the_store(
    local, make, monkeypatch, code
):
    build = local.new_build()
    (build / "out" / "a").write_text("")
    realization = Realization(make.code, make.code, {})

    def full(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    for name in ("rename", "open", "mkdir"):
        monkeypatch.setattr(os, name, full)
    for write in (
        lambda: local.add(build, [("a", Kind.FILE)], "Fit"),
        local.new_build,
        lambda: local.record(Facts(realizations=[realization])),
        lambda: local.claim([make.code]),
    ):
        with pytest.raises(StoreFullError, match=os.strerror(code)) as raised:
            write()
        assert re.search(r"the file system /\S* has \d+\.\d MB of \d+\.\d MB", raised.value.room)
        assert str(raised.value).count(raised.value.room) == 1
        assert "lawnix gc --dry-run" in str(raised.value)
        assert "[lawnix] store" in str(raised.value)


def test_what_a_flush_says_of_a_full_disk_is_said_in_the_words_of_the_store(root, make, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with LocalStore.open(root) as store:
        store.record(Facts(realizations=[Realization(make.code, make.code, {})]))
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", full)
            with pytest.raises(StoreFullError, match="No space left"):
                store.flush()


def test_a_damaged_root_stops_whoever_asks_what_is_kept(local, root):
    local.add_root("best", [])
    (root / "roots" / "best").write_text('["no digest"]')
    with pytest.raises(StoreError, match="best"):
        local.roots()


def test_flushes_are_grouped_and_take_a_small_part_of_the_time(tmp_path, monkeypatch):
    now = [0.0]
    flushed = []
    monkeypatch.setattr("os.sync", lambda: None)
    flusher = Flusher(tmp_path, Durability.GROUPED, clock=lambda: now[0])

    def slow() -> None:
        now[0] += 0.5
        flushed.append(now[0])

    flusher.flush(slow)
    assert flushed == [], "nothing was written"
    assert not flusher.written()
    now[0] = 0.2
    assert flusher.written()
    flusher.flush(slow)
    flusher.flush(slow)
    assert flushed == [0.7]
    now[0] += 1.0
    assert not flusher.written(), "a flush that takes 0.5 s comes every 5 s"
    now[0] += 4.0
    assert flusher.written()
    without = Flusher(tmp_path, Durability.NONE, clock=lambda: now[0])
    now[0] += 100
    assert not without.written()
    without.flush(slow)
    assert len(flushed) == 1


def test_what_was_recorded_is_flushed_when_the_store_is_closed(root, make, monkeypatch):
    store = LocalStore.open(root, durability="grouped")
    store.record(make.facts(store))
    flushed = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (flushed.append(descriptor), real(descriptor)))
    store.close()
    assert len(flushed) == 1
