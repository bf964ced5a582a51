"""Nothing depends on where things lie, who runs them, or what can be made again."""

import shutil
import sys

import pytest

from tests.scenarios.table import scenario

TASKS = """
class A(lawnix.Task):
    def output(self):
        return {"file": self.target("a.txt"), "tree": self.target("tree", type="d")}

    def run(self):
        ran("A")
        self.output()["file"].dump("a", formatter="text")
        self.output()["tree"].child("leaf.txt", type="f").dump("leaf", formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A()

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        text = self.input()["file"].load(formatter="text")
        text += self.input()["tree"].child("leaf.txt", type="f").load(formatter="text")
        self.output().dump(text, formatter="text")
"""


@pytest.fixture
def built(project):
    project.tasks(TASKS)
    assert project.run("B").ran == "A B"
    return project


@scenario(84, "A → B", "project and store moved to another directory", runs="nothing")
def test_a_project_that_moved_with_its_store_runs_nothing(built):
    elsewhere = built.root.with_name("elsewhere")
    built.root.rename(elsewhere)
    built.move(elsewhere)
    assert built.run("B").ran == ""
    assert built.text("B/*/b.txt") == "aleaf"
    assert built.verify().is_clean


def test_two_projects_share_a_store(built):
    other = built.root.with_name("other")
    shutil.copytree(built.root, other, ignore=shutil.ignore_patterns("store", "results", "ran.txt", ".law"))
    store = str(built.store)
    built.move(other)
    assert built.run("B", LAW__lawnix__store=store).ran == ""
    assert built.text("B/*/b.txt") == "aleaf"


@scenario(128, "A → B", "the index of the store lost, then broken", runs="nothing")
def test_the_index_can_be_made_again(built):
    for path in built.store.glob("index.sqlite*"):
        path.unlink()
    assert built.run("B").ran == ""
    (built.store / "index.sqlite").write_bytes(b"this is no database" * 1000)
    assert built.run("B").ran == ""
    assert built.verify().is_clean


def test_the_index_may_lie_elsewhere(built):
    index = built.root / "fast" / "index.sqlite"
    index.parent.mkdir()
    assert built.run("B", LAW__lawnix__index=str(index)).ran == ""
    assert index.exists()


def test_a_torn_line_of_a_journal_is_not_there(built):
    built.edit('ran("B")', 'ran("B")\n        text = ""')
    assert built.run("B").ran == "B"
    newest = max((built.store / "journal").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-20])
    for path in built.store.glob("index.sqlite*"):
        path.unlink()
    assert built.run("B").ran == "B"
    assert built.run("B").ran == ""


def test_what_was_collected_is_built_when_it_is_needed_with_all_that_it_needs(built):
    for path in (built.store / "objects").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(built.store / "objects")
    (built.store / "objects").mkdir()
    built.edit("dump(text,", "dump(text + '!',")
    assert built.run("B").ran == "A B"
    assert built.text("B/*/b.txt") == "aleaf!"


def test_results_are_links_that_follow_what_was_built_last(built):
    link = built.results / "B/default/b.txt"
    assert link.is_symlink()
    before = link.readlink()
    built.edit("dump(text,", "dump(text + '!',")
    built.run("B")
    assert link.readlink() != before
    assert link.read_text() == "aleaf!"
    assert built.run("B", LAW__lawnix__results="none").ran == ""


def test_results_that_cannot_be_linked_are_there_all_the_same(built):
    place = built.write("occupied", "by a file")
    run = built.run("B", LAW__lawnix__results=str(place))
    assert "could not be linked" in run.output
    assert place.read_text() == "by a file"


def test_tasks_of_a_script_of_ones_own(built):
    body = TASKS.replace("class B", "class Scripted").replace("A()", "A.req(self)")
    script = built.write(
        "script.py",
        f"""
import os
import sys
import law
import luigi
import lawnix
from ran import ran
{body}

if __name__ == "__main__":
    done = luigi.build([Scripted()], local_scheduler=True, workers=2)
    print(Scripted().output().load(formatter="text"))
    sys.exit(0 if done else 1)
""",
    )
    first = built.fresh(sys.executable, str(script))
    assert "Scripted" not in first.ran
    assert first.output.splitlines()[-1] == "aleaf"
    assert built.fresh(sys.executable, str(script)).ran == ""


PRINTS = """
class Talks(lawnix.Task):
    fail = luigi.BoolParameter(default=False)

    def output(self):
        return self.target("t.txt")

    def run(self):
        ran("Talks")
        print("from python")
        os.write(2, b"from a descriptor\\n")
        os.system("echo from a child")
        if self.fail:
            raise ValueError("from an error")
        self.output().dump("t", formatter="text")
"""


@pytest.mark.parametrize("executor", ["fork", "inline"])
def test_what_a_task_prints_is_shown_and_kept(project, executor):
    project.tasks(PRINTS)
    run = project.run("Talks", LAW__lawnix__executor=executor)
    said = [line for line in run.output.splitlines() if line.startswith("from ")]
    assert said == ["from python", "from a descriptor", "from a child"]
    log = project.fresh(
        sys.executable, "-c", "from lawnix.cli.main import main; main()", "log", "proj.tasks.Talks"
    )
    assert [line for line in log.output.splitlines() if line.startswith("from ")] == said


def test_a_failure_is_told_once_with_the_authors_traceback(project):
    project.tasks(PRINTS)
    run = project.run("Talks", "--fail", code=40)
    assert run.output.count("Traceback (most recent call last)") == 1
    assert run.output.count("raise ValueError") == 1
    assert "lawnix/engine" not in run.output


def test_the_build_directory_of_a_failure_is_kept_on_demand(project):
    project.tasks(PRINTS)
    project.run("Talks", "--fail", code=40)
    assert list((project.store / "builds").iterdir()) == []
    project.run("Talks", "--fail", code=40, LAW__lawnix__keep_failed="True")
    (kept,) = (project.store / "builds").iterdir()
    assert "from python" in (kept / "log").read_text()


def test_bytes_do_not_depend_on_time_zone_or_locale(project):
    project.tasks("""
    import time
    import zipfile

    class Stamp(lawnix.Task):
        again = luigi.IntParameter()

        def output(self):
            return self.target("stamp.zip")

        def run(self):
            ran("Stamp")
            made = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
            with zipfile.ZipFile(self.output().path, "w") as archive:
                archive.writestr(zipfile.ZipInfo("a.txt", made), time.strftime("%Z %H %c", time.localtime(0)))
    """)
    project.run("Stamp", "--again", "1", TZ="America/New_York", LC_ALL="C")
    project.run("Stamp", "--again", "2", TZ="Asia/Tokyo", LANG="de_DE.UTF-8")
    assert project.verify().objects == 1  # one content


def test_what_is_in_the_store_is_frozen(built):
    files = [path for path in (built.store / "objects").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert not [path for path in files if path.stat().st_mode & 0o222]
    trees = [path for path in (built.store / "objects").glob("*/*") if path.is_dir()]
    assert len(trees) == 1
    assert not [path for path in trees if path.stat().st_mode & 0o222]
