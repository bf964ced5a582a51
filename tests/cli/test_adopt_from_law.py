"""`lawnix adopt --from-law`: what plain law has made is taken over, and nothing is computed again."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Playground

TOP = Path(__file__).parents[2]

BASE = """
import law.target.local

class Ana({base}):
    version = luigi.Parameter(default="v1")
    task_namespace = "ana"

    def store_parts(self):
        return (self.__class__.__name__, self.version)

    def local_path(self, *parts):
        return os.path.join(os.getcwd(), "data", *self.store_parts(), *parts)

    def local_target(self, name):
        return {target}
"""

TASKS = """
class Numbers(Ana):
    def output(self):
        return self.local_target("numbers.json")

    def run(self):
        ran("Numbers")
        self.output().dump(list(range(4)), formatter="json")

class Squares(Ana, {workflow}):
    def create_branch_map(self):
        return dict(enumerate("abcd"))

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return {{"value": self.local_target(f"square_{{self.branch}}.json"),
                "log": self.local_target(f"log_{{self.branch}}.txt")}}

    def run(self):
        ran(f"Squares{{self.branch}}")
        self.output()["value"].dump({{"square": self.input().load(formatter="json")[self.branch] ** 2}}, formatter="json")
        self.output()["log"].dump("well", formatter="text")

class Sum(Ana):
    def requires(self):
        return Squares.req(self)

    def output(self):
        return [self.local_target("sum.txt")]

    def run(self):
        ran("Sum")
        found = [t["value"].load(formatter="json")["square"] for t in self.input()["collection"].targets.values()]
        self.output()[0].dump(str(sum(found)), formatter="text")
"""

LAW = BASE.format(base="law.Task", target="law.LocalFileTarget(self.local_path(name))") + TASKS.format(
    workflow="law.LocalWorkflow"
)
LAWNIX = BASE.format(base="lawnix.Task", target="self.target(name)") + TASKS.format(
    workflow="lawnix.LocalWorkflow"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What law has made."""
    there = Playground(tmp_path_factory.mktemp("law"))
    there.tasks(LAW)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAW")}
    environment |= {"RAN": "ran", "LAW_HOME": str(there.root), "PYTHONPATH": f"{there.root}:{TOP}"}
    subprocess.run(
        [sys.executable, "-m", "law", "run", "play.Sum"],
        cwd=there.root,
        env=environment,
        check=True,
        capture_output=True,
    )
    assert len(there.ran()) == 6
    return there.root / "data"


@pytest.fixture
def switched(playground, made):
    """An analysis that has run with law, and is one of lawnix now."""
    shutil.copytree(made, playground.root / "data")
    playground.tasks(LAWNIX)
    return playground


def rows(said):
    """The cells of the table by family."""
    lines = [line.split() for line in said.splitlines()]
    return {line[0]: line[1:] for line in lines if line and line[0].startswith("ana.")}


def test_nothing_is_computed_again(switched):
    said = switched.lawnix("adopt", "--from-law", "play.Sum").out
    assert rows(said)["ana.Squares"][:2] == ["4", "-"]
    assert switched.ran() == []
    switched.law("run", "play.Sum")
    assert switched.ran() == []
    assert (switched.root / "results" / "ana.Sum" / "version=v1" / "sum.txt").read_text() == "14"
    switched.lawnix("verify")


def test_the_files_of_law_stay_as_they_were(switched):
    files = {path: (path.stat(), path.read_bytes()) for path in (switched.root / "data").rglob("*.*")}
    assert len(files) == 10
    switched.lawnix("adopt", "--from-law", "play.Sum")
    for path, (before, text) in files.items():
        after = path.stat()
        assert (after.st_mode, after.st_mtime_ns, after.st_nlink) == (before.st_mode, before.st_mtime_ns, 1)
        assert path.read_bytes() == text
        path.write_text("written in place by law, later")
    switched.lawnix("verify")


def test_a_dry_run_tells_and_does_nothing(switched):
    said = switched.lawnix("adopt", "--from-law", "--dry-run", "play.Sum").out
    assert said.splitlines()[0].split() == ["found", "missing", "size"]
    assert rows(said)["ana.Squares"] == ["4", "-", "68", "B"]
    assert rows(said).keys() == {"ana.Numbers", "ana.Squares", "ana.Sum"}
    assert "nothing was built here yet" in switched.lawnix("ls").err
    switched.law("run", "play.Sum")
    assert len(switched.ran()) == 6


def test_what_is_missing_is_left_to_be_built_and_what_needs_it_waits(switched):
    for name in ("square_1.json", "log_3.txt"):
        (switched.root / "data" / "Squares" / "v1" / name).unlink()
    for option in (["--dry-run"], []):
        said = switched.lawnix("adopt", "--from-law", *option, "play.Sum").out
        assert rows(said)["ana.Squares"][:2] == ["2", "2"]
        assert rows(said)["ana.Sum"][:3] == ["-", "-", "1"]
        assert "data/Squares/v1/square_1.json" in said
        assert "data/Squares/v1/log_3.txt" in said
    assert switched.ran() == []
    switched.lawnix("run", "play.Squares")
    assert switched.ran() == ["Squares1", "Squares3"]
    switched.lawnix("adopt", "--from-law", "play.Sum")
    switched.law("run", "play.Sum")
    assert switched.ran() == []


def test_it_can_be_asked_twice(switched):
    switched.lawnix("adopt", "--from-law", "play.Sum")
    said = switched.lawnix("adopt", "--from-law", "play.Sum").out
    assert rows(said)["ana.Squares"] == ["4", "-", "-", "0", "B"]


def test_what_was_built_is_never_overridden(switched):
    switched.lawnix("run", "play.Squares")
    switched.ran()
    (switched.root / "data" / "Squares" / "v1" / "square_2.json").write_text('{"square": 5}')
    switched.lawnix("adopt", "--from-law", "play.Sum")
    assert "assumed" not in switched.lawnix("show", "play.Squares", "--branch", "2").out
    assert "assumed" in switched.lawnix("show", "play.Sum").out
    path = json.loads(switched.lawnix("show", "--json", "play.Squares", "--branch", "2").out)
    path = path[0]["realizations"][0]["outputs"]["square_2.json"]["location"]
    assert json.loads(Path(path).read_text()) == {"square": 4}
    os.chmod(os.path.dirname(path), 0o755)
    os.rename(path, f"{path}.away")  # built here, and gone: not what law has made comes into its place
    said = switched.lawnix("adopt", "--from-law", "--json", "play.Squares", "--branch", "2").out
    assert [each["state"] for each in json.loads(said) if "Squares" in each["task"]] == ["was built here"]


def test_the_method_law_output_says_where(switched):
    switched.tasks(
        LAWNIX.replace(
            """    def store_parts(self):""",
            """    def law_output(self):
        found = type(self).output(Elsewhere(self))
        return found

    def store_parts(self):""",
        ).replace(
            "class Numbers",
            """
class Elsewhere:
    def __init__(self, task):
        self.task = task
        self.branch = getattr(task, "branch", -1)

    def local_target(self, name):
        return law.LocalFileTarget(os.path.join(os.getcwd(), "old", *self.task.store_parts(), name))

class Numbers""",
        )
    )
    said = switched.lawnix("adopt", "--from-law", "--dry-run", "play.Sum").out
    assert rows(said)["ana.Sum"][:2] == ["-", "1"]
    (switched.root / "data").rename(switched.root / "old")
    switched.lawnix("adopt", "--from-law", "play.Sum")
    switched.tasks(LAWNIX)  # it is no part of the code, and may go
    switched.law("run", "play.Sum")
    assert switched.ran() == []


@pytest.mark.parametrize(
    "pattern", ["moved/{store_parts}/{name}", "$HERE/moved/{__class__.__name__}/{version}/{stem}{suffix}"]
)
def test_a_pattern_says_where(switched, pattern, monkeypatch):
    monkeypatch.setenv("HERE", str(switched.root))
    (switched.root / "data").rename(switched.root / "moved")
    assert rows(switched.lawnix("adopt", "--from-law", "play.Sum").out)["ana.Sum"][:2] == ["-", "-"]
    switched.lawnix("adopt", "--from-law", "--at", pattern, "play.Sum")
    switched.law("run", "play.Sum")
    assert switched.ran() == []


@pytest.mark.parametrize("pattern", ["data", "{name}/{", "{name", "{0}/{name}", "{}/{name}"])
def test_a_pattern_without_a_name_is_refused(switched, pattern):
    said = switched.lawnix("adopt", "--from-law", "--at", pattern, "play.Sum", code=2).err
    assert "a path with {name} in it" in said


def test_options_that_belong_together_are_asked_for_together(switched):
    assert "belong to --from-law" in switched.lawnix("adopt", "--dry-run", "play.Sum", code=2).err


def test_it_is_told_and_can_be_revoked(switched):
    switched.lawnix("adopt", "--from-law", "play.Sum")
    said = switched.lawnix("show", "play.Squares", "--branch", "1").out
    assert "assumed" in said
    assert f"{switched.root}/data/Squares/v1/square_1.json" in said
    assert "process" not in said  # that built it: nobody knows
    record = json.loads(switched.lawnix("show", "--json", "play.Sum").out)[0]["realizations"][0]["record"]
    assert record["assumed"]["how"] == "copied"
    assert record["sources"] == {"sum.txt": f"{switched.root}/data/Sum/v1/sum.txt"}
    assert "assumed" in switched.lawnix("ls").out.splitlines()[0]
    assert "assumed" in switched.lawnix("plan", "play.Sum").out
    assert "assumed" in switched.lawnix("why", "play.Sum").out
    assert "6 adopted results are forgotten" in switched.lawnix("adopt", "--revoke", "play.Sum").out
    switched.law("run", "play.Sum")
    assert len(switched.ran()) == 6
    assert "assumed" not in switched.lawnix("show", "play.Sum").out
    assert "assumed" not in switched.lawnix("plan", "play.Sum").out


# -------------------------------------------------------------------------- what law may have left


def test_an_empty_file_is_refused_and_named(switched):
    path = switched.root / "data" / "Squares" / "v1" / "log_1.txt"
    path.write_text("")
    said = switched.lawnix("adopt", "--from-law", "play.Sum", code=1).out
    assert "log_1.txt" in said
    assert "empty" in said
    switched.law("run", "play.Squares")
    assert switched.ran() == ["Squares1"]


def test_half_a_file_is_refused_and_named(switched):
    path = switched.root / "data" / "Squares" / "v1" / "square_1.json"
    path.write_text('{"squ')
    said = switched.lawnix("adopt", "--from-law", "play.Sum", code=1).out
    assert "square_1.json" in said
    assert "half written" in said
    switched.law("run", "play.Squares")
    assert switched.ran() == ["Squares1"]


def test_a_directory_where_a_file_should_be_is_refused(switched):
    path = switched.root / "data" / "Squares" / "v1" / "square_1.json"
    path.unlink()
    path.mkdir()
    said = switched.lawnix("adopt", "--from-law", "play.Sum", code=1).out
    assert "declares 'square_1.json' as a file" in said
    assert rows(said)["ana.Squares"][0] == "3"


def test_one_file_for_two_branches_is_refused(switched):
    switched.edit('f"square_{self.branch}.json"', '"square.json"')
    (switched.root / "data" / "Squares" / "v1" / "square.json").write_text("1")
    for option in (["--dry-run"], []):
        said = switched.lawnix("adopt", "--from-law", *option, "play.Sum", code=1).out
        assert "it would be what both ana.Squares(" in said
        assert "and 2 more made" in said
    switched.law("run", "play.Squares")
    assert len(switched.ran()) == 4


def test_another_structure_is_refused(switched):
    switched.edit(
        "    def store_parts(self):",
        "    def law_output(self):\n        return {'other': law.LocalFileTarget('x')}\n\n    def store_parts(self):",
    )
    said = switched.lawnix("adopt", "--from-law", "play.Sum", code=1).out
    assert "has the outputs other, and output() has" in said
    assert "0 B" in said


# --------------------------------------------------------------------------------- kinds of outputs

KINDS = """
class Many(lawnix.Task):
    def output(self):
        return {
            "plots": self.target("plots", type="d"),
            "more": law.TargetCollection([self.target(f"{name}.txt") for name in "xy"]),
            "perhaps": self.target("z.txt", optional=True),
        }

    def law_output(self):
        return {
            "plots": law.LocalDirectoryTarget(os.path.abspath("made/plots")),
            "more": law.SiblingFileCollection(
                [law.LocalFileTarget(os.path.abspath(f"made/{name}.txt")) for name in "xy"]
            ),
            "perhaps": law.LocalFileTarget(os.path.abspath("made/z.txt"), optional=True),
        }

    def run(self):
        ran("Many")
"""


def test_directories_collections_and_optional_outputs(playground):
    playground.tasks(KINDS)
    (playground.root / "made" / "plots").mkdir(parents=True)
    for name in ("x.txt", "y.txt", "plots/a.txt", "plots/b.txt"):
        (playground.root / "made" / name).write_text(name)
    playground.lawnix("adopt", "--from-law", "play.Many")
    playground.law("run", "play.Many")
    assert playground.ran() == []
    shown = json.loads(playground.lawnix("show", "--json", "play.Many").out)[0]["realizations"][0]["outputs"]
    assert shown["z.txt"] is None
    plots = shown["plots"]["location"]
    assert sorted(os.listdir(plots)) == ["a.txt", "b.txt"]
    assert stat.S_IMODE(os.stat(plots).st_mode) == 0o555
    assert os.access(playground.root / "made" / "plots", os.W_OK)
    playground.lawnix("verify")


def test_links_are_made_if_asked_for(switched):
    switched.lawnix("adopt", "--from-law", "--link", "play.Sum")
    there = switched.root / "data" / "Squares" / "v1" / "square_1.json"
    record = json.loads(switched.lawnix("show", "--json", "play.Squares", "--branch", "1").out)[0][
        "realizations"
    ][0]
    here = os.stat(record["outputs"]["square_1.json"]["location"])
    assert record["record"]["assumed"]["how"] == "linked"
    assert there.stat().st_ino == here.st_ino
    assert stat.S_IMODE(here.st_mode) == 0o444
    switched.lawnix("verify")
    switched.law("run", "play.Sum")
    assert switched.ran() == []
    there.chmod(0o644)
    there.write_text("{}")  # what law would never do, but somebody may
    switched.lawnix("verify", code=1)
    switched.law("run", "play.Squares")
    assert switched.ran() == ["Squares1"]


REMOTE = """
class Far:
    def __init__(self, name):
        self.name = name

    def uri(self):
        return f"far://{self.name}"

    def exists(self, stat=False):
        found = os.path.exists("far/" + self.name)
        return os.stat("far/" + self.name) if found and stat else found

    def copy_to_local(self, to):
        import shutil
        ran("copied")
        shutil.copy("far/" + self.name, to)

class Away(lawnix.Task):
    def output(self):
        return self.target("away.txt")

    def law_output(self):
        return Far("away.txt")

    def run(self):
        ran("Away")
"""


def test_what_lies_elsewhere_is_copied_as_law_does(playground):
    playground.tasks(REMOTE)
    said = playground.lawnix("adopt", "--from-law", "play.Away").out
    assert "missing: Away(): far://away.txt" in said.replace("branch=-1, ", "")
    (playground.root / "far").mkdir()
    (playground.root / "far" / "away.txt").write_text("there")
    assert "cannot be linked" in playground.lawnix("adopt", "--from-law", "--link", "play.Away", code=1).out
    playground.lawnix("adopt", "--from-law", "play.Away")
    playground.law("run", "play.Away")
    assert playground.ran() == ["copied"]
    assert (playground.root / "results" / "Away" / "default" / "away.txt").read_text() == "there"


def test_what_is_no_target_is_refused(playground):
    playground.tasks(REMOTE.replace('return Far("away.txt")', 'return "away.txt"'))
    said = playground.lawnix("adopt", "--from-law", "play.Away", code=1).out
    assert "'away.txt' is not taken over: it is no target of law that can be copied" in said


# -------------------------------------------------------------------------------------- the graph


def test_a_plain_law_task_that_is_not_done_is_not_run(playground):
    playground.tasks(
        """
class Plain(law.Task):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("plain.txt"))
    def run(self):
        ran("Plain")
        self.output().touch()

class After(lawnix.Task):
    resources = {"gpu": 3}
    def requires(self):
        return Plain()
    def output(self):
        return self.target("after.txt")
    def law_output(self):
        return law.LocalFileTarget(os.path.abspath("after.txt"))
    def run(self):
        ran("After")
"""
    )
    (playground.root / "after.txt").write_text("done")
    said = playground.lawnix("adopt", "--from-law", "play.After", code=1).out
    assert "it is not done, and adoption runs nothing" in said
    assert playground.ran() == []
    (playground.root / "plain.txt").write_text("done")
    playground.lawnix("adopt", "--from-law", "play.After")
    assert playground.ran() == []
    assert "assumed" in playground.lawnix("show", "play.After").out


def test_branches_that_are_known_late_are_taken_over_too(playground):
    playground.tasks(
        """
class First(lawnix.Task):
    def output(self):
        return self.target("first.json")
    def local_path(self, name):
        return os.path.abspath(f"old/{name}")
    def run(self):
        ran("First")

class Late(lawnix.Task, lawnix.LocalWorkflow):
    def workflow_requires(self):
        return {**super().workflow_requires(), "first": First()}

    def requires(self):
        return First()

    @law.dynamic_workflow_condition
    def condition(self):
        return self.workflow_input()["first"].exists()

    @condition.create_branch_map
    def create_branch_map(self):
        return dict(enumerate(self.workflow_input()["first"].load(formatter="json")))

    @condition.output
    def output(self):
        return self.target("late.txt")

    def local_path(self, name):
        return os.path.abspath(f"old/{self.branch}_{name}")

    def run(self):
        ran("Late")
"""
    )
    (playground.root / "old").mkdir()
    (playground.root / "old" / "first.json").write_text("[1, 2]")
    for branch in range(2):
        (playground.root / "old" / f"{branch}_late.txt").write_text(str(branch))
    said = playground.lawnix("adopt", "--from-law", "play.Late").out
    assert [line.split()[:2] for line in said.splitlines()[1:3]] == [["First", "1"], ["Late", "2"]]
    playground.law("run", "play.Late")
    assert playground.ran() == []


# ---------------------------------------------------------------------------------- what is checked


def states(there, *task):
    """The marks that `ls` tells, by family and branch data."""
    lines = there.lawnix("ls").out.splitlines()
    return sorted(line.rpartition(")")[2].strip() for line in lines if "ana.Squares" in line)


def test_a_sample_that_comes_out_the_same_verifies_all_of_its_kind(switched):
    switched.lawnix("adopt", "--from-law", "play.Sum")
    assert states(switched) == ["assumed"] * 4
    said = switched.lawnix("check", "--all", "--sample", "2", "play.Sum").out
    assert "4 of 4 tasks came out as they were" in said
    assert "6 that were assumed are verified" in said
    assert switched.ran() == ["Numbers", "Squares0", "Squares3", "Sum"]
    assert states(switched) == ["verified"] * 4
    shown = json.loads(switched.lawnix("show", "--json", "play.Squares").out)
    verdicts = [each["realizations"][0]["verdict"] for each in shown]
    assert [verdict["was_built"] for verdict in verdicts] == [True, False, False, True]
    assert verdicts[1]["words"] == "2 of 2 that were built, of 4, came out the same"
    assert "verified" in switched.lawnix("plan", "play.Sum").out
    assert "verified" in switched.lawnix("show", "play.Sum").out
    switched.law("run", "play.Sum")
    assert switched.ran() == []


def test_what_comes_out_otherwise_stays_assumed_and_is_named(switched):
    place = switched.root / "data" / "Squares" / "v1" / "square_3.json"
    place.write_text('{"square": 10}')
    switched.lawnix("adopt", "--from-law", "play.Squares")
    said = switched.lawnix("check", "--sample", "2", "play.Squares", code=1).out
    assert "key square differs" in said
    assert (
        "branch=3, version=v1) stays assumed: it was built, and came out otherwise: square_3.json: key square differs"
        in said
    )
    assert "1 that were assumed are verified" in said
    assert "branch=1, version=v1) stays assumed: 1 of 2 that were built, of 4, came out the same" in said
    assert states(switched) == ["assumed, refuted"] * 3 + ["verified"]
    assert "refuted" in switched.lawnix("show", "play.Squares", "--branch", "3").out
    # what is there is what is used, until somebody says otherwise
    switched.ran()
    switched.law("run", "play.Squares")
    assert switched.ran() == []
    switched.lawnix("adopt", "--revoke", "play.Squares", "--branch", "3")
    switched.law("run", "play.Squares")
    assert switched.ran() == ["Numbers", "Squares3"]


def test_a_later_sample_does_not_forget_what_an_earlier_one_has_shown(switched):
    (switched.root / "data" / "Squares" / "v1" / "square_3.json").write_text('{"square": 10}')
    switched.lawnix("adopt", "--from-law", "play.Squares")
    switched.lawnix("check", "--sample", "1", "play.Squares")
    assert states(switched) == ["verified"] * 4  # as far as one knows
    switched.lawnix("check", "play.Squares", "--branch", "3", code=1)
    assert states(switched) == ["assumed, refuted", "verified", "verified", "verified"]
    switched.lawnix("check", "--sample", "1", "play.Squares")
    assert states(switched) == ["assumed, refuted"] * 3 + ["verified"]


def test_what_fails_is_no_verdict(switched):
    switched.lawnix("adopt", "--from-law", "play.Squares")
    switched.edit('ran(f"Squares{self.branch}")', 'ran(f"Squares{self.branch}") or os.environ["BROKEN"]')
    switched.lawnix("adopt", "--from-law", "play.Squares")
    assert "failed" in switched.lawnix("check", "--sample", "2", "play.Squares", code=1).out
    assert "verified" not in states(switched)


def test_what_was_built_has_no_verdict(switched):
    switched.law("run", "play.Squares")
    assert "verified" not in switched.lawnix("check", "--sample", "2", "play.Squares").out
    assert states(switched) == [""] * 4


def test_what_was_adopted_from_earlier_code_is_told_too(switched):
    switched.lawnix("run", "play.Squares")
    switched.edit("[self.branch] ** 2", "[self.branch] ** (1 + 1)")
    switched.lawnix("adopt", "play.Squares")
    assert states(switched)[-4:] == ["adopted"] * 4
    assert "adopted" in switched.lawnix("why", "play.Squares").out
    assert "adopted" in switched.lawnix("plan", "play.Squares").out
