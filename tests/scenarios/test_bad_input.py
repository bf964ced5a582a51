"""Bad input ends with a message that says what, where and the way out, with an exit code that is not 0, and loses nothing."""

import contextlib
import os
import shutil
import subprocess
import sys

import pytest

GOOD = """
class Numbers(lawnix.Task):
    size = luigi.IntParameter(default=3)
    kind = luigi.ChoiceParameter(choices=["even", "odd"], default="even")

    def output(self):
        return self.target("numbers.json")

    def run(self):
        ran("Numbers")
        self.output().dump(list(range(self.size)), formatter="json")

class Numbered(lawnix.Task):
    def requires(self):
        return Numbers()

    def output(self):
        return self.target("numbered.txt")

    def run(self):
        ran("Numbered")
        self.output().dump(str(len(self.input().load(formatter="json"))), formatter="text")
"""


@pytest.fixture
def built(project):
    project.tasks(GOOD)
    assert project.run("Numbers").ran == "Numbers"
    return project


def refused(run, *words):
    """A message with all of `words`, no traceback, and a task that did not run."""
    assert run.code > 0, run.output
    for word in words:
        assert word in run.output, f"{word!r} is not in:\n{run.output}"
    assert "Traceback" not in run.output
    return run


def untouched(project):
    """What was there before is there, whole, and known."""
    assert project.verify().is_clean
    assert project.run("Numbers").ran == ""
    assert project.text("Numbers/*/numbers.json") == "[0, 1, 2]"


# ------------------------------------------------------------------------------------ the command line


def test_an_unknown_task(built):
    refused(built.run("Number", code=2), "no task 'proj.tasks.Number'", "did you mean proj.tasks.Numbers")
    untouched(built)


def test_an_unknown_parameter_names_the_nearest(built):
    run = refused(built.run("Numbers", "--sise", "4", code=2), "Numbers", "--sise", "did you mean --size?")
    assert run.ran == ""


def test_an_unknown_value_says_what_is_taken(built):
    refused(built.run("Numbers", "--size", "many", code=2), "--size cannot be 'many'", "an integer")
    refused(built.run("Numbers", "--kind", "prime", code=2), "--kind cannot be 'prime'", "even, odd")


def test_an_unknown_setting_names_the_nearest(built):
    refused(
        built.run("Numbers", code=None, LAW__lawnix__stoer="/nowhere"),
        "no option 'stoer'",
        "did you mean store",
    )
    untouched(built)


@pytest.mark.parametrize("option", ["store", "index", "results"])
@pytest.mark.parametrize("written", ["$UNSET_HERE/lawnix", "${UNSET_HERE}/lawnix"])
def test_a_path_with_a_variable_that_is_not_set(built, option, written):
    run = refused(
        built.run("Numbers", code=1, **{f"LAW__lawnix__{option}": written}),
        f"[lawnix] {option} is '{written}'",
        "environment variable UNSET_HERE is not set",
    )
    assert run.ran == ""
    assert not list(built.root.glob("*UNSET_HERE*"))
    built.run("Numbers", UNSET_HERE=str(built.root / "set"), **{f"LAW__lawnix__{option}": written})
    assert (built.root / "set" / "lawnix").exists()


def test_a_package_to_track_that_cannot_be_found_names_the_nearest(built):
    (built.root / "library").mkdir()
    built.write("library/__init__.py", "")
    run = refused(
        built.run("Numbers", code=None, LAW__lawnix__track="law, librari"),
        "[lawnix] track names the package 'librari', which cannot be found",
        "did you mean library",
    )
    assert run.ran == ""
    assert built.run("Numbers", LAW__lawnix__track="library").ran == ""
    untouched(built)


# ------------------------------------------------------------------------------------ the tasks


@pytest.mark.parametrize("name", ["proj.tasks.Numbers", "Numbers"])
def test_two_task_classes_of_one_family(built, name):
    built.tasks("class Numbers(lawnix.Task):\n    pass\n", module="other")
    built.edit("class Numbered(", "import proj.other\n\nclass Numbered(")
    built.configure("modules", "proj.tasks", "")
    built.law("index")
    for argv in (["run", name], ["run", name, "--size", "4"], ["run", name, "--print-plan", "0"]):
        run = refused(
            built.law(*argv, code=1),
            "2 task classes are called Numbers",
            "proj.tasks.Numbers (",
            "proj.other.Numbers (",
            "rename one of them",
        )
        assert run.ran == ""
    built.edit("import proj.other", "")
    untouched(built)


def test_a_circle(built):
    built.edit("class Numbered(", """
class First(lawnix.Task):
    def requires(self):
        return Second()

    def output(self):
        return self.target("first.txt")

    def run(self):
        ran("First")

class Second(lawnix.Task):
    def requires(self):
        return [Numbers(), First()]

    def output(self):
        return self.target("second.txt")

    def run(self):
        ran("Second")

class Numbered(""")  # fmt: skip
    run = refused(
        built.run("First", code=50), "First()\n  requires Second()\n  requires First()", "remove one"
    )
    assert run.ran == ""
    untouched(built)


def test_a_circle_that_is_found_at_run_time(built):
    built.edit("class Numbered(", """
class First(lawnix.Task):
    def output(self):
        return self.target("first.txt")

    def run(self):
        ran("First")
        yield Second()

class Second(lawnix.Task):
    def requires(self):
        return First()

    def output(self):
        return self.target("second.txt")

    def run(self):
        ran("Second")

class Numbered(""")  # fmt: skip
    run = built.run("First", code=40)
    assert run.ran == "First"
    assert "First()\n  requires Second()\n  requires First()" in run.output
    untouched(built)


def test_two_outputs_with_one_name(built):
    built.edit(
        'return self.target("numbered.txt")', 'return {"a": self.target("x.txt"), "b": self.target("x.txt")}'
    )
    run = refused(
        built.run("Numbered", code=50), "Numbered()", "two outputs named 'x.txt'", "its own file name"
    )
    assert run.ran == ""
    untouched(built)


@pytest.mark.parametrize("name", ["a/b.txt", "..", "", "x" * 250 + ".txt"])
def test_an_output_that_is_no_plain_file_name(built, name):
    built.edit('"numbered.txt"', repr(name))
    run = refused(built.run("Numbered", code=50), "Numbered()", "plain file name")
    assert run.ran == ""
    untouched(built)


def test_an_output_at_a_place_of_its_own(built):
    built.edit('self.target("numbered.txt")', 'law.LocalFileTarget("numbered.txt")')
    refused(built.run("Numbered", code=50), "Numbered()", "no store target", "self.target(name)")
    untouched(built)


@pytest.mark.parametrize("where", ["/etc/hostname", "../../../outside.txt"])
def test_an_output_that_is_a_link_out_of_its_build_directory(built, where):
    built.edit(
        "self.output().dump(str(len",
        f"os.symlink({where!r}, self.output().path)\n        return\n        (str(len",
    )
    built.edit('formatter="json"))), formatter="text")', 'formatter="json"))))')
    run = refused(built.run("Numbered", code=40), "'numbered.txt' as a link to", where, "copy the file")
    assert run.ran == "Numbered"
    untouched(built)


def test_a_link_out_of_a_directory_that_is_an_output(built):
    built.edit('self.target("numbered.txt")', 'self.target("numbered", type="d")')
    built.edit(
        "self.output().dump(str(len",
        'self.output().touch()\n        os.symlink("/etc", self.output().path + "/etc")\n        (str(len',
    )
    built.edit('formatter="json"))), formatter="text")', 'formatter="json"))))')
    refused(built.run("Numbered", code=40), "as a link to '/etc'", "copy the file")
    untouched(built)


@pytest.mark.parametrize("kind", ["f", "d"])
def test_an_output_of_the_other_kind(built, kind):
    built.edit('self.target("numbered.txt")', f'self.target("numbered.txt", type={kind!r})')
    write = "os.mkdir(self.output().path)" if kind == "f" else 'open(self.output().path, "w").write("x")'
    built.edit("self.output().dump(str(len", f"{write}\n        return\n        (str(len")
    built.edit('formatter="json"))), formatter="text")', 'formatter="json"))))')
    words = ("file", "directory") if kind == "f" else ("directory", "file")
    refused(built.run("Numbered", code=40), f"as a {words[0]} but wrote a {words[1]}")
    untouched(built)


def test_branch_data_without_canonical_form(built):
    built.edit("class Numbered(", """
class Branched(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: 1, 1: object()}

    def output(self):
        return self.target("branched.txt")

    def run(self):
        ran("Branched")

class Numbered(""")  # fmt: skip
    run = refused(
        built.run("Branched", code=50),
        "of type builtins.object",
        "the branch data of Branched",
        "no canonical form",
    )
    assert run.ran == ""
    untouched(built)


@pytest.mark.parametrize("body", ["pass", "return None", "{0: 1}"])
def test_a_branch_map_that_is_none(built, body):
    built.edit("class Numbered(", f"""
class Branched(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        {body}

    def output(self):
        return self.target("branched.txt")

    def run(self):
        ran("Branched")

class Numbered(""")  # fmt: skip
    built.edit("return Numbers()", "return [Numbers(), Branched()]")
    for task in ("Branched", "Numbered"):
        run = refused(
            built.run(task, code=50), "create_branch_map() of Branched returned None; it has to return a dict"
        )
        assert run.ran == ""
    built.edit("return [Numbers(), Branched()]", "return Numbers()")
    untouched(built)


def test_a_task_class_without_source(built):
    """Bytecode is enough; a `run` with neither is nothing to go by."""
    built.edit("class Numbered(", """
class Sourceless(lawnix.Task):
    def output(self):
        return self.target("sourceless.txt")

    run = "nothing"

class Numbered(""")  # fmt: skip
    run = refused(built.run("Sourceless", code=50), "Sourceless.run cannot be found", "version = 1")
    assert run.ran == ""
    untouched(built)


def test_a_task_that_was_defined_by_exec_is_known_by_its_bytecode(built):
    body = """
class Made(lawnix.Task):
    def output(self):
        return self.target("made.txt")

    def run(self):
        ran("Made")
        self.output().dump("1", formatter="text")
"""
    built.edit("class Numbered(", f"exec({body!r})\n\nclass Numbered(")
    assert built.run("Made").ran == "Made"
    assert built.run("Made").ran == ""
    built.edit('dump("1"', 'dump("2"')
    assert built.run("Made").ran == "Made"


def test_something_required_that_is_no_task(built):
    built.edit("return Numbers()", 'return ["Numbers"]')
    refused(built.run("Numbered", code=50), "Numbered() requires 'Numbers', which is no task")
    untouched(built)


def test_an_input_is_read_only(built):
    built.edit('ran("Numbered")', 'ran("Numbered")\n        self.input().dump([], formatter="json")')
    run = built.run("Numbered", code=40)
    assert "read-only; write to self.output() instead" in run.output
    untouched(built)


@pytest.mark.parametrize(
    "damage",
    [
        'os.chmod(path, 0o644); open(path, "w").write("[]")',
        'os.unlink(path); open(path, "w").write("[]")',
        "os.rename(path, self.output().path)",
    ],
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_input_that_is_damaged_all_the_same_is_told_and_built_anew(built, damage, workers):
    """Whoever may write to the store can, by its path; nothing is made of what he wrote."""
    built.edit(
        'ran("Numbered")',
        f'ran("Numbered")\n        path = self.input().path\n        {damage}\n        return',
    )
    built.edit("class Numbered(", """
class Other(lawnix.Task):
    priority = -1

    def requires(self):
        return Numbers()

    def output(self):
        return self.target("other.txt")

    def run(self):
        ran("Other")
        self.output().dump(str(self.input().load(formatter="json")), formatter="text")

class Both(lawnix.WrapperTask):
    def requires(self):
        return Numbered(), Other()

class Numbered(""")  # fmt: skip
    run = built.run("Both", "--workers", workers, code=40)
    assert "'numbers.json' of Numbers(" in run.output
    assert "an input of Numbered(), was changed or removed in the store" in run.output
    if workers == "1":
        assert "an input of Other(), was changed or removed in the store" in run.output
    assert "Traceback" not in run.output
    assert built.verify().is_clean
    assert built.run("Numbers").counts["Numbers"] == 1
    built.run("Other")  # which may have been done before the damage, by the second worker
    assert built.text("Other/*/other.txt") == "[0, 1, 2]"
    untouched(built)


def test_a_file_in_a_directory_that_is_an_input_is_an_input(built):
    built.edit("class Numbered(", """
class Folder(lawnix.Task):
    def output(self):
        return self.target("folder", type="d")

    def run(self):
        ran("Folder")
        self.output().child("a.txt", type="f").dump("a", formatter="text")

class Edited(lawnix.Task):
    def requires(self):
        return Folder()

    def output(self):
        return self.target("edited.txt")

    def run(self):
        path = self.input().path + "/a.txt"
        os.chmod(path, 0o644)
        open(path, "w").write("b")
        self.output().dump("b", formatter="text")

class Numbered(""")  # fmt: skip
    assert "'folder' of Folder(), an input of Edited()," in built.run("Edited", code=40).output
    assert built.run("Folder").ran == "Folder"
    assert built.text("Folder/*/folder/a.txt") == "a"


# ------------------------------------------------------------------------------------ the store


def test_a_store_of_another_format(built):
    path = built.store / "format"
    before = path.read_text()
    path.write_text("lawnix store 99\n")
    refused(built.run("Numbered", code=None), "'lawnix store 99'", "'lawnix store 1'", "use another store")
    path.write_text(before)
    untouched(built)


def test_a_directory_that_is_no_store(built):
    other = built.root / "photographs"
    other.mkdir()
    (other / "cat.png").write_bytes(b"meow")
    refused(
        built.run("Numbers", code=None, LAW__lawnix__store=str(other)), "it is no store", "use another store"
    )
    assert [path.name for path in other.iterdir()] == ["cat.png"]


def test_a_file_in_the_place_of_a_store(built):
    place = built.write("occupied", "by a file")
    refused(built.run("Numbers", code=None, LAW__lawnix__store=str(place)), str(place))
    assert place.read_text() == "by a file"


def test_a_full_disk(built):
    """What is complete is kept, and the run goes on when there is space again."""
    disk = built.root / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        store = {"LAW__lawnix__store": str(disk / "store"), "LAW__lawnix__results": "none"}
        built.edit("class Numbered(", """
class Large(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(8)))

    def output(self):
        return self.target("large.bin")

    def run(self):
        ran(f"Large{self.branch_data}")
        with open(self.output().path, "wb") as file:
            file.write(bytes([self.branch_data]) * 500_000)

class Numbered(""")  # fmt: skip
        run = built.run("Large", code=None, **store)
        assert run.code > 0
        assert f"the file system {disk} has 0." in run.output
        assert (
            f"where the store {disk}/store lies" in run.output or "no space left for the store" in run.output
        )
        assert "`lawnix gc --dry-run` shows what can go" in run.output
        assert "damaged" not in run.output
        done = set(run.bodies)
        fill = disk / "fill"
        with contextlib.suppress(OSError), fill.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        full = built.run("Large", code=None, **store)
        assert full.code > 0
        assert full.ran == ""
        assert f"no space left for the store {disk}/store" in full.output
        assert f"the file system {disk} has 0.0 MB of 3.1 MB" in full.output
        assert "damaged" not in full.output
        assert "Traceback" not in full.output
        subprocess.run(["mount", "-o", "remount,size=30m", disk], check=True)
        again = built.run("Large", **store)
        assert 1 <= len(again.bodies) < 8  # what fitted is kept
        assert done | set(again.bodies) == {f"Large{n}" for n in range(8)}
        assert built.run("Large", **store).ran == ""
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def somebody(built):
    """Runs `law run` as an ordinary user, for whom permissions hold, in a directory of theirs."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    shutil.chown(built.root / "ran.txt", 65534)
    home = built.root / "home"
    home.mkdir()
    shutil.chown(home, 65534)
    for parent in (built.root, *built.root.parents):
        if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)

    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not there")
    probe = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        sys.executable,
        "-c",
        "import lawnix.errors",
    ]
    if subprocess.run(probe, cwd="/", capture_output=True, check=False).returncode:
        pytest.skip(
            "an ordinary user may not read this checkout, or its Python: move both out of a private directory"
        )

    def run(*argv, code, **environment):
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is not there")
        command = [*become, sys.executable, "-m", "law", "run", *argv]
        own = {
            "HOME": str(home),
            "LAW_HOME": str(home / ".law"),
            "LAW__lawnix__results": str(home / "results"),
        }
        return built.fresh(*command, code=code, **{**own, **environment})

    run.home = home
    return run


def test_the_store_of_somebody_else(built, somebody):
    run = refused(
        somebody("proj.tasks.Numbered", code=None),
        str(built.store),
        "cannot be written",
        "it belongs to root",
        "LAW__lawnix__store",
    )
    assert run.ran == ""
    untouched(built)


def test_the_store_of_somebody_else_is_read_as_long_as_nothing_is_to_be_built(built, somebody):
    assert somebody("proj.tasks.Numbers", code=0).ran == ""
    untouched(built)


def test_a_place_where_no_store_can_be_made(built, somebody):
    refused(
        somebody("proj.tasks.Numbers", code=None, LAW__lawnix__store="/etc/store"),
        "/etc/store",
        "cannot be written",
    )


def test_a_store_of_ones_own_that_was_made_read_only(built, somebody):
    store = {"LAW__lawnix__store": str(somebody.home / "store")}
    assert somebody("proj.tasks.Numbers", code=0, **store).ran == "Numbers"
    directories = [somebody.home / "store", *(p for p in (somebody.home / "store").rglob("*") if p.is_dir())]
    for directory in directories:
        directory.chmod(0o555)
    refused(somebody("proj.tasks.Numbered", code=None, **store), "cannot be written")
    for directory in directories:
        directory.chmod(0o755)
    assert somebody("proj.tasks.Numbered", code=0, **store).ran == "Numbered"
