"""Collections of siblings among the outputs of a task."""

import law
import pytest

import lawnix
from lawnix.errors import DeclarationError

SIBLINGS = """
class Parts(lawnix.Task):
    def output(self):
        parts = (self.target(f"{name}.txt") for name in "abc")
        return {"parts": law.COLLECTION(parts, threshold=2), "index": self.target("index.txt")}
    def run(self):
        ran("Parts")
        parts = self.output()["parts"]
        assert parts.count() == 0
        for part in parts.targets:
            part.dump(part.basename, formatter="text")
        assert parts.count() == 3
        self.output()["index"].dump("a b c", formatter="text")

class Joined(lawnix.Task):
    def requires(self):
        return Parts()
    def output(self):
        return self.target("joined.txt")
    def run(self):
        ran("Joined")
        parts = self.input()["parts"]
        assert parts.exists()
        assert parts.keys() == [0, 1, 2]
        self.output().dump(" ".join(part.load(formatter="text") for part in parts.targets), formatter="text")
"""


@pytest.mark.parametrize("collection", ["SiblingFileCollection", "NestedSiblingFileCollection"])
def test_a_collection_of_siblings_among_the_outputs_is_one_of_the_store(playground, collection):
    """In the store, its targets have no directory in common."""
    playground.tasks(SIBLINGS.replace("COLLECTION", collection))
    playground.law("run", "play.Joined")
    assert playground.ran() == ["Joined", "Parts"]
    playground.law("run", "play.Joined")
    assert playground.ran() == []
    assert "existent (3/3)" in playground.law("run", "play.Joined", "--print-status", "-1").out
    playground.law("run", "play.Joined", "--remove-output=-1,a")
    assert "absent (0/3)" in playground.law("run", "play.Joined", "--print-status", "-1").out
    playground.law("run", "play.Joined")
    assert playground.ran() == ["Joined", "Parts"]


class Own(law.SiblingFileCollection):
    pass


class Parts(lawnix.Task):
    def output(self) -> law.TargetCollection:
        return Own([self.target("a.txt"), self.target("b.txt")])

    def run(self) -> None:
        for part in self.output().targets:
            part.dump("x", formatter="text")


def test_a_collection_of_siblings_of_the_authors_own_is_refused():
    with pytest.raises(
        DeclarationError, match=r"Own is a SiblingFileCollection.* derive it from law.FileColl"
    ):
        Parts().output()


def test_a_collection_of_ordinary_siblings_is_laws(tmp_path):
    (tmp_path / "a").touch()
    targets = [law.LocalFileTarget(str(tmp_path / name)) for name in "ab"]
    collection = law.SiblingFileCollection(target for target in targets)
    assert type(collection) is law.SiblingFileCollection
    assert collection.dir.path == str(tmp_path)
    assert collection.count() == 1
