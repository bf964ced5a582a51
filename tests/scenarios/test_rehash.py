"""A release finds out what files mean in another way: results of before are kept, and used."""

from collections.abc import Mapping

import pytest

from lawnix.core.digest import digest
from lawnix.store import meaning
from lawnix.store.local import LocalStore
from lawnix.store.meaning import archive, text

TASKS = """
SCALE = 1

class Numbers(lawnix.Task):
    def output(self):
        return {"json": self.target("numbers.json"), "zip": self.target("numbers.zip")}

    def run(self):
        import json, time, zipfile
        ran("Numbers")
        path = self.output()["json"].path
        with open(path, "w") as file:
            file.write(json.dumps({"numbers": [1, 2], "empty": []}) + " " * (time.time_ns() % 97))
        with zipfile.ZipFile(self.output()["zip"].path, "w") as file:
            file.write(path, "inner.json")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(3)))

    def requires(self):
        return Numbers()

    def output(self):
        return self.target("square.json")

    def run(self):
        ran(f"Squares{self.branch}")
        self.output().dump(self.branch_data**2, formatter="json")

class Sum(lawnix.Task):
    def requires(self):
        return {"squares": Squares(), "zip": lawnix.only(Numbers(), "zip")}

    def output(self):
        return self.target("sum.json")

    def run(self):
        ran("Sum")
        self.output().dump("sum", formatter="json")

class Last(lawnix.Task):
    def output(self):
        return self.target("last.txt")

    def run(self):
        ran("Last")
        found = yield Sum()
        self.output().dump("last", formatter="text")
"""

ALL = ["Last", "Numbers", "Squares0", "Squares1", "Squares2", "Sum"]


@pytest.fixture
def built(playground):
    """A store written by the previous method."""
    playground.tasks(TASKS)
    playground.law("run", "play.Last")
    assert sorted(set(playground.ran())) == ALL  # a run() that yields begins twice
    return playground


@pytest.fixture
def release(monkeypatch):
    """Lets the method for JSON be another one from now on: also a sense of order counts."""

    def changed(number: int = 2) -> None:
        monkeypatch.setitem(meaning.METHODS, "text", f"text/{number}")
        before = text.parts

        def parts(path, name: str, depth: int) -> Mapping[str, object]:
            found = before(path, name, depth)
            return {**found, "release": digest("release", b"%d" % number)}

        monkeypatch.setattr(text, "parts", parts)

    return changed


def meanings(there):
    """The methods that are known of each object."""
    store = LocalStore.open(there.store, create=False)
    try:
        paths = [p for r in store.answers.living().values() for p in r.outputs.values() if p is not None]
        return {p.name: sorted(m.method for m in found) for p, found in store.meanings(paths).items()}
    finally:
        store.close()


def test_nothing_is_built_again_and_what_is_read_is_rehashed(built, release):
    release()
    built.law("run", "play.Last")
    assert built.ran() == []
    known = meanings(built)
    assert known["numbers.json"] == ["text/1", "text/2"]
    assert known["numbers.zip"] == ["archive/1 of text/1", "archive/1 of text/2"]
    built.law("run", "play.Last")
    assert built.ran() == []
    assert meanings(built) == known


def test_before_a_release_nothing_is_rehashed(built):
    built.law("run", "play.Last")
    assert meanings(built) == {}


def test_what_comes_out_the_same_later_is_known_to_be_the_same(built, release):
    release()
    built.law("run", "play.Last")
    built.edit("[1, 2]", "[1, 1 + 1]")
    built.law("run", "play.Last")
    assert built.ran() == ["Numbers"]
    built.law("run", "play.Last")
    assert built.ran() == []
    release(3)
    built.law("run", "play.Last")
    built.edit("[1, 1 + 1]", "[1, 4 - 2]")
    built.law("run", "play.Last")
    assert built.ran() == ["Numbers"]


def test_what_comes_out_otherwise_later_is_another_thing(built, release):
    release()
    built.law("run", "play.Last")
    built.edit("[1, 2]", "[1, 3]")
    built.law("run", "play.Last")
    assert sorted(set(built.ran())) == ["Numbers", "Squares0", "Squares1", "Squares2", "Sum"]


def test_what_was_built_later_is_found_from_what_was_built_before(built, release):
    release()
    built.law("run", "play.Last")
    built.edit("[1, 2]", "[1, 1 + 1]")
    built.edit('dump("sum"', 'dump("more"')
    built.law("run", "play.Sum")
    assert built.ran() == ["Numbers", "Sum"]
    built.edit("[1, 1 + 1]", "[1, 2]")
    built.law("run", "play.Sum")
    assert built.ran() == []


def test_if_the_object_is_gone_the_earlier_digest_is_believed(built, release):
    for path in built.store.glob("objects/*/*-numbers.*"):
        path.parent.chmod(0o755)
        path.unlink()
    release()
    built.law("run", "play.Last")
    assert built.ran() == []
    known = meanings(built)
    assert "numbers.json" not in known
    assert "square.json" in known


def test_what_cannot_be_read_any_more_keeps_its_digest(built, release, monkeypatch):
    release()

    def parts(path, name: str, depth: int) -> Mapping[str, object]:
        raise ValueError("what is this")

    monkeypatch.setattr(text, "parts", parts)
    monkeypatch.setattr(archive, "parts", parts)
    built.law("run", "play.Last")
    assert built.ran() == []
    assert meanings(built) == {}


def test_a_check_after_a_release_compares_what_files_mean(built, release):
    release()
    assert "1 of 1 tasks came out as they were" in built.lawnix("check", "play.Numbers").out


def test_a_store_that_may_only_be_read_is_enough(built, release):
    release()
    for path in [built.store, *built.store.rglob("*")]:
        if path.is_dir():
            path.chmod(0o555)
    assert "nothing to build" in built.lawnix("plan", "play.Last").out
    for path in [built.store, *built.store.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
