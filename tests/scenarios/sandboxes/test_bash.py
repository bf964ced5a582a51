"""Bash sandboxes: what a script is, and what it may do."""

import shutil

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
