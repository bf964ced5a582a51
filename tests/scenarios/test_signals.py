"""Runs that are ended: what was built is kept, nothing is left behind, and the next run goes on."""

import signal

import pytest

TASKS = """
import subprocess
import time

class Quick(lawnix.Task):
    def output(self):
        return self.target("quick.txt")

    def run(self):
        ran("Quick")
        self.output().dump("quick", formatter="text")

class Slow(lawnix.Task):
    number = luigi.IntParameter()

    def requires(self):
        return Quick()

    def output(self):
        return self.target("slow.txt")

    def run(self):
        self.output().dump("half", formatter="text")
        if "HOLD" in os.environ:
            child = subprocess.Popen(["sleep", "1000"])
            ran(f"Slow{self.number}")
            time.sleep(1000)
        ran(f"Slow{self.number}")
        self.output().dump("slow", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Slow(number=number) for number in range(4)]
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_run_that_is_ended_leaves_nothing_but_what_was_built(project, number, code):
    project.tasks(TASKS)
    command = project.start("run", "proj.tasks.All", "--workers", "2", HOLD="1")
    project.await_bodies(3)
    run = command.end_after(0, number)
    assert run.code == code
    assert run.ran == "Quick Slow0 Slow1"
    left = command.leftovers()
    if number != signal.SIGKILL:  # which leaves nobody who could end what the tasks have started
        assert left == []
        assert list((project.store / "builds").iterdir()) == []
        assert "what was built is kept, and the next run goes on from there" in run.output
        assert "Traceback" not in run.output
    command.end_session()
    assert project.verify().is_clean
    assert project.run("All", "--workers", "2").ran == "Slow0 Slow1 Slow2 Slow3"


def test_ctrl_c_in_a_terminal_reaches_the_run_alone(project):
    """A terminal signals the whole foreground group; workers are in groups of their own."""
    project.tasks(TASKS)
    command = project.start("run", "proj.tasks.All", "--workers", "2", HOLD="1")
    project.await_bodies(3)
    run = command.end_after(0, signal.SIGINT, group=True)
    assert run.code == 130
    assert "KeyboardInterrupt" not in run.output
    assert command.leftovers() == []


def test_a_build_that_does_not_listen_is_ended_all_the_same(project):
    project.tasks(TASKS)
    project.edit(
        'if "HOLD" in os.environ:',
        'if "HOLD" in os.environ:\n            import signal\n            signal.signal(signal.SIGTERM, signal.SIG_IGN)',
    )
    command = project.start("run", "proj.tasks.All", "--workers", "2", HOLD="1")
    project.await_bodies(3)
    assert command.end_after(0, signal.SIGTERM).code == 143
    assert command.leftovers() == []


def test_an_inline_run_that_is_ended_keeps_what_was_built(project):
    project.tasks(TASKS)
    inline = {"LAW__lawnix__executor": "inline"}
    command = project.start("run", "proj.tasks.All", HOLD="1", **inline)
    project.await_bodies(2)
    run = command.end_after(0, signal.SIGINT)
    assert run.code == 130
    command.end_session()
    assert project.verify().is_clean
    assert list((project.store / "builds").iterdir()) == []
    assert project.run("All", **inline).ran == "Slow0 Slow1 Slow2 Slow3"


def test_a_claim_ends_with_the_process_that_had_it(project):
    project.tasks(TASKS)
    command = project.start("run", "proj.tasks.All", "--workers", "2", HOLD="1")
    project.await_bodies(3)
    command.end_after(0, signal.SIGKILL)
    try:
        assert project.run("Slow", "--number", "0").ran == "Slow0"
    finally:
        command.end_session()
