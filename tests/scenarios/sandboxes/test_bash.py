"""Bash sandboxes: what a script is, and what it may do."""

import shutil
import sys
from pathlib import Path

import pytest

TASKS = """
class Inside(lawnix.Task, law.SandboxTask):
    sandbox = "bash::setup.sh"

    def output(self):
        return self.target("i.txt")

    def run(self):
        print("a body")
        self.output().dump(repr(os.environ.get("COLOUR")), formatter="text")
"""


@pytest.fixture
def inside(project):
    """Write the script, and run the task; how often its body ran."""
    project.tasks(TASKS)

    def run(script: str | None = None) -> int:
        if script is not None:
            project.write("setup.sh", script)
        return project.run("Inside").output.count("a body\n")

    return run


def test_a_script_may_speak(project, inside):
    assert inside("echo welcome to the experiment\nexport COLOUR=red\n") == 1
    assert project.text("**/i.txt") == "'red'"


def test_its_worker_loads_nothing_along_with_law_that_a_task_does_not_ask_for(project, inside):
    project.tasks(
        TASKS.replace(
            'repr(os.environ.get("COLOUR"))',
            'str(sorted({"ipykernel", "jsonschema", "requests", "tornado"} & set(__import__("sys").modules)))',
        )
    )
    inside(f"export PATH={Path(sys.executable).parent}:$PATH\n")
    assert project.text("**/i.txt") == "[]"


def test_whatever_is_sourced_counts(project, inside):
    project.write("functions.sh", "colour() { echo red; }\n")
    assert inside(". ./functions.sh\nexport COLOUR=$(colour)\n") == 1
    assert inside() == 0
    project.write("functions.sh", "colour() { echo red; }  # and nothing else\n")
    assert inside() == 1


def test_a_variable_counts_as_what_it_is_set_to(project, inside):
    project.write("colour.txt", "red")
    assert inside("export COLOUR=$(cat colour.txt)\n") == 1
    project.write("colour.txt", "blue")
    assert inside() == 1
    assert project.text("**/i.txt") == "'blue'"


def test_what_the_caller_has_set_does_not_count(project, inside):
    project.write("setup.sh", "export COLOUR=${COLOUR:-red}\n")
    assert project.run("Inside", COLOUR="green").output.count("a body\n") == 1
    assert project.text("**/i.txt") == "'red'"
    assert inside() == 0


def test_where_the_project_lies_does_not_count(project, inside, tmp_path):
    assert inside('export COLOUR=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/red\n') == 1
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project.root, elsewhere, symlinks=True)
    project.move(elsewhere)
    assert inside() == 0


def test_a_script_that_fails_is_told_with_what_it_said(project, inside):
    project.write("setup.sh", "echo there is no compiler >&2\nreturn 3\n")
    run = project.run("Inside", code=None)
    assert run.code != 0
    assert "its script ended with exit code 3\n  | there is no compiler" in run.output
    assert "a body" not in run.output


def test_a_script_reads_nothing_of_what_its_worker_is_told(project, inside):
    assert inside("cat >/dev/null\nread -r answer\nexport COLOUR=red\n") == 1


def test_a_script_may_close_its_streams(project, inside):
    assert inside("exec </dev/null >/dev/null\nexport COLOUR=red\n") == 1


def test_what_a_script_leaves_running_is_not_waited_for_and_ends(project, inside):
    project.write("setup.sh", "sleep 600 &\necho $! >>left.txt\nexport COLOUR=red\n")
    command = project.start("run", "proj.tasks.Inside")
    assert command.wait().output.count("a body\n") == 1
    left = (project.root / "left.txt").read_text().split()
    assert len(left) == 3  # where it is looked at, tried, and worked in
    assert not [pid for pid in left if Path("/proc", pid, "exe").exists()]


@pytest.mark.parametrize("quiet", ["set +x", "PS4='> '", "{ set +x; } 2>/dev/null; PS4=+"])
def test_what_is_sourced_counts_also_where_a_script_ends_its_trace(project, inside, quiet):
    project.write("more.sh", "export COLOUR=red\n")
    assert inside(f"{quiet}\nmore() {{ source more.sh; }}\nmore\n") == 1
    assert inside() == 0
    project.write("more.sh", "export COLOUR=red  # and nothing else\n")
    assert inside() == 1


def test_a_script_that_ends_the_shell_is_told_the_way_out(project, inside):
    project.write("setup.sh", "echo all is well\nexit 0\n")
    run = project.run("Inside", code=None)
    assert run.code != 0
    assert "it may `return`" in run.output
    assert "| all is well" in run.output


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (None, "there is no Python in it"),
        ("#!/bin/sh\nexit 3\n", "its worker did not start (exit code 3)"),
        (
            (
                f"#!/bin/sh\nshift\nexec {sys.executable} -c "
                "'import sys; sys.version_info = (3, 9, 1); exec(sys.argv[1])' \"$@\"\n"
            ),
            "its Python is 3.9.1, and 3.10 or later is needed",
        ),
    ],
    ids=["none", "broken", "old"],
)
def test_a_python_that_cannot_serve_is_told_before_anything_runs(project, inside, program, told):
    (project.root / "programs").mkdir()
    if program is not None:
        project.write("programs/python3", program).chmod(0o755)
    project.write("setup.sh", f"export PATH={project.root}/programs\n")
    project.edit(
        "    def output(self):\n",
        "    def requires(self):\n        return Before()\n\n    def output(self):\n",
    )
    project.edit(
        "class Inside(",
        "class Before(lawnix.Task):\n    def output(self):\n        return self.target('b.txt')\n\n"
        "    def run(self):\n        ran('before')\n        self.output().dump('b', formatter='text')\n\n"
        "class Inside(",
    )
    run = project.run("Inside", code=None)
    assert run.code != 0
    assert told in run.output
    assert run.ran == ""


def test_variables_are_set_as_law_sets_them(project, inside):
    with (project.root / "law.cfg").open("a") as file:
        file.write('[bash_sandbox_env]\nCOLOUR: dark-$TONE "`id`"\n')
    assert inside("export TONE=red\n") == 1
    assert project.text("**/i.txt") == repr('dark-red "`id`"')


def test_programs_beside_the_store_do_not_open_it_to_a_closed_task(bubblewrap, project, inside):
    area = project.root.parent / "area"
    (area / "bin").mkdir(parents=True)
    (area / "bin" / "tool").write_text("#!/bin/sh\n")
    (area / "secret.txt").write_text("the secret")
    project.configure("lawnix", "store", str(area / "store"))
    project.configure("lawnix", "isolation", "enforce")
    there = [str(area / name) for name in ("bin/tool", "secret.txt", "store/journal")]
    project.edit('os.environ.get("COLOUR")', f"[os.path.exists(each) for each in {there}]")
    assert inside(f"export PATH={area}/bin:$PATH\n") == 1
    assert project.text("**/i.txt") == "[True, False, False]"
