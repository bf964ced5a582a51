"""What a command takes: elapsed time, CPU time and memory, with all its children."""

import contextlib
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

_PR_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h
_PATIENCE: Final = 5.0  # s for what was left behind to end


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of user and system time, of the process and all that came of it.
        memory: Bytes that the largest of these processes had at its peak; at least what this process has.
        over: It was stopped at the limit, so all the others are lower bounds.
    """

    wall: float
    cpu: float
    memory: int = 0
    over: bool = False

    def less(self, wall: float, cpu: float) -> "Cost":
        return Cost(self.wall - wall, self.cpu - cpu, self.memory, self.over)


class CommandError(Exception):
    """A command failed.

    Attributes:
        said: All that it said.
    """

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"{command} failed:\n{said[-3000:]}")
        self.said = said

    @property
    def reason(self) -> str:
        """The first line that names an error, or the last of all."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()] or ["it said nothing"]
        return next((line for line in lines if re.search(r"Error: .|Internal error", line)), lines[-1])


def cost(
    command: Sequence[str | Path], directory: Path, environment: Mapping[str, str], limit: float
) -> Cost:
    """Run `command` in `directory`, for at most `limit` seconds; its output goes to the file `log` there.

    Raises:
        CommandError: It failed before the limit.
    """
    log = os.open(directory / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    words = ["/usr/bin/env", "-C", str(directory), *map(str, command)]
    answer, told = os.pipe()
    keeper = os.fork()
    if not keeper:
        try:
            _keep(words, environment, log, limit, told)
        except BaseException:  # noqa: BLE001  # nothing may return into the copied frames of the caller
            sys.excepthook(*sys.exc_info())
            os._exit(70)
    os.close(told)
    os.close(log)
    with open(answer, "rb") as file:
        said = file.read()
    os.waitpid(keeper, 0)
    if not said:
        raise CommandError(" ".join(words[3:]), "it could not be started")
    found = json.loads(said)
    if found.pop("status") and not found["over"]:
        raise CommandError(" ".join(words[3:]), (directory / "log").read_text("utf-8", "replace"))
    return Cost(**found)


def _keep(
    words: Sequence[str], environment: Mapping[str, str], log: int, limit: float, told: int
) -> NoReturn:
    """Run a command, and be the parent of whatever it leaves behind, so that this is counted, too; ends the process."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    over = False

    def stop(*_: object) -> None:
        nonlocal over
        over = True
        os.killpg(pid, signal.SIGKILL)

    started = time.perf_counter()
    to_log = [(os.POSIX_SPAWN_DUP2, log, stream) for stream in (1, 2)]
    pid = os.posix_spawn(words[0], words, environment, file_actions=to_log, setpgroup=0)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    signal.setitimer(signal.ITIMER_REAL, 0)
    deadline = time.monotonic() + _PATIENCE
    with contextlib.suppress(ChildProcessError):  # nothing is left
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
    taken = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = {"wall": wall, "cpu": taken.ru_utime + taken.ru_stime, "memory": used.ru_maxrss * 1024}
    os.write(told, json.dumps({**said, "over": over, "status": status}).encode())
    os._exit(0)


class Place:
    """A directory of its own for one system and one piece of work, in which commands are run and bodies counted."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        limit: float,
        elsewhere: Callable[[], float] | None = None,
    ) -> None:
        """Commands are run in `directory`; `elsewhere` tells CPU seconds so far of what works for them beside them."""
        self.directory, self._limit = directory, limit
        self._elsewhere = elsewhere or (lambda: 0.0)
        self._tally, self._own = directory / "tally", directory / "own"
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LAW", "LUIGI", "PYTHON", "VIRTUAL_ENV"))
        }
        self._environment = {
            **inherited,
            **environment,
            "BENCHMARK_TALLY": str(self._tally),
            "BENCHMARK_OWN": str(self._own),
            "PYTHONHASHSEED": "0",
            "HOME": str(directory),
        }

    def run(self, command: Sequence[str | Path]) -> tuple[Cost, int]:
        """What a command took beyond the bodies' own work, and how many bodies ran."""
        for file in (self._tally, self._own):
            file.unlink(missing_ok=True)
        before = self._elsewhere()
        taken = cost(command, self.directory, self._environment, self._limit)
        taken = taken.less(0, before - self._elsewhere())
        if self._own.exists():
            for line in self._own.read_text().splitlines():
                taken = taken.less(**json.loads(line))
        return taken, self._tally.stat().st_size if self._tally.exists() else 0

    def remove(self) -> None:
        """Remove the directory, with what is frozen in it."""
        for folder, _, _ in os.walk(self.directory):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.directory)
