"""`isolation: observe` in sandboxes: what a build touches undeclared in there is told as it is told of others."""

import pytest

from tests.scenarios.sandboxes.conftest import Kind

TASKS = """
import subprocess
import sys

class Number(lawnix.Task):
    def output(self):
        return self.target("n.txt")

    def run(self):
        self.output().dump("1", formatter="text")

class Inside(lawnix.Task, law.SandboxTask):
    sandbox = {key!r}

    def requires(self):
        return Number()

    def output(self):
        return self.target("i.txt")

    def run(self):
        text = self.input().load(formatter="text")
        {body}
        self.output().dump(text, formatter="text")
"""
PROMISE = "Inside touched what it does not declare (1 build)"


@pytest.fixture
def watched(project):
    project.configure("lawnix", "isolation", "observe")
    project.write("extra.txt", "extra")
    return project


def run(project, key, body, **more):
    project.tasks(TASKS.format(key=key, body=body))
    return project.run("Inside", **more).output


FILES = {
    "by itself": "open({path!r}).close()",
    "in a forked child": "pid = os.fork() or (open({path!r}), os._exit(0)); os.waitpid(pid, 0)",
    "in a Python that it starts": "subprocess.run([sys.executable, '-c', 'import sys; open(sys.argv[1])', {path!r}], check=True)",
}


@pytest.mark.parametrize("how", FILES)
def test_a_file_that_is_read_undeclared_is_named(watched, kind: Kind, key, how):
    body = FILES[how].format(path=str(watched.root / "extra.txt"))
    output = run(watched, key, body)
    assert PROMISE in output
    assert "file: extra.txt\n" in output


def test_a_variable_that_is_asked_for_is_named_unless_the_sandbox_sets_it(watched, key):
    output = run(watched, key, "os.environ.get('MODE'), os.environ.get('COLOUR')")
    assert PROMISE in output
    assert "environment variable: MODE\n" in output or "environment variable: COLOUR, MODE\n" in output
    assert ("COLOUR" in output) == (not key.startswith("bash"))


def test_of_what_is_declared_nothing_is_told(watched, key):
    output = run(watched, key, "import json, math, decimal; subprocess.run(['true'], check=True)")
    assert "touched what it does not declare" not in output


def test_results_are_the_same_as_where_tasks_are_trusted(watched, key):
    body = f"open({str(watched.root / 'extra.txt')!r}).close()"
    assert PROMISE not in run(watched, key, body, LAW__lawnix__isolation="trust")
    before = watched.result("**/i.txt").resolve()
    assert "built Inside" not in watched.run("Inside").output
    watched.law("run", "proj.tasks.Inside", "--remove-output", "0,a,y", code=None)
    assert PROMISE in watched.run("Inside").output
    assert watched.result("**/i.txt").resolve() == before
