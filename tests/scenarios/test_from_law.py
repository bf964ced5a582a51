"""Taking over what law has made, by several at once and by some who are killed: what counts is whole."""

import signal
import subprocess
import sys
import time

import pytest

from lawnix.errors import NotAdoptedError
from lawnix.store import intake
from lawnix.store.intake import LocalSource

TASKS = """
class Branches(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(120)))

    def output(self):
        return {"text": self.target(f"{self.branch}.txt"), "folder": self.target(f"folder_{self.branch}", type="d")}

    def local_path(self, name):
        return os.path.join(os.getcwd(), "old", name)

    def run(self):
        ran(f"b{self.branch}")

class All(lawnix.Task):
    def requires(self):
        return Branches()

    def output(self):
        return self.target("all.txt")

    def local_path(self, name):
        return os.path.join(os.getcwd(), "old", name)

    def run(self):
        ran("All")
"""
ADOPT = "import sys; from lawnix.cli.main import main; main(sys.argv[1:])"


@pytest.fixture
def old(project):
    project.tasks(TASKS)
    there = project.root / "old"
    there.mkdir()
    for branch in range(120):
        (there / f"{branch}.txt").write_text(f"{branch}\n" * 2000)
        (there / f"folder_{branch}").mkdir()
        (there / f"folder_{branch}" / "file.txt").write_text(str(branch))
    (there / "all.txt").write_text("all")
    return project


def adopt(project, *options):
    """`lawnix adopt --from-law`, started in a process of its own."""
    with (project.root / "said").open("a") as said:
        return subprocess.Popen(
            [sys.executable, "-c", ADOPT, "adopt", "--from-law", *options, "proj.tasks.All"],
            cwd=project.root,
            env=project.environment,
            stdout=said,
            stderr=said,
        )


@pytest.mark.parametrize("count", [1, 40, 119])
def test_who_is_killed_in_the_middle_goes_on_where_it_was(old, count):
    killed = adopt(old)
    await_objects(old, count)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait(60) == -signal.SIGKILL
    before = len(list(old.store.glob("objects/*/*")))
    assert old.verify().is_clean
    again = adopt(old)
    assert again.wait(60) == 0
    assert before <= len(list(old.store.glob("objects/*/*"))) == 241
    assert old.run("All").ran == ""
    assert old.verify().is_clean
    assert (old.root / "old" / "7.txt").read_text() == "7\n" * 2000


def test_two_at_once_share_the_work(old):
    both = [adopt(old), adopt(old)]
    assert [one.wait(100) for one in both] == [0, 0]
    assert old.run("All").ran == ""
    assert len(list(old.store.glob("objects/*/*"))) == 241
    assert old.verify().is_clean


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_written_to_while_it_is_copied_is_refused(tmp_path, monkeypatch, kind):
    source = tmp_path / "source"
    file = source
    if kind == "folder":
        source.mkdir()
        file = source / "file"
    file.write_text("law writes")
    copy = intake.copy_file

    def copied(place, to):
        copy(place, to)
        file.write_text("law writes more")

    monkeypatch.setattr(intake, "copy_file", copied)
    with pytest.raises(NotAdoptedError, match="written to while it was copied"):
        LocalSource(source).bring(tmp_path / "copy", link=False)


def await_objects(project, count):
    """Come back when so many objects are there."""
    deadline = time.monotonic() + 60
    while len(list(project.store.glob("objects/*/*"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.002)
