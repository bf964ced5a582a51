"""`lawnix shell`: people in the environment of a task."""

import os
import pty
import subprocess
import sys

import pytest

from lawnix.store.local import LocalStore

COMMAND = [sys.executable, "-c", "from lawnix.cli.main import main; main()", "shell"]
TASKS = """
class Number(lawnix.Task):
    def output(self):
        return self.target("n.txt")

    def run(self):
        self.output().dump("41", formatter="text")

class Inside({bases}):
    {sandbox}

    def requires(self):
        return Number()

    def output(self):
        return self.target("i.txt")

    def run(self):
        {body}
        self.output().dump(str(int(self.input().load(formatter="text")) + 1), formatter="text")
"""


def write(project, key=None, body="pass"):
    bases = "lawnix.Task" + ("" if key is None else ", law.SandboxTask")
    project.tasks(
        TASKS.format(bases=bases, sandbox="pass" if key is None else f"sandbox = {key!r}", body=body)
    )


def shell(project, *argv, commands="", **environment):
    """`lawnix shell <argv>`, fed with commands."""
    return subprocess.run(
        [*COMMAND, *argv],
        input=commands,
        capture_output=True,
        text=True,
        cwd=project.root,
        env={**project.environment, **environment},
        timeout=project.patience,
        check=False,
    )


def realizations(project):
    with LocalStore.open(project.store, create=False) as store:
        store.refresh()
        return store.family("Inside")


def left(project):
    return list((project.store / "builds").iterdir())


@pytest.mark.parametrize("isolation", ["trust", "enforce"])
def test_a_task_is_run_by_hand_in_its_sandbox_and_leaves_nothing(project, kind, key, isolation):
    config = project.root / "law.cfg"
    config.write_text(config.read_text().partition(f"[{kind.name}_sandbox_volumes]")[0])
    write(project, key)
    project.run("Number")
    ended = shell(
        project, "proj.tasks.Inside", commands="run && cat i.txt; exit 3\n", LAW__lawnix__isolation=isolation
    )
    assert (ended.stdout, ended.returncode) == ("42", 3), ended.stderr
    assert not realizations(project)
    assert not left(project)


@pytest.mark.parametrize("isolation", ["trust", "enforce"])
def test_a_task_without_a_sandbox_is_run_by_hand(project, isolation):
    write(project)
    project.run("Number")
    ended = shell(
        project, "proj.tasks.Inside", commands="run && cat i.txt\n", LAW__lawnix__isolation=isolation
    )
    assert ended.stdout == "42", ended.stderr


def test_a_shell_is_as_isolated_as_the_build(bubblewrap, project):
    write(project)
    secret = project.write("secret.txt", "secret")
    project.run("Number")
    for isolation, found in (("trust", "secret"), ("enforce", "")):
        ended = shell(
            project, "proj.tasks.Inside", commands=f"cat {secret}\n", LAW__lawnix__isolation=isolation
        )
        assert ended.stdout == found, ended.stderr


def test_the_task_is_at_hand_in_python(project):
    write(project)
    project.run("Number")
    ended = shell(
        project,
        "proj.tasks.Inside",
        commands="echo 'print(task.input().load(formatter=\"text\")); run()' | task; cat i.txt\n",
    )
    assert ended.stdout == "41\n42", ended.stderr


def test_what_it_requires_has_to_be_there(project):
    write(project)
    ended = shell(project, "proj.tasks.Inside")
    assert ended.returncode == 1
    assert "Number() is not built as it is now; run the task first: law run Number" in ended.stderr


def test_at_a_terminal_it_is_one(project):
    write(project)
    project.run("Number")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "proj.tasks.Inside"],
        cwd=project.root,
        env=project.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, b"tty -s && echo a terminal of $(stty size | wc -w) numbers; exit 5\n")
    said = b""
    while True:
        try:
            block = os.read(ours, 1 << 16)
        except OSError:
            break
        if not block:
            break
        said += block
    assert process.wait(project.patience) == 5, said.decode()
    assert b"a terminal of 2 numbers" in said
    os.close(ours)


def test_where_a_build_has_failed_one_can_go_on(project):
    project.configure("lawnix", "keep_failed", "True")
    write(project, body="open(self.output().path + '-half', 'w').write('half'); raise ValueError(1)")
    run = project.run("Inside", code=40)
    (place,) = left(project)
    assert f"lawnix shell --build {place}" in run.output
    write(project)
    ended = shell(project, "--build", str(place), commands="cat i.txt-half; run && cat i.txt\n")
    assert ended.stdout == "half42", ended.stderr
    assert left(project) == [place]
    assert not realizations(project)


def test_of_a_process_that_died_the_build_is_kept_too(project):
    project.configure("lawnix", "keep_failed", "True")
    write(project, body="os._exit(3)")
    run = project.run("Inside", code=40)
    (place,) = left(project)
    assert f"lawnix shell --build {place}" in run.output
    assert shell(project, "--build", str(place), commands="echo here\n").stdout == "here\n"


def test_what_was_not_kept_is_told(project, tmp_path):
    write(project)
    ended = shell(project, "--build", str(tmp_path))
    assert ended.returncode == 2
    assert "keep_failed" in ended.stderr
    assert shell(project).returncode == 2
