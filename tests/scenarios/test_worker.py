"""The worker in luigi's place: what luigi promises about running tasks holds."""

import re
import socket
import subprocess
import sys
import time

import pytest

NAMED = """
class T(lawnix.Task):
    name = luigi.Parameter()

    def output(self):
        return self.target("t.txt")

    def run(self):
        ran(self.name)
        self.output().dump(self.name, formatter="text")
"""


# ------------------------------------------------------------------------------------ order


def test_larger_priorities_go_first(project):
    project.tasks(NAMED + """
    @property
    def priority(self):
        return {"middle": 5, "high": 100}.get(self.name, 0)

class All(lawnix.WrapperTask):
    def requires(self):
        return [T(name=name) for name in ("none", "middle", "high")]
""")  # fmt: skip
    assert project.run("All").bodies == ("high", "middle", "none")


@pytest.mark.parametrize(
    "said",
    [
        "priority = luigi.IntParameter(significant=False)",
        "@property\n    def priority(self): return self.urgency\n    urgency = luigi.IntParameter()",
    ],
    ids=["parameter", "property"],
)
def test_of_very_many_tasks_each_tells_its_priority(project, said):
    """None of them is kept, and one does not speak for all where the class lets each tell."""
    project.tasks(NAMED + f"""
    {said}

class All(lawnix.WrapperTask):
    def requires(self):
        name = "priority" if "priority" in dict(T.get_params()) else "urgency"
        return [T(name=f"{{number:03}}", **{{name: number}}) for number in range(150)]
""")  # fmt: skip
    assert project.run("All").bodies == tuple(f"{number:03}" for number in reversed(range(150)))


def test_what_an_urgent_task_needs_is_urgent(project):
    project.tasks(NAMED + """
class Urgent(lawnix.Task):
    priority = 10

    def requires(self):
        return T(name="needed")

    def output(self):
        return self.target("u.txt")

    def run(self):
        ran("urgent")
        self.output().dump("u", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [T(name="first"), T(name="second"), Urgent()]
""")  # fmt: skip
    assert project.run("All").bodies == ("needed", "urgent", "first", "second")


ONE_AT_A_TIME = """
import time

class T(lawnix.Task):
    number = luigi.IntParameter()
    resources = {"gpu": 1}

    def output(self):
        return self.target("t.txt")

    def run(self):
        ran(f"T{self.number}")
        os.mkdir("busy")  # raises if another has it
        time.sleep(0.02)
        os.rmdir("busy")
        self.output().dump("t", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [T(number=number) for number in range(6)]
"""


def test_resources_are_not_used_twice(project):
    project.tasks(ONE_AT_A_TIME)
    project.configure("luigi_resources", "gpu", "1")
    assert len(project.run("All", "--workers", "3").bodies) == 6


def test_a_task_that_wants_more_than_there_is_fails_by_its_name(project):
    project.tasks(ONE_AT_A_TIME)
    project.edit('{"gpu": 1}', '{"gpu": 3}')
    project.configure("luigi_resources", "gpu", "2")
    run = project.run("T", "--number", "1", code=None)
    assert run.code != 0
    assert run.ran == ""
    assert "T(number=1) needs more than there is of gpu (3, there is 2)" in run.output


# ------------------------------------------------------------------------------------ trying again

UNLUCKY = """
class Unlucky(lawnix.Task):
    retry_count = 3

    def output(self):
        return self.target("u.txt")

    def run(self):
        ran("Unlucky")
        with open("tries.txt", "a+") as file:
            file.write("x")
            file.seek(0)
            if len(file.read()) < 3:
                raise ValueError("not yet")
        self.output().dump("u", formatter="text")
"""


def test_a_task_is_tried_as_often_as_it_says(project):
    project.tasks(UNLUCKY)
    run = project.run("Unlucky")
    assert run.ran == "Unlucky Unlucky Unlucky"
    assert "there were failed tasks but they all succeeded in a retry" in run.output


def test_a_task_is_not_tried_more_often_than_it_says(project):
    project.tasks(UNLUCKY)
    project.edit("retry_count = 3", "retry_count = 2")
    assert project.run("Unlucky", code=40).ran == "Unlucky Unlucky"


def test_a_task_that_says_nothing_is_tried_once(project):
    project.tasks(UNLUCKY)
    project.edit("    retry_count = 3\n", "")
    assert project.run("Unlucky", code=40).ran == "Unlucky"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_build_that_takes_too_long_is_ended(project, workers):
    project.tasks("""
import time

class Slow(lawnix.Task):
    worker_timeout = 0.5

    def output(self):
        return self.target("slow.txt")

    def run(self):
        ran("Slow")
        self.output().dump("half", formatter="text")
        time.sleep(60)

class Quick(lawnix.Task):
    def output(self):
        return self.target("quick.txt")

    def run(self):
        ran("Quick")
        self.output().dump("quick", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Slow(), Quick()]
""")  # fmt: skip
    command = project.start("run", "proj.tasks.All", "--workers", workers)
    run = command.wait()
    assert run.code == 40
    assert run.ran == "Quick Slow"
    assert "Slow() took longer than 0.5 s and was ended" in run.output
    assert command.leftovers() == []
    assert list((project.store / "builds").iterdir()) == []
    assert project.verify().is_clean


# ------------------------------------------------------------------------------------ what luigi is told

EVENTS = (
    NAMED
    + """
class Fails(lawnix.Task):
    def output(self):
        return self.target("f.txt")

    def run(self):
        ran("Fails")
        raise ValueError("no luck")

class After(lawnix.Task):
    def requires(self):
        return Fails()

    def output(self):
        return self.target("after.txt")

    def run(self):
        ran("After")

class External(lawnix.ExternalTask):
    def output(self):
        return law.LocalFileTarget("nowhere.txt")

class Reader(lawnix.Task):
    def requires(self):
        return External()

    def output(self):
        return self.target("reader.txt")

    def run(self):
        ran("Reader")

class Broken(lawnix.Task):
    def requires(self):
        raise KeyError("no such thing")

    def output(self):
        return self.target("broken.txt")

    def run(self):
        ran("Broken")

class Good(lawnix.WrapperTask):
    def requires(self):
        return [T(name="one"), T(name="two")]

class Bad(lawnix.WrapperTask):
    def requires(self):
        return [T(name="one"), After()]

class Missing(lawnix.WrapperTask):
    def requires(self):
        return [T(name="one"), Reader()]

def told(event):
    def tell(task, *args):
        shown = " ".join(type(arg).__name__ for arg in args)
        with open("events.txt", "a") as file:
            file.write(f"{event.rpartition('.')[2]} {task.get_task_family()} {shown}".strip() + "\\n")
    return tell

for event in ("START", "SUCCESS", "FAILURE", "PROCESSING_TIME", "BROKEN_TASK"):
    event = getattr(luigi.Event, event)
    luigi.Task.event_handler(event)(told(event))
"""
)


def events(project):
    path = project.root / "events.txt"
    return path.read_text().splitlines() if path.exists() else []


def test_events_of_a_task_that_is_built(project):
    project.tasks(EVENTS)
    project.run("T", "--name", "one")
    assert events(project) == [
        "start T",
        "processing_time T float",
        "success T",
    ]
    project.run("T", "--name", "one")
    assert len(events(project)) == 3  # what is not built has none


def test_events_of_a_task_that_fails(project):
    project.tasks(EVENTS)
    project.run("After", code=40)
    first, second = events(project)
    assert first == "start Fails"
    assert re.fullmatch(r"failure Fails \w+", second)


def test_events_of_a_task_that_cannot_be_scheduled(project):
    project.tasks(EVENTS)
    run = project.run("Broken", code=50)
    assert events(project) == ["broken Broken KeyError"]
    assert "no such thing" in run.output


@pytest.mark.parametrize(
    ("task", "code", "words"),
    [
        ("Good", 0, "3 ran successfully: 1 Good, 2 T. looks :)"),
        (
            "Bad",
            40,
            "1 ran successfully: 1 T. 1 failed: 1 Fails. 2 had failed dependencies: 1 After, 1 Bad. looks :(",
        ),
        (
            "Missing",
            20,
            (
                "1 ran successfully: 1 T. 1 were missing external dependencies: 1 External. "
                "2 had missing dependencies: 1 Missing, 1 Reader. looks :|"
            ),
        ),
        ("Broken", 50, "1 failed scheduling: 1 Broken. looks :("),
    ],
)
def test_the_summary_and_the_exit_code_are_luigis(project, task, code, words):
    project.tasks(EVENTS)
    summary = project.run(task, code=code).output.rpartition("Scheduled")[2]
    told = re.findall(r"(?:\* (\d+ .*:)(?<!among these:)|- (\d+ \w+)|(looks \S+))", summary)
    groups = re.sub(r",? *(\d+ [^,.]*?:)", r". \1", ", ".join("".join(parts) for parts in told))
    assert groups.replace(":, ", ": ").replace(", looks", ". looks").lstrip(". ") == words, summary


def test_the_summary_of_a_run_that_has_nothing_to_do(project):
    project.tasks(EVENTS)
    project.run("T", "--name", "one")
    run = project.run("T", "--name", "one")
    assert "* 1 complete ones were encountered:" in run.output
    assert "Did not run any tasks" in run.output


def test_the_exit_code_of_an_exception_outside_of_tasks(project):
    project.tasks("raise KeyError('at import')")
    run = project.run("T", code=None)
    assert run.code != 0
    assert "at import" in run.output


def test_the_same_command_twice_at_once_is_refused_if_luigi_shall_lock(project):
    project.tasks(NAMED)
    project.edit("ran(self.name)", "ran(self.name)\n        while os.path.exists('hold'):\n            pass")
    project.write("hold", "")
    lock = {"LAW__luigi_core__no_lock": "False", "LAW__luigi_core__lock_pid_dir": str(project.root / "lock")}
    first = project.start("run", "proj.tasks.T", "--name", "one", **lock)
    project.await_bodies(1)
    try:
        second = project.run("T", "--name", "one", code=10, **lock)
    finally:
        (project.root / "hold").unlink()
    assert first.wait().code == 0
    assert second.code == 10


# ------------------------------------------------------------------------------------ other doors


def test_luigi_build_runs_the_tasks_it_is_given(project):
    project.tasks(EVENTS)
    script = project.write(
        "script.py",
        """
        import sys
        import luigi
        from proj.tasks import After, Good, T

        tasks = [T(name="one"), T(name="three"), Good()]
        assert luigi.build(tasks, local_scheduler=True, workers=2)
        assert all(task.complete() for task in tasks)
        result = luigi.build([After(), T(name="four")], local_scheduler=True, detailed_summary=True)
        assert result.status is luigi.LuigiStatusCode.FAILED, result.status
        assert T(name="three").output().load(formatter="text") == "three"
        sys.exit(7)
    """,
    )
    run = project.fresh(sys.executable, str(script), code=7)
    assert run.ran == "Fails four one three two"


def test_run_called_on_a_task_realizes_it(project):
    project.tasks(EVENTS)
    script = project.write(
        "script.py",
        """
        from proj.tasks import T

        task = T(name="one")
        assert not task.complete()
        task.run()
        assert task.complete()
        print(task.output().load(formatter="text"))
        task.run()
    """,
    )
    run = project.fresh(sys.executable, str(script))
    assert run.ran == "one"
    assert run.output.splitlines()[-1] == "one"


def test_inline_builds_need_no_other_process(project):
    project.tasks(NAMED)
    project.edit("ran(self.name)", "ran(f'{os.getpid() == os.getsid(0)}')")
    assert project.run("T", "--name", "one", LAW__lawnix__executor="inline").ran == "True"
    assert project.run("T", "--name", "two").ran == "False"


@pytest.fixture
def luigid(tmp_path):
    """A central scheduler; the port that it listens on."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "import luigi.cmdline; luigi.cmdline.luigid()", "--port", str(port)]
    with (tmp_path / "luigid.txt").open("w") as output:
        process = subprocess.Popen(
            [*command, "--address", "localhost"], stdout=output, stderr=output, cwd=tmp_path
        )
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as client:
            if client.connect_ex(("localhost", port)) == 0:
                break
        alive = process.poll() is None and time.monotonic() < deadline
        assert alive, (tmp_path / "luigid.txt").read_text()
        time.sleep(0.05)
    yield str(port)
    process.terminate()
    process.wait(10)


def test_with_a_central_scheduler_luigis_worker_runs_the_same_tasks(project, luigid):
    project.tasks(EVENTS + """
class Last(lawnix.Task):
    def requires(self):
        return Good()

    def output(self):
        return self.target("last.txt")

    def run(self):
        ran("Last")
        self.output().dump("last", formatter="text")
""")  # fmt: skip
    central = {"LAW__luigi_core__local_scheduler": "False"}
    where = ("--scheduler-host", "localhost", "--scheduler-port", luigid)
    assert project.run("Last", *where, **central).ran == "Last one two"
    assert project.run("Last", *where, **central).ran == ""
    assert project.run("Last").ran == ""  # they have the same results
    assert project.run("After", *where, code=40, **central).ran == "Fails"
