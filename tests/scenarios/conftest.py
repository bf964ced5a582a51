"""A project of somebody's, in which `law run` is called as from a shell, and what ran is counted by the tasks themselves."""

import configparser
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from lawnix.store.local import LocalStore
from lawnix.store.verify import Verified, verify

HERE = Path(__file__).parent
PATIENCE = 60.0  # s; a command that takes longer is hanging

# the tasks say so themselves when they run; not in the package of the tasks, so no part of their code
RAN = """
import os

def ran(name):
    descriptor = os.open(os.environ["RAN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{name}\\n".encode())
    os.close(descriptor)
"""

HEAD = """
import os
import law
import luigi
import lawnix
from ran import ran
"""

CONFIGURATION = """
[lawnix]
store: store
results: results
progress: plain
durability: none

[luigi_core]
local_scheduler: True
no_lock: True
log_level: INFO
"""


@dataclass(frozen=True)
class Run:
    """How a command ended.

    Attributes:
        code: Its exit code; negative for a signal.
        output: What it printed.
        bodies: The bodies that ran while it did, in their order.
    """

    code: int
    output: str
    bodies: tuple[str, ...]

    @property
    def ran(self) -> str:
        """The bodies that ran, sorted, each as often as it ran."""
        return " ".join(sorted(self.bodies))

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.bodies)


class Warm:
    """Starts commands in forks of a process that has law and lawnix imported."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAW")}
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "warm.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=directory,
            env={**environment, "LAW_HOME": str(directory)},
            start_new_session=True,
        )

    def ask(self, order: Mapping[str, object]) -> dict:
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Command:
    """A command that was started in a project."""

    def __init__(self, project: "Project", pid: int, output: Path) -> None:
        self.project, self.pid, self.output = project, pid, output

    def wait(self) -> Run:
        seconds = self.project.patience
        code = self._wait(seconds)
        if code is None:
            end_session(self.pid)
            self._wait(seconds)
            raise AssertionError(f"did not end within {seconds} s:\n{self.output.read_text()}")
        return self.project.finished(code, self.output)

    def end_after(self, seconds: float, number: int = signal.SIGKILL, *, group: bool = False) -> Run:
        """Send a signal to the process, or to its group, after so many seconds if it still runs."""
        code = self._wait(seconds)
        if code is None:
            (os.killpg if group else os.kill)(self.pid, number)
            return self.wait()
        return self.project.finished(code, self.output)

    def _wait(self, seconds: float) -> int | None:
        return self.project.warm.ask({"wait": self.pid, "seconds": seconds})["code"]

    def end_session(self) -> None:
        end_session(self.pid)

    def leftovers(self) -> list[int]:
        """What is left of the command and what it started, after a moment in which the system may end it."""
        deadline = time.monotonic() + 5
        while (left := session_of(self.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left


class Project:
    """A directory with a package `proj`, a law.cfg, a store and results."""

    def __init__(self, root: Path, warm: Warm) -> None:
        self.warm = warm
        self.move(root)
        self.patience = PATIENCE
        self._count = 0
        (root / "proj").mkdir(parents=True)
        self.write("law.cfg", CONFIGURATION)
        self.write("ran.py", RAN)
        self.write("proj/__init__.py", "")

    def move(self, root: Path) -> None:
        """Be the project in the directory `root`."""
        self.root = root
        self.store = root / "store"
        self.results = root / "results"
        self._seen = len(self._bodies())

    # ------------------------------------------------------------------------------------- its files

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def tasks(self, text: str, module: str = "tasks") -> None:
        """Write `proj/<module>.py`."""
        self.write(f"proj/{module}.py", HEAD + textwrap.dedent(text))

    def edit(self, old: str, new: str, name: str = "proj/tasks.py") -> None:
        """Replace what must occur once."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new))

    def configure(self, section: str, option: str, value: str) -> None:
        """Set an option in law.cfg."""
        config = configparser.ConfigParser(interpolation=None)
        config.read(self.root / "law.cfg")
        if not config.has_section(section):
            config.add_section(section)
        config.set(section, option, value)
        with (self.root / "law.cfg").open("w") as file:
            config.write(file)

    # ------------------------------------------------------------------------------------- commands

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LAW", "PYTEST"))}
        return {
            **kept,
            "LAW_HOME": str(self.root / ".law"),
            "LAW_CONFIG_FILE": str(self.root / "law.cfg"),
            "RAN": str(self.root / "ran.txt"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "120",
            "LINES": "50",
            "PYTHONPATH": os.pathsep.join([str(self.root), str(HERE.parents[1])]),
        }

    def law(self, *argv: str, code: int | None = 0, prelude: Path | None = None, **environment: str) -> Run:
        """`law <argv>`; its exit code must be `code`, if that is not None."""
        return expect(self.start(*argv, prelude=prelude, **environment).wait(), code)

    def run(self, task: str, *argv: str, code: int | None = 0, **environment: str) -> Run:
        """`law run proj.tasks.<task> <argv>`."""
        return self.law("run", f"proj.tasks.{task}", *argv, code=code, **environment)

    def start(self, *argv: str, prelude: Path | None = None, **environment: str) -> Command:
        """Start `law <argv>` and do not wait for it."""
        self._count += 1
        output = self.root / f"output-{self._count}.txt"
        order = {
            "argv": argv,
            "directory": str(self.root),
            "environment": {**self.environment, **environment},
            "output": str(output),
            "prelude": prelude and str(prelude),
        }
        return Command(self, self.warm.ask(order)["pid"], output)

    def fresh_law(self, *argv: str, code: int | None = 0, **environment: str) -> Run:
        """As `law()`, in a process that was started for it."""
        return self.fresh(sys.executable, "-m", "law", *argv, code=code, **environment)

    def fresh(self, *command: str, code: int | None = 0, **environment: str) -> Run:
        """Any command, in a process of its own."""
        self._count += 1
        output = self.root / f"output-{self._count}.txt"
        with output.open("w") as file:
            done = subprocess.run(
                command,
                cwd=self.root,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                timeout=PATIENCE,
                check=False,
                start_new_session=True,
            )
        return expect(self.finished(done.returncode, output), code)

    def await_bodies(self, count: int) -> None:
        """Come back when so many bodies have run since the last command ended."""
        deadline = time.monotonic() + PATIENCE
        while len(self._bodies()) - self._seen < count:
            assert time.monotonic() < deadline, f"only {self._bodies()[self._seen :]} ran"
            time.sleep(0.005)

    def _bodies(self) -> list[str]:
        ran = self.root / "ran.txt"
        return ran.read_text().split("\n")[:-1] if ran.exists() else []

    def finished(self, code: int, output: Path) -> Run:
        bodies = self._bodies()
        before, self._seen = self._seen, len(bodies)
        return Run(code, output.read_text(errors="replace"), tuple(bodies[before:]))

    # ---------------------------------------------------------------------------------- what it left

    def result(self, pattern: str) -> Path:
        """The one file below the results that fits `pattern`."""
        (found,) = [path for path in self.results.glob(pattern) if path.is_file()]
        return found

    def text(self, pattern: str) -> str:
        return self.result(pattern).read_text()

    def verify(self) -> Verified:
        store = LocalStore.open(self.store, create=False)
        try:
            return verify(store)
        finally:
            store.close()


def expect(run: Run, code: int | None) -> Run:
    assert code is None or run.code == code, f"exit code {run.code}, not {code}:\n{run.output}"
    return run


def session_of(leader: int) -> list[int]:
    """The living processes of a session."""
    living = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if session == str(leader) and state not in "ZX":
                living.append(int(entry.name))
    return living


def end_session(leader: int) -> None:
    for pid in session_of(leader):
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            continue


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    process = Warm(tmp_path_factory.mktemp("warm") / "nowhere")
    yield process
    process.close()


@pytest.fixture
def project(tmp_path: Path, warm: Warm) -> Iterator[Project]:
    yield Project(tmp_path / "project", warm)
    subprocess.run(["chmod", "-R", "u+w", str(tmp_path)], check=True)  # what is frozen cannot be removed
    shutil.rmtree(tmp_path)
