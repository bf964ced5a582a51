"""Files that are fetched: known by their digest, wherever they come from."""

import hashlib

import pytest

TASKS = """
class Reads(lawnix.Task):
    def requires(self):
        return lawnix.Fetch(url=os.environ["URL"], digest=os.environ["DIGEST"])

    def output(self):
        return self.target("read.txt")

    def run(self):
        ran("Reads")
        self.output().dump(self.input().load(formatter="text").upper(), formatter="text")
"""


@pytest.fixture
def data(playground, monkeypatch):
    playground.tasks(TASKS)
    file = playground.root / "some data.txt"
    file.write_text("data")
    file.chmod(0o600)
    monkeypatch.setenv("URL", f"file://{playground.root}/some%20data.txt")
    monkeypatch.setenv("DIGEST", f"sha256:{hashlib.sha256(b'data').hexdigest()}")
    return file


def test_a_file_of_this_machine_is_copied_and_stays_as_it_was(playground, data):
    playground.law("run", "play.Reads")
    (result,) = playground.root.glob("results/Reads/*/read.txt")
    assert result.read_text() == "DATA"
    assert (data.read_text(), data.stat().st_mode & 0o777, data.stat().st_nlink) == ("data", 0o600, 1)


def test_what_was_fetched_is_not_fetched_from_another_place(playground, data, monkeypatch):
    playground.law("run", "play.Reads")
    data.unlink()
    monkeypatch.setenv("URL", f"file://{playground.root}/a mirror/some%20data.txt")
    playground.ran()
    playground.law("run", "play.Reads")
    assert playground.ran() == []


def test_another_file_than_was_expected_is_refused(playground, data):
    data.write_text("other")
    said = playground.law("run", "play.Reads", code=40)
    assert "sha256:" in said.err + said.out
    assert playground.ran() == []
    assert list(playground.store.glob("objects/*/*")) == []
