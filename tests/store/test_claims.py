"""Claims: one process of a host builds a key; other hosts see a lease."""

import json
import os
import random

import pytest

from lawnix.core.output import Kind
from lawnix.core.realization import Realization
from lawnix.store.claims import LEASE, Claims
from lawnix.store.host import HOST
from lawnix.store.local import LocalStore
from lawnix.store.protocol import Facts
from lawnix.store.verify import verify


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "claims").mkdir()
    return tmp_path / "claims"


@pytest.fixture
def sessions(directory):
    """Makes sessions of any host at any time."""
    made = []

    def make_session(host=HOST, clock=lambda: 1000.0):
        made.append(Claims(directory, host, clock))
        return made[-1]

    yield make_session
    for session in made:
        session.close()


@pytest.fixture
def keys(make):
    return [make.name(i) for i in range(200)]


def leases(directory):
    return sorted(path.name for path in directory.glob("*.json"))


def test_two_sessions_of_one_host_exclude_each_other(sessions, keys):
    one, other = sessions(), sessions()
    assert one.claim(keys[:150], "Fit") == set(keys[:150])
    assert other.claim(keys[100:], "Fit") == set(keys[150:])
    one.release(keys[:10])
    assert other.claim(keys, "Fit") == set(keys[:10])
    other.close()
    assert one.claim(keys, "Fit") == {*keys[:10], *keys[150:]}


def test_the_kernel_gives_back_what_a_killed_process_held(directory, sessions, keys, child):
    def claim_and_die():
        assert Claims(directory).claim(keys, "Fit") == set(keys)
        os.kill(os.getpid(), 9)

    assert child(claim_and_die).result() is None
    mine = sessions()
    assert mine.claimed() == {}
    assert mine.claim(keys, "Fit") == set(keys)


def test_it_is_known_who_builds_what(sessions, keys):
    one, other = sessions(clock=lambda: 7.5), sessions()
    one.claim(keys[:2], "Fit")
    claimed = other.claimed()
    assert set(claimed) == set(keys[:2])
    assert (claimed[keys[0]].host, claimed[keys[0]].pid) == (HOST, os.getpid())
    assert (claimed[keys[0]].since, claimed[keys[0]].label) == (7.5, "Fit")
    assert one.claimed() == {}
    one.close()
    assert other.claimed() == {}


def test_another_host_respects_a_lease_while_it_is_fresh(directory, sessions, keys):
    now = [1000.0]
    far, near = sessions("far", lambda: now[0]), sessions("near", lambda: now[0])
    far.claim(keys[:2], "Fit")
    (lease,) = directory.glob("*.json")
    os.utime(lease, (1000, 1000))
    assert near.claim(keys[:3], "Fit") == {keys[2]}
    assert set(near.claimed()) == set(keys[:2])
    now[0] += LEASE + 1
    assert near.claim(keys[:2], "Fit") == set(keys[:2])
    assert near.stale() == [lease]


def test_a_heartbeat_keeps_a_lease_fresh(directory, sessions, keys):
    now = [1000.0]
    far, near = sessions("far", lambda: now[0]), sessions("near", lambda: now[0])
    far.claim(keys[:1], "Fit")
    now[0] += LEASE - 1
    far.heartbeat()
    now[0] += LEASE - 1
    assert near.claim(keys[:1], "Fit") == set()


def test_a_lease_goes_with_the_last_claim(directory, sessions, keys):
    one = sessions()
    one.claim(keys, "Fit")
    assert len(leases(directory)) == 1
    one.release(keys[:-1])
    assert len(leases(directory)) == 1
    one.release(keys[-1:])
    assert leases(directory) == []
    one.claim(keys, "Fit")
    one.close()
    assert leases(directory) == []


def test_what_is_no_lease_is_told_and_passed_over(directory, sessions, keys, caplog):
    for name, text in {"torn.json": '{"host": "far", "pi', "list.json": "[]", "empty.json": ""}.items():
        (directory / name).write_text(text)
    (directory / "other.json").write_text(json.dumps({"host": "far"}))
    assert sessions().claim(keys, "Fit") == set(keys)
    assert caplog.text.count("is no lease") >= 4


def test_eight_processes_build_every_key_once(open_store, root, make, child):
    """Each asks, claims, looks again (somebody may have been faster), builds, records, releases."""
    derivations = [make.derivation(i) for i in range(40)]
    keys = {derivation.key({}): derivation for derivation in derivations}

    def run(seed: int) -> int:
        built = 0
        with LocalStore.open(root, durability="none") as store:
            while missing := [key for key in keys if key not in store.realizations(list(keys))]:
                random.Random(seed).shuffle(missing)
                taken = store.claim(missing[:3], "Fit")
                store.refresh()
                for key in taken - set(store.realizations(taken)):
                    build = store.new_build()
                    (build / "out" / "a").write_text(f"{key} by {os.getpid()}")
                    (added,) = store.add(build, [("a", Kind.FILE)], "Fit")
                    store.discard(build)
                    realization = Realization(key, keys[key].digest, {"a": added.path})
                    store.record(Facts(derivations=[keys[key]], realizations=[realization]))
                    built += 1
                store.release(taken)
                store.refresh()
        return built

    counts = [one.result() for one in [child(lambda seed=seed: run(seed)) for seed in range(8)]]
    assert sum(counts) == len(keys)
    store = open_store()
    assert {key: len(found) for key, found in store.realizations(list(keys)).items()} == dict.fromkeys(
        keys, 1
    )
    report = verify(store)
    assert report.is_clean
    assert report.missing == {}
    assert report.garbage == ()
    assert list((root / "builds").iterdir()) == []
    assert list((root / "claims").glob("*.json")) == []
