"""What every store does, the one on disk and the one in memory."""

import os
import stat
from collections.abc import Sequence
from dataclasses import replace

import pytest

from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.errors import EscapingOutputError, MissingOutputError, OutputKindError
from lawnix.store import frozen, tree
from lawnix.store.protocol import Facts


def several(store, make, texts: Sequence[str], number: int = 0) -> list[Realization]:
    """Realizations of one derivation, recorded one after the other."""
    found = []
    for text in texts:
        facts = make.facts(store, number, text)
        store.record(facts)
        found += facts.realizations
    return found


def test_what_was_recorded_is_found_by_each_of_its_names(store, make):
    facts = make.facts(store)
    (derivation,), (group,), (realization,) = facts.derivations, facts.groups, facts.realizations
    store.record(facts)
    assert store.realizations([realization.key]) == {realization.key: [realization]}
    assert store.by_derivation([derivation.digest]) == {derivation.digest: [realization]}
    assert store.by_digest([realization.digest]) == {realization.digest: realization}
    assert store.derivations([derivation.digest]) == {derivation.digest: derivation}
    assert store.groups([group.digest]) == {group.digest: group}
    assert store.components([make.code]) == {make.code: {"Fit.run": "abc"}}
    assert store.family("Fit") == [derivation]
    assert store.relatives([derivation.lineage]) == {derivation.lineage: [derivation]}


def test_all_of_a_realization_comes_back(store, make):
    facts = make.facts(store)
    store.record(facts)
    (given,) = facts.realizations
    found = store.by_digest([given.digest])[given.digest]
    assert found == given
    assert given == found
    assert found.record == given.record
    assert found.found == given.found
    assert dict(found.outputs) == dict(given.outputs)
    assert (found.digest, found.key, found.derivation) == (given.digest, given.key, given.derivation)
    assert found != replace(given, found=())


def test_every_part_of_a_derivation_comes_back(store, make):
    derivation = make.derivation(
        3,
        sandbox=make.code,
        environment={"SEED": "1", "UNSET": None},
        fixed_output="sha256:00",
        reads_parameters=True,
        branch=None,
    )
    store.record(Facts(derivations=[derivation]))
    found = store.derivations([derivation.digest])[derivation.digest]
    assert found == derivation
    # what it is called follows from what came back, and was not only copied
    assert replace(found).digest == derivation.digest
    assert replace(found).key({}) == derivation.key({})


def test_what_nobody_recorded_is_absent_from_the_answer(store, make):
    store.record(make.facts(store))
    unknown = make.name("unknown")
    for ask in (
        store.realizations,
        store.by_derivation,
        store.by_digest,
        store.derivations,
        store.groups,
        store.components,
        store.relatives,
    ):
        assert ask([unknown]) == {}
        assert ask([]) == {}
    assert store.was_forgotten([unknown]) == {}
    assert store.family("Unknown") == []
    assert store.log(unknown) is None
    assert store.roots() == {}


def test_realizations_come_in_the_order_in_which_they_were_recorded(store, make):
    recorded = several(store, make, ["c", "a", "b", "d"])
    assert store.realizations([recorded[0].key])[recorded[0].key] == recorded


def test_realizations_recorded_together_keep_their_order(store, make):
    facts = [make.facts(store, 0, text) for text in "zyxwv"]
    together = [realization for one in facts for realization in one.realizations]
    store.record(Facts(realizations=together))
    assert store.by_derivation([together[0].derivation])[together[0].derivation] == together


def test_to_record_a_thing_twice_changes_nothing(store, make):
    first, second = several(store, make, ["1", "2"])
    store.record(make.facts(store, 0, "1"))
    assert store.realizations([first.key])[first.key] == [first, second]
    assert len(store.family("Fit")) == 1


def test_many_are_answered_at_once(store, make):
    path = make.build(store)[0].path
    derivations = [make.derivation(i) for i in range(300)]
    realizations = [Realization(d.key({}), d.digest, {"a": path}) for d in derivations]
    store.record(Facts(derivations=derivations, realizations=realizations))
    asked = [r.key for r in realizations[::-1]] + [make.name(i) for i in range(300)]
    assert store.realizations([*asked, *asked]) == {r.key: [r] for r in realizations}
    assert set(store.derivations([d.digest for d in derivations])) == {d.digest for d in derivations}


def test_a_family_is_told_from_the_newest_on_and_no_longer_than_asked(store, make):
    derivations = [make.derivation(i) for i in range(5)]
    for derivation in derivations:
        store.record(Facts(derivations=[derivation, make.derivation(99, label="Other")]))
    assert store.family("Fit") == derivations[::-1]
    assert store.family("Fit", limit=2) == [derivations[4], derivations[3]]


def test_a_lineage_is_told_from_the_newest_on_and_no_longer_than_asked(store, make):
    forms = [make.derivation(0, parameters={"version": str(i)}) for i in range(5)]
    other = make.derivation(1)
    store.record(Facts(derivations=[*forms, other]))
    asked = [forms[0].lineage, other.lineage]
    assert store.relatives(asked, limit=3) == {forms[0].lineage: forms[:1:-1], other.lineage: [other]}


def test_what_was_forgotten_is_not_found_and_known_to_have_been(store, make):
    first, second = several(store, make, ["1", "2"])
    store.forget([first], "wrong")
    assert store.realizations([first.key]) == {first.key: [second]}
    assert store.by_digest([first.digest]) == {}
    assert store.was_forgotten([first.key]) == {}
    store.forget([second], "wrong too")
    assert store.realizations([first.key]) == {}
    assert store.by_derivation([first.derivation]) == {}
    assert store.was_forgotten([first.key, make.name("other")]) == {first.key: "wrong too"}
    assert store.present([p for p in first.outputs.values() if p]), "objects stay until they are collected"


def test_what_was_forgotten_may_be_recorded_again_and_is_the_newest_then(store, make):
    first, second = several(store, make, ["1", "2"])
    store.forget([first], "wrong")
    store.record(make.facts(store, 0, "1"))
    assert store.realizations([first.key])[first.key] == [second, first]
    assert store.was_forgotten([first.key]) == {}


def test_to_forget_what_is_not_known_changes_nothing(store, make):
    facts = make.facts(store)
    store.forget(facts.realizations, "never was")
    assert store.was_forgotten([facts.realizations[0].key]) == {}
    store.record(facts)
    assert store.by_digest([facts.realizations[0].digest])


def test_outputs_become_objects_under_their_content(store):
    build = store.new_build()
    (build / "out" / "a.txt").write_text("text")
    (build / "out" / "d").mkdir()
    (build / "out" / "d" / "b.txt").write_text("more")
    added = store.add(build, [("a.txt", Kind.FILE), ("d", Kind.DIRECTORY)], "Fit")
    assert [one.path.name for one in added] == ["a.txt", "d"]
    assert [one.size for one in added] == [4, 4]
    for one in added:
        assert one.location == store.location(one.path)
        assert one.path.digest == tree.content(one.location).digest
    assert added[0].location.read_text() == "text"
    assert (added[1].location / "b.txt").read_text() == "more"
    assert store.present([one.path for one in added]) == {one.path for one in added}
    assert not list((build / "out").iterdir())


def test_objects_are_frozen(store):
    build = store.new_build()
    top = build / "out" / "d"
    (top / "sub").mkdir(parents=True)
    (top / "sub" / "run").write_text("#!/bin/sh")
    (top / "sub" / "run").chmod(0o700)
    (top / "plain").write_text("")
    (top / "link").symlink_to("sub/run")
    (added,) = store.add(build, [("d", Kind.DIRECTORY)], "Fit")
    modes = {
        path.relative_to(added.location).as_posix(): stat.S_IMODE(path.lstat().st_mode)
        for path in [added.location, *added.location.rglob("*")]
        if not path.is_symlink()
    }
    assert modes == {".": 0o555, "sub": 0o555, "sub/run": 0o555, "plain": 0o444}
    times = {path.lstat().st_mtime_ns for path in [added.location, *added.location.rglob("*")]}
    assert times == {frozen.FROZEN_NS}


def test_the_same_content_twice_is_one_object(store, make):
    for name in ("fit.json", "plots/"):
        (first,), (second,) = make.build(store, "same", name), make.build(store, "same", name)
        assert first == second
        assert len(list(first.location.parent.iterdir())) == 1


def test_build_directories_are_fresh_and_go_with_all_that_is_in_them(store):
    first, second = store.new_build(), store.new_build()
    assert first != second
    assert first.parent == second.parent
    assert list((first / "out").iterdir()) == []
    (first / "out" / "frozen").mkdir()
    (first / "out" / "frozen" / "file").write_text("")
    (first / "out" / "frozen").chmod(0o555)
    store.discard(first)
    store.discard(first)
    assert not first.exists()
    assert second.exists()


@pytest.mark.parametrize(
    ("make_output", "kind", "error"),
    [
        (lambda out: None, Kind.FILE, MissingOutputError),
        (lambda out: out.mkdir(), Kind.FILE, OutputKindError),
        (lambda out: out.write_text(""), Kind.DIRECTORY, OutputKindError),
        (os.mkfifo, Kind.FILE, OutputKindError),
        (lambda out: out.symlink_to("/etc/passwd"), Kind.FILE, EscapingOutputError),
        (lambda out: out.symlink_to("other"), Kind.FILE, EscapingOutputError),
        (lambda out: (out.mkdir(), (out / "l").symlink_to("/etc")), Kind.DIRECTORY, EscapingOutputError),
        (lambda out: (out.mkdir(), os.mkfifo(out / "pipe")), Kind.DIRECTORY, OutputKindError),
    ],
)
def test_what_is_no_proper_output_is_refused_by_the_name_of_the_task(store, make_output, kind, error):
    build = store.new_build()
    (build / "out" / "good").write_text("good")
    make_output(build / "out" / "bad")
    with pytest.raises(error, match=r"dimuon\.Fit") as caught:
        store.add(build, [("good", Kind.FILE), ("bad", kind)], "dimuon.Fit")
    assert "bad" in str(caught.value)
    good = ObjectPath(tree.content(build / "out" / "good").digest, "good")
    assert store.present([good]) == set(), "all outputs of a build, or none"


def test_an_object_that_somebody_changed_counts_as_missing(store, make, caplog):
    facts = make.facts(store, text="right")
    store.record(facts)
    (path,) = facts.sizes
    store.location(path).chmod(0o644)
    store.location(path).write_text("wrong")
    assert store.present([path]) == set()
    assert "was changed" in caplog.text
    assert make.build(store, "right")[0].path == path
    assert store.location(path).read_text() == "right"
    assert store.present([path]) == {path}


@pytest.mark.parametrize(
    "change",
    [
        lambda top: (top / "file.txt").write_text("wrong"),
        lambda top: (top / "new").write_text(""),
        lambda top: (top / "file.txt").unlink(),
        lambda top: (top / "file.txt").rename(top / "other.txt"),
    ],
)
def test_a_directory_that_somebody_changed_counts_as_missing(store, make, change):
    (added,) = make.build(store, "right", "plots/")
    tree.thaw(added.location)
    (added.location / "file.txt").chmod(0o644)
    change(added.location)
    assert store.present([added.path]) == set()
    assert make.build(store, "right", "plots/") == (added,)
    assert (added.location / "file.txt").read_text() == "right"


def test_an_object_whose_times_were_lost_is_good_if_its_content_is(store, make):
    for name in ("fit.json", "plots/"):
        (added,) = make.build(store, "text", name)
        for path in (added.location, *added.location.glob("*")):
            os.utime(path)
        assert store.present([added.path]) == {added.path}
        assert frozen.is_frozen(str(added.location), added.size), "looked at once, not each time"


def test_a_log_comes_back_as_it_was_written(store, make, tmp_path):
    log = tmp_path / "log"
    log.write_bytes("fitted μ\n".encode() * 1000 + b"\xff")
    store.save_log(make.name("r"), log)
    assert store.log(make.name("r")) == "fitted μ\n" * 1000 + "\N{REPLACEMENT CHARACTER}"
    log.write_text("again")
    store.save_log(make.name("r"), log)
    assert store.log(make.name("r")) == "again"


def test_a_key_is_claimed_once_until_it_is_released(store, make):
    keys = [make.name(i) for i in range(3)]
    assert store.claim(keys[:2], "Fit") == set(keys[:2])
    assert store.claim(keys) == {keys[2]}
    store.heartbeat()
    store.release(keys[:1])
    assert store.claim(keys) == {keys[0]}
    store.release([*keys, make.name("never claimed")])
    assert store.claim(keys) == set(keys)
    assert store.claimed() == {}


@pytest.mark.parametrize("name", ["best", "a/b/../c", ".hidden", "..", "μ", "100%", " "])
def test_roots_have_any_name(store, make, name):
    store.add_root(name, [make.name(1), make.name(2)])
    store.add_root("other", [])
    assert store.roots() == {name: [make.name(1), make.name(2)], "other": []}
    store.add_root(name, [make.name(3)])
    assert store.roots()[name] == [make.name(3)]
    store.remove_root(name)
    store.remove_root(name)
    assert store.roots() == {"other": []}


def test_what_objects_mean_by_several_methods_is_kept(store, make):
    (first,), (second,) = make.build(store, "1"), make.build(store, "2")
    old, new, other = (Meaning("json/1", make.name("old")), Meaning("json/2", make.name("new")),
                       Meaning("json/2", make.name("other")))  # fmt: skip
    store.record(Facts(meanings={first.path: [old, new]}))
    store.record(Facts(meanings={first.path: [new], second.path: [old, other]}))
    assert sorted(store.meanings([first.path])[first.path], key=str) == sorted([old, new], key=str)
    assert store.meanings([]) == {}
    found = store.same_meanings([new.digest, old.digest, make.name("unknown")])
    assert found.keys() == {new.digest, old.digest}
    assert set(found[new.digest]) == {old, new}
    assert set(found[old.digest]) == {old, new, other}


def test_the_last_verdict_counts(store, make):
    facts = make.facts(store)
    store.record(facts)
    name = facts.realizations[0].digest
    assert store.verdicts([name]) == {}
    for is_same in (True, False):
        store.record(Facts(verdicts={name: Verdict("me", 7.0, is_same, True, "it was built")}))
    assert store.verdicts([name, make.name("other")]) == {
        name: Verdict("me", 7.0, False, True, "it was built")
    }
