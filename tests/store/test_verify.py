"""Verification and collection: every kind of damage is told and repaired, and only what nothing keeps goes."""

import os

import pytest

from lawnix.core.derivation import Input, Source
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.errors import StoreBusyError
from lawnix.store import frozen, journal, tree
from lawnix.store import verify as verify_module
from lawnix.store.collect import collect
from lawnix.store.protocol import Facts
from lawnix.store.verify import verify


@pytest.fixture
def filled(local, make):
    """A store with three realizations: two files and a directory."""
    for number, name in enumerate(["fit.json", "fit.json", "fit.json/"]):
        local.record(make.facts(local, number, f"text {number}", name))
    return local


def realizations(store):
    return sorted(store.answers.living().values(), key=lambda realization: realization.record.started)


def path_of(realization):
    (path,) = (path for path in realization.outputs.values() if path is not None)
    return path


def test_a_store_that_is_as_it_should_be_is_clean(filled):
    seen = []
    report = verify(filled, progress=lambda done, total: seen.append((done, total)))
    assert report.is_clean
    assert (report.objects, report.size, report.garbage, report.missing) == (3, 18, (), {})
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_many_objects_are_verified_by_many_processes(filled, monkeypatch):
    monkeypatch.setattr(verify_module, "_MANY", 1)
    monkeypatch.setattr(verify_module, "_CHUNK", 1)
    first, second, third = filled.objects.all()
    for path in (first, second):
        tree.remove(filled.location(path))
    filled.location(first).symlink_to("/etc/passwd")
    filled.location(second).write_text("other")
    seen = []
    report = verify(filled, progress=lambda done, total: seen.append((done, total)))
    assert report.corrupt == {first: None, second: tree.content(filled.location(second)).digest}
    assert report.objects == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert filled.present([third]) == {third}


@pytest.mark.parametrize("which", [0, 2])
@pytest.mark.parametrize("keep_times", [True, False])
def test_changed_bytes_are_found_even_under_the_old_time_and_repaired(filled, which, keep_times):
    (path,) = filled.objects.present({path_of(r) for r in realizations(filled)}, {}) & {
        path_of(r)
        for r in realizations(filled)
        if path_of(r).digest == sorted(filled.objects.all())[which].digest
    }
    location = filled.location(path)
    file = location / "file.txt" if location.is_dir() else location
    file.chmod(0o644)
    file.write_text("TEXT 0")
    if keep_times:
        os.utime(file, ns=(frozen.FROZEN_NS, frozen.FROZEN_NS))
    report = verify(filled)
    assert set(report.corrupt) == {path}
    assert report.corrupt[path] == tree.content(location).digest
    assert not report.is_clean
    assert verify(filled, repair=True).repaired
    after = verify(filled)
    assert after.is_clean
    assert [set(paths) for paths in after.missing.values()] == [{path}]
    assert filled.present([path]) == set()


def test_what_lies_among_the_objects_and_is_none_is_told(filled, root):
    (root / "objects" / "zz").mkdir()
    (root / "objects" / "zz" / "notes.txt").write_text("")
    report = verify(filled)
    assert [path.name for path in report.strangers] == ["notes.txt"]
    assert not report.is_clean


def test_an_object_that_became_something_else_is_corrupt(filled):
    path = next(filled.objects.all())
    location = filled.location(path)
    tree.remove(location)
    location.symlink_to("/etc/passwd")
    assert verify(filled).corrupt == {path: None}


def test_an_object_that_no_realization_names_is_no_fault(filled, make):
    (added,) = make.build(filled, "not recorded")
    report = verify(filled)
    assert report.garbage == (added.path,)
    assert report.is_clean


def test_a_damaged_line_is_told_and_dropped(filled, root):
    lost = realizations(filled)[0]
    filled.close()
    (path,) = (root / "journal").iterdir()
    path.write_bytes(path.read_bytes().replace(b'"key":"' + lost.key.encode(), b'"key":"' + b"a" * 32))
    report = verify(filled)
    assert report.damaged.keys() == {path.name}
    assert report.index > 0, "the index has what the journals do not say any more"
    verify(filled, repair=True)
    assert verify(filled).is_clean
    assert filled.by_digest([lost.digest]) == {}
    assert len(realizations(filled)) == 2


def test_an_index_that_says_something_else_is_told_and_made_anew(filled):
    assert realizations(filled)  # who asks has all in the file
    connection = filled.trace._index._connection
    connection.execute("UPDATE realizations SET detail = '{}'")
    connection.execute("DELETE FROM codes")
    assert verify(filled).index == 2 * 3 + 1
    verify(filled, repair=True)
    assert verify(filled).is_clean
    assert realizations(filled)[0].record.host == "here"


def test_nothing_goes_that_a_root_keeps(filled, make):
    first, second, third = realizations(filled)
    filled.add_root("best", [first.digest])
    (garbage,) = make.build(filled, "not recorded")
    before = {path: filled.location(path) for path in filled.objects.all()}
    told = collect(filled, [second.digest], dry_run=True)
    assert {path for path, location in before.items() if location.exists()} == before.keys()
    went = collect(filled, [second.digest])
    assert (told.realizations, told.objects, told.size) == (went.realizations, went.objects, went.size)
    assert went.realizations == (third,)
    assert set(went.objects) == {path_of(third), garbage.path}
    assert {path for path, location in before.items() if location.exists()} == {
        path_of(first),
        path_of(second),
    }
    assert realizations(filled) == [first, second]
    assert filled.was_forgotten([third.key]) == {third.key: "collected"}
    assert verify(filled).is_clean
    assert verify(filled).missing == {}


def test_what_shall_stay_known_stays_known_without_its_objects(filled):
    first, second, third = realizations(filled)
    went = collect(filled, [first.digest], known=[second.digest])
    assert went.realizations == (third,)
    assert realizations(filled) == [first, second]
    assert filled.present([path_of(first), path_of(second)]) == {path_of(first)}


def test_an_object_of_two_realizations_stays_while_one_of_them_does(filled, make):
    kept = realizations(filled)[0]
    other = Realization(make.name("other key"), kept.derivation, {"fit.json": path_of(kept)})
    filled.record(Facts(realizations=[other]))
    went = collect(filled, [kept.digest])
    assert other in went.realizations
    assert filled.present([path_of(kept)]) == {path_of(kept)}


def test_nothing_is_collected_while_others_use_the_store(filled, open_store):
    other = open_store()
    with pytest.raises(StoreBusyError, match=f"process {os.getpid()}|another process"):
        collect(filled)
    assert len(realizations(filled)) == 3
    other.close()
    assert len(collect(filled).realizations) == 3


def test_who_uses_the_store_is_named(filled, child, root, open_store):
    filled.close()
    read, write = os.pipe()
    done, set_done = os.pipe()

    def session():
        open_store()
        os.write(write, b"x")
        os.read(done, 1)
        return os.getpid()

    other = child(session)
    os.read(read, 1)
    with pytest.raises(StoreBusyError) as caught:
        collect(open_store())
    os.write(set_done, b"x")
    pid = other.result()
    assert any(f"process {pid} " in user for user in caught.value.users)


def test_logs_and_what_killed_processes_left_go_too(filled, make, root, tmp_path, child):
    first, second, _ = realizations(filled)
    log = tmp_path / "log"
    log.write_text("printed")
    for realization in (first, second):
        filled.save_log(realization.digest, log)
    mine = filled.new_build()

    def die():
        filled.after_fork_in_child()
        build = filled.new_build()
        (build / "out" / "half").write_text("x" * 100)
        filled.claim([make.name("x")])
        os.kill(os.getpid(), 9)

    assert child(die).result() is None
    assert len(list((root / "builds").iterdir())) == 2
    went = collect(filled, [first.digest])
    assert [path.stem for path in went.logs] == [second.digest]
    assert (len(went.builds), went.size > 100) == (1, True)
    assert list((root / "builds").iterdir()) == [mine]
    assert list((root / "claims").glob("*.json")) == []
    assert filled.log(first.digest) == "printed"
    assert filled.log(second.digest) is None


@pytest.mark.parametrize("age", ["young", "old"])
def test_a_build_directory_of_another_host_counts_as_left_behind_after_a_day(filled, root, age):
    build = root / "builds" / "Fit--far.away-18ea0cae8433a17c-1-0"
    build.mkdir()
    if age == "old":
        os.utime(build, (0, 0))
    assert collect(filled, dry_run=True).builds == ((build,) if age == "old" else ())


def test_many_journals_become_one_with_all_that_is_needed(open_store, root, make):
    upstream = make.derivation(100)
    unneeded = make.derivation(101)
    group = make.group(100)
    for number in range(5):
        with open_store() as store:
            facts = make.facts(store, number)
            inputs = {"a": Input(Source.DERIVATION, upstream.digest), "b": Input(Source.GROUP, group.digest)}
            last = make.derivation(number + 10, inputs=inputs)
            more = Realization(make.name(number), last.digest, {"fit.json": next(iter(facts.sizes))})
            store.record(facts)
            store.record(Facts(derivations=[last, upstream, unneeded], groups=[group], realizations=[more]))
    store = open_store()
    living = store.answers.living()
    assert len(journal.journals(root / "journal")) == 5
    gone = realizations(store)[0]
    went = collect(store, [name for name in living if name != gone.digest], told_for=0)
    assert went.journals == 6, "five, and the one that says what was forgotten"
    assert len(journal.journals(root / "journal")) == 1
    assert store.answers.living().keys() == living.keys() - {gone.digest}
    assert store.derivations([upstream.digest, unneeded.digest]).keys() == {upstream.digest}
    assert store.groups([group.digest]).keys() == {group.digest}
    assert store.components([make.code]).keys() == {make.code}
    assert verify(store).is_clean
    assert collect(store, store.answers.living(), told_for=0).journals == 1, (
        "now that it was forgotten is forgotten"
    )
    assert collect(store, store.answers.living(), told_for=0).journals == 0


def test_what_is_told_beside_realizations_is_kept_with_them(open_store, make):
    with open_store() as store:
        kept, gone = make.facts(store, 0), make.facts(store, 1)
        store.record(kept)
        store.record(gone)
        names = [facts.realizations[0].digest for facts in (kept, gone)]
        path = kept.realizations[0].outputs["fit.json"]
        meanings = [Meaning(f"json/{version}", make.name(version)) for version in range(2)]
        verdicts = {name: Verdict("me", 1.0, is_same=True, was_built=True, words=name) for name in names}
        store.record(Facts(meanings={path: meanings}, verdicts=verdicts))
        store.record(
            Facts(verdicts={names[0]: Verdict("me", 2.0, is_same=False, was_built=True, words="late")})
        )
    store = open_store()
    assert collect(store, names[:1], told_for=0).journals
    assert {name: verdict.words for name, verdict in store.verdicts(names).items()} == {names[0]: "late"}
    assert set(store.meanings([path])[path]) == set(meanings)
    assert verify(store).is_clean


def test_an_index_elsewhere_follows_when_journals_are_folded(open_store, make, tmp_path):
    with open_store(index=tmp_path / "elsewhere.sqlite") as far:
        far.record(make.facts(far, 0))
        far.record(make.facts(far, 1, "other"))
        names = list(far.answers.living())
    store = open_store()
    collect(store, names[:1])
    collect(store, names[:1])
    assert list(open_store(index=tmp_path / "elsewhere.sqlite").by_digest(names)) == names[:1]
