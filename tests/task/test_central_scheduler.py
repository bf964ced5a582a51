"""With a central scheduler luigi's own worker runs the same tasks, one by one."""

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lawnix

with_one_and_two_workers = pytest.mark.parametrize(
    "run", [1, 2], ids=["1 worker", "2 workers"], indirect=True
)

TASKS = """
class Numbers(lawnix.Task):
    n = luigi.IntParameter(default=3)
    def output(self):
        return self.target("numbers.json")
    def run(self):
        ran("Numbers")
        print("counting to", self.n)
        self.output().dump(list(range(self.n)))

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    n = luigi.IntParameter(default=3)
    def create_branch_map(self):
        return dict(enumerate(range(self.n)))
    def requires(self):
        return Numbers.req(self)
    def workflow_requires(self):
        return {"numbers": Numbers.req(self)}
    def output(self):
        return self.target("square.txt")
    def run(self):
        ran(f"Squares{self.branch}")
        self.output().dump(str(self.input().load()[self.branch_data] ** 2))

class Sum(lawnix.Task):
    n = luigi.IntParameter(default=3)
    def requires(self):
        return Squares.req(self)
    def output(self):
        return self.target("sum.txt")
    def run(self):
        ran("Sum")
        self.output().dump(str(sum(int(t.load()) for t in self.input()["collection"].targets.values())))

class Asking(lawnix.Task):
    def output(self):
        return self.target("asking.txt")
    def run(self):
        targets = yield [Numbers(n=n) for n in (1, 2)]
        more = yield {"sum": Sum()}
        ran("Asking")
        self.output().dump(f"{[len(t.load()) for t in targets]} {more['sum'].load()}")

class Plain(law.Task):
    def requires(self):
        return Sum()
    def output(self):
        return law.LocalFileTarget("$LAW_HOME/plain.txt")
    def run(self):
        ran("Plain")
        self.output().dump(self.input().load() + "!", formatter="text")

class AfterPlain(lawnix.Task):
    def requires(self):
        return Plain()
    def output(self):
        return self.target("after.txt")
    def run(self):
        ran("AfterPlain")
        self.output().dump(self.input().load() + "!")

class Failing(lawnix.Task):
    def requires(self):
        return Numbers(n=7)
    def output(self):
        return self.target("failing.txt")
    def run(self):
        ran("Failing")
        self.output().dump("half")
        raise ValueError("no luck")

class Below(lawnix.Task):
    def requires(self):
        return Failing()
    def output(self):
        return self.target("below.txt")
    def run(self):
        ran("Below")

class Told(lawnix.Task):
    fails = luigi.BoolParameter()
    def output(self):
        return self.target("told.txt")
    def run(self):
        self.output().dump("told")
        if self.fails:
            raise ValueError("no luck")
    def on_success(self):
        ran("success")
    def on_failure(self, error):
        ran("failure")
        return super().on_failure(error)

class Most(lawnix.WrapperTask):
    def requires(self):
        return [Below(), Sum()]
"""


class Scheduler:
    """A luigid on a port of its own."""

    def __init__(self, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port = server.getsockname()[1]
        # as it is, luigid does not let a task run again within 10 s
        (directory / "luigi.cfg").write_text("[scheduler]\nstable_done_cooldown_secs=0\n")
        self._process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("luigid")),
                *("--address", "127.0.0.1", "--port", str(self.port)),
                *("--state-path", str(directory / "luigid.state")),
            ],
            cwd=directory,
            env={**os.environ, "LUIGI_CONFIG_PATH": str(directory / "luigi.cfg")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = []
        for line in self._process.stderr:
            said.append(line)
            if "Scheduler starting up" in line:
                break
        else:
            pytest.fail(f"luigid did not start: {''.join(said)}")
        # else it stops when the pipe is full
        self._reader = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._reader.start()

    @property
    def arguments(self) -> list[str]:
        return [
            *("--local-scheduler", "False", "--scheduler-host", "127.0.0.1"),
            *("--scheduler-port", str(self.port)),
        ]

    def tasks(self, status: str) -> set[str]:
        """The families of the tasks that it knows to be in this state."""
        data = urllib.parse.urlencode({"data": json.dumps({"status": status, "upstream_status": ""})})
        url = f"http://127.0.0.1:{self.port}/api/task_list?{data}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return {task["name"] for task in json.load(answer)["response"].values()}

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._reader.join(30)
        self._process.stderr.close()


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    scheduler = Scheduler(tmp_path)
    yield scheduler
    scheduler.close()


@pytest.fixture
def run(request: pytest.FixtureRequest, playground: object, scheduler: Scheduler) -> Callable[..., object]:
    """`law run` with the central scheduler, in a process that may start others."""
    playground.tasks(TASKS)
    root = playground.root
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LAW")} | {
        "LAW_HOME": str(root / ".law"),
        "LAW_CONFIG_FILE": str(root / "law.cfg"),
        "PYTHONPATH": os.pathsep.join([str(root), str(Path(lawnix.__file__).parents[1])]),
        "RAN": str(root / "ran"),
    }
    law = str(Path(sys.executable).with_name("law"))

    def go(*argv: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [law, "run", *argv, *scheduler.arguments, "--workers", str(getattr(request, "param", 1))]
        said = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=root, env=environment, timeout=240
        )
        assert said.returncode == code, f"ended with {said.returncode}:\n{said.stdout}\n{said.stderr}"
        return said

    return go


@pytest.fixture
def read(playground: object) -> Callable[[str], str]:
    """The one output below results/ that this pattern finds."""

    def go(pattern: str) -> str:
        (path,) = (playground.root / "results").glob(pattern)
        return path.read_text()

    return go


@with_one_and_two_workers
def test_tasks_are_built_into_the_store_and_the_scheduler_knows(
    run: Callable[..., object], playground: object, scheduler: Scheduler, read: Callable[[str], str]
) -> None:
    said = run("play.Sum")
    assert "This progress looks :)" in said.stderr
    assert playground.ran() == ["Numbers", "Squares0", "Squares1", "Squares2", "Sum"]
    assert scheduler.tasks("DONE") == {"Numbers", "Squares", "Sum"}
    assert read("Sum/*/sum.txt") == "5"
    assert "counting to 3" in said.stdout


def test_again_nothing_runs(run: Callable[..., object], playground: object) -> None:
    run("play.Sum")
    playground.ran()
    run("play.Sum")
    assert playground.ran() == []
    playground.law("run", "play.Sum")
    assert playground.ran() == [], "nor without the scheduler"


def test_what_was_built_without_the_scheduler_is_not_built_again(
    run: Callable[..., object], playground: object
) -> None:
    playground.law("run", "play.Squares")
    playground.ran()
    run("play.Sum")
    assert playground.ran() == ["Sum"]


def test_what_changes_runs(
    run: Callable[..., object], playground: object, read: Callable[[str], str]
) -> None:
    run("play.Sum")
    playground.ran()
    playground.edit("** 2", "** 3")
    run("play.Sum")
    assert playground.ran() == ["Squares0", "Squares1", "Squares2", "Sum"]
    assert read("Sum/*/sum.txt") == "9"


@with_one_and_two_workers
def test_what_run_asks_for_is_built_first(
    run: Callable[..., object], playground: object, read: Callable[[str], str]
) -> None:
    run("play.Asking")
    assert playground.ran() == [
        "Asking",
        "Numbers",
        "Numbers",
        "Numbers",
        "Squares0",
        "Squares1",
        "Squares2",
        "Sum",
    ]
    assert read("Asking/*/asking.txt") == "[1, 2] 5"
    run("play.Asking")
    assert playground.ran() == []


def test_tasks_of_law_and_of_lawnix_require_each_other(
    run: Callable[..., object], playground: object, read: Callable[[str], str]
) -> None:
    run("play.AfterPlain")
    assert playground.ran() == ["AfterPlain", "Numbers", "Plain", "Squares0", "Squares1", "Squares2", "Sum"]
    assert read("AfterPlain/*/after.txt") == "5!!"
    run("play.AfterPlain")
    assert playground.ran() == []


@with_one_and_two_workers
def test_a_failure_stays_alone(run: Callable[..., object], playground: object, scheduler: Scheduler) -> None:
    said = run("play.Most", code=40)
    assert "ValueError: no luck" in said.stderr
    assert 'raise ValueError("no luck")' in said.stderr, "the author's line is shown"
    assert playground.ran() == ["Failing", "Numbers", "Numbers", "Squares0", "Squares1", "Squares2", "Sum"]
    assert scheduler.tasks("FAILED") == {"Failing"}
    assert list((playground.store / "builds").iterdir()) == []


def test_a_task_is_told_once_how_it_ended(run: Callable[..., object], playground: object) -> None:
    run("play.Told")
    assert playground.ran() == ["success"]
    run("play.Told", "--fails", "True", code=40)
    assert playground.ran() == ["failure"]
    playground.law("run", "play.Told", "--fails", "True", code=40)
    assert playground.ran() == ["failure"], "as without the scheduler"
