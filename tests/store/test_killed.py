"""Whatever a process is doing when it is killed, the store is as it should be, and the next one completes the work."""

import os
import signal
from collections.abc import Callable

import pytest

from lawnix.core.output import Kind
from lawnix.core.realization import Realization
from lawnix.store.collect import collect
from lawnix.store.local import LocalStore
from lawnix.store.protocol import Facts
from lawnix.store.verify import verify

CALLS = (
    "rename",
    "replace",
    "write",
    "mkdir",
    "rmdir",
    "unlink",
    "chmod",
    "utime",
    "fsync",
    "ftruncate",
    "open",
)
BUILDS = [("fit.json", "one"), ("plots", "two"), ("fit.json", "three")]


def kill_at(number: int, *, half: bool) -> None:
    """End this process before call `number` of those that change the disk, or halfway through write `number`."""
    count = [0]

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            if name == "open" and not args[1] & os.O_CREAT:
                return real(*args, **kwargs)
            count[0] += 1
            if count[0] == number:
                if half:
                    real(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in ("write",) if half else CALLS:
        setattr(os, name, counted(name, getattr(os, name)))


def build(store: LocalStore, make, number: int) -> None:
    """One build with its record, in the order in which the engine does it."""
    name, text = BUILDS[number]
    derivation = make.derivation(number)
    key = derivation.key({})
    if key in store.realizations([key]) or key not in store.claim([key], "Fit"):
        return
    directory = store.new_build()
    place = directory / "out" / name
    if name == "plots":
        (place / "sub").mkdir(parents=True)
        place = place / "sub" / "plot.pdf"
    place.write_text(text)
    added = store.add(directory, [(name, Kind.DIRECTORY if name == "plots" else Kind.FILE)], "Fit")
    (directory / "log").write_text("printed")
    realization = Realization(key, derivation.digest, {name: added[0].path})
    store.save_log(realization.digest, directory / "log")
    store.record(
        Facts(derivations=[derivation], realizations=[realization], sizes={added[0].path: added[0].size})
    )
    store.release([key])
    store.discard(directory)


def work(store: LocalStore, make) -> None:
    for number in range(len(BUILDS)):
        build(store, make, number)
    first = make.derivation(0).digest
    store.add_root("best", [realization.digest for realization in store.by_derivation([first])[first]])
    store.flush()


@pytest.mark.parametrize("half", [False, True])
def test_killed_at_any_point_of_its_builds(quick_path, make, child, half):
    number, survived = 0, False
    while not survived:
        number += 1
        place = quick_path / str(number)

        def killed(number: int = number, place: object = place) -> bool:
            kill_at(number, half=half)
            with LocalStore.open(place, durability="none") as store:
                work(store, make)
            return True

        survived = bool(child(killed).result())
        with LocalStore.open(place, durability="none") as store:
            report = verify(store)
            assert report.is_clean, (number, report)
            assert report.missing == {}, number
            work(store, make)
            assert len(store.answers.living()) == len(BUILDS)
            collect(store, store.answers.living())
            assert list((place / "builds").iterdir()) == []
            assert list((place / "claims").glob("*.json")) == []
            report = verify(store)
            assert (report.is_clean, report.garbage, report.missing) == (True, (), {}), number
    assert number > (len(BUILDS) if half else 50), (
        "there are that many points, or the calls are no longer seen"
    )


def test_killed_at_any_point_of_a_collection(quick_path, make, child):
    number, survived = 0, False
    kept = make.derivation(2).key({})
    while not survived:
        number += 1
        place = quick_path / str(number)
        with LocalStore.open(place, durability="none") as store:
            work(store, make)
            (live,) = store.realizations([kept])[kept]

        def killed(number: int = number, place: object = place, live: object = live) -> bool:
            with LocalStore.open(place, durability="none") as store:
                store.remove_root("best")
                kill_at(number, half=False)
                collect(store, [live.digest])
            return True

        survived = bool(child(killed).result())
        with LocalStore.open(place, durability="none") as store:
            report = verify(store)
            assert report.is_clean, (number, report)
            assert report.missing == {}, number
            store.remove_root("best")
            assert store.realizations([kept]) == {kept: [live]}
            collect(store, [live.digest])
            collect(store, [live.digest])
            assert list(store.answers.living()) == [live.digest]
            assert len(list(store.objects.all())) == 1
            assert list((place / "builds").iterdir()) == []
            report = verify(store)
            assert (report.is_clean, report.garbage, report.missing) == (True, (), {}), number
            work(store, make)
            assert len(store.answers.living()) == len(BUILDS)
    assert number > 10, "there are that many points, or the calls are no longer seen"
