"""The doors that keep the store in order: verify, gc, reindex."""

import json

import pytest

TASKS = """
class Base(lawnix.Task):
    n = luigi.IntParameter(default=1)
    def output(self):
        return self.target("base.txt")
    def run(self):
        ran("Base")
        self.output().dump(f"base {self.n}", formatter="text")
"""


@pytest.fixture
def built(playground):
    playground.tasks(TASKS)
    playground.lawnix("run", "play.Base")
    playground.lawnix("run", "play.Base", "--n", "2")
    assert playground.ran() == ["Base", "Base"]
    return playground


def objects(playground):
    return sorted(playground.store.glob("objects/*/*"))


def test_a_store_without_fault_is_clean(built):
    assert "2 objects" in built.lawnix("verify").out
    assert json.loads(built.lawnix("verify", "--json").out)["clean"]


def test_a_damaged_object_is_named_repaired_and_built_again(built):
    damaged = objects(built)[0]
    damaged.chmod(0o644)
    damaged.write_text("else")
    said = built.lawnix("verify", code=1)
    assert damaged.name in said.out
    assert "--repair" in said.out
    assert "was repaired" in built.lawnix("verify", "--repair").out
    built.lawnix("verify")
    built.lawnix("run", "play.Base")
    built.lawnix("run", "play.Base", "--n", "2")
    assert built.ran() == ["Base"]


def test_what_a_root_keeps_is_not_collected(built):
    assert "nothing to collect" in built.lawnix("gc", "--yes").out
    assert len(objects(built)) == 2


def test_a_dry_run_tells_what_would_go_and_leaves_it(built):
    assert f"Base/n=2 ({built.root / 'results'})" in json.loads(built.lawnix("roots", "--json").out)
    built.lawnix("roots", "--remove", "Base/n=2")
    said = built.lawnix("gc", "--dry-run")
    assert "1 of Base" in said.out
    assert "1 realizations, 1 objects, 6 B: would go" in said.out
    assert len(objects(built)) == 2


def test_what_nothing_keeps_goes_when_it_is_agreed_to(built):
    for name in json.loads(built.lawnix("roots", "--json").out):
        built.lawnix("roots", "--remove", name)
    assert "remove it?" in built.lawnix("gc", typed="n\n").err
    assert len(objects(built)) == 2
    built.lawnix("gc", code=1)  # nobody answers
    assert len(objects(built)) == 2
    assert "removed" in built.lawnix("gc", typed="y\n").out
    assert objects(built) == []
    assert built.lawnix("ls").out == ""
    built.lawnix("verify")


def test_programs_are_not_asked(built):
    assert "--dry-run or --yes" in built.lawnix("gc", "--json", code=2).err
    for name in json.loads(built.lawnix("roots", "--json").out):
        built.lawnix("roots", "--remove", name)
    answer = json.loads(built.lawnix("gc", "--json", "--yes").out)
    assert (answer["removed"], answer["families"], answer["size"] > 0) == (True, {"Base": 2}, True)
    assert objects(built) == []


def test_the_index_is_made_anew(built):
    index = built.store / "index.sqlite"
    index.unlink()
    assert json.loads(built.lawnix("reindex", "--json").out) == {"index": str(index), "realizations": 2}
    assert "2 realizations" in built.lawnix("reindex").out
    built.lawnix("run", "play.Base")
    assert built.ran() == []
