"""How each system is asked for a piece of work, and what it cannot do."""

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import peers
from benchmarks.workloads import CUTOFF, NOTHING, TOUCHED, outputs

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"

LAW_CONFIG = """[lawnix]
store: store
results: results

[luigi_core]
local_scheduler: True
no_lock: True
log_level: WARNING
"""

REDUN_CONFIG = """[backend]
db_uri = sqlite:///redun.db

[executors.default]
type = local
max_workers = {workers}
"""


@dataclass(frozen=True)
class Request:
    """One call: a workload at a size, with so many workers."""

    workload: str
    size: int
    workers: int

    @property
    def task(self) -> str:
        """The workload as a class: `large-file` is LargeFile."""
        return self.workload.title().replace("-", "")


@dataclass(frozen=True)
class System:
    """A system that runs the workloads.

    Attributes:
        name: For the table and `--systems`.
        peer: Whose environment it runs in.
        mode: What of its modes this is.
        command: What a user would type, after the directory of the interpreter.
        files: What lies in the directory beforehand.
        cannot: Reasons, by workload, by step, or by both with a blank between.
        only: The workloads that it is there for, if not for all.
        workers: The most that it can have.
        pretend: What makes it take outputs for made that were written by hand, for want of the time to make them;
            None if nothing does.
    """

    name: str
    peer: str
    mode: str
    command: Callable[[Path, Request], Sequence[str | Path]]
    files: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    only: Collection[str] = ()
    workers: int = 2
    pretend: Callable[[Path, Request], Sequence[str | Path]] | None = None

    def reason(self, workload: str, step: str, workers: int) -> str | None:
        """Why it cannot do that, if so; everybody can start."""
        if workload == "start":
            return None
        if workers > self.workers:
            return "has one worker"
        keys = (f"{workload} {step}", workload, step)
        return next((self.cannot[key] for key in keys if key in self.cannot), None)

    def version(self, folder: Path) -> str:
        """What it says of itself."""
        if self.peer == "b3sum":
            told = subprocess.run([folder / "b3sum", "--version"], capture_output=True, text=True, check=True)
            return told.stdout.split()[1]
        return peers.version(self.peer, folder / "python")

    def environment(self, directory: Path) -> Mapping[str, str]:
        """Beyond what a shell has."""
        return {
            "PYTHONPATH": f"{PROGRAMS}{os.pathsep}{peers.TOP}" if self.peer == "lawnix" else str(PROGRAMS),
            "LAW_HOME": str(directory / "home"),
            "LAW_CONFIG_FILE": str(directory / "law.cfg"),
        }

    def furnish(self, directory: Path, workers: int) -> None:
        """Have everything in its place."""
        for name, text in self.files.items():
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).write_text(text.replace("{workers}", str(workers)), "utf-8")

    def pretended(self, folder: Path, directory: Path, request: Request) -> Sequence[str | Path]:
        """Write by hand what a cold run would have written; what has to be run then."""
        assert self.pretend is not None
        for name in outputs(request.workload, request.size):
            path = directory / "out" / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("1")
        return self.pretend(folder, request)


EXISTENCE = "looks at whether outputs exist, not at what they were made from"
FILES_ONLY = "has no functions whose results are values"
PLANNED = "planned"
BY_ARGUMENTS = "knows a call by its arguments, which are paths, not by what the files hold"
LARGE = ("start", "large-file")


def _task_command(start: Sequence[str | Path], task: str, request: Request) -> Sequence[str | Path]:
    size = [] if request.workload == "start" else ["--size", str(request.size)]
    return [*start, task, *size, "--workers", str(request.workers)]


def digest(flush: str) -> Callable[[Path, Request], Sequence[str | Path]]:
    """b3sum, on a file that a script of ours has written."""
    return lambda folder, request: [
        sys.executable,
        PROGRAMS / "work_b3sum.py",
        request.workload,
        str(request.size),
        str(request.workers),
        flush,
        folder / "b3sum",
    ]


def law_run(module: str) -> Callable[[Path, Request], Sequence[str | Path]]:
    """`law run`, with the tasks of a module."""
    return lambda folder, request: _task_command([folder / "law", "run"], f"{module}.{request.task}", request)


def luigi_run(folder: Path, request: Request) -> Sequence[str | Path]:
    """luigi's own command, which is part of its package."""
    start = [folder / "luigi", "--module", "work_luigi", "--local-scheduler", "--no-lock"]
    return _task_command([*start, "--log-level", "WARNING"], request.task, request)


def redun_run(folder: Path, request: Request) -> Sequence[str | Path]:
    """redun's own command; where its database is, and how many threads it has, is in redun.ini."""
    size = [] if request.workload == "start" else ["--size", str(request.size)]
    task = request.workload.replace("-", "_")
    return [folder / "redun", "run", PROGRAMS / "work_redun.py", task, *size]


def snakemake(*more: str) -> Callable[[Path, Request], Sequence[str | Path]]:
    """snakemake, with its faster scheduler."""
    return lambda folder, request: [
        folder / "snakemake",
        "--snakefile",
        PROGRAMS / "Snakefile",
        "--cores",
        str(request.workers),
        "--scheduler",
        "greedy",
        "--quiet",
        "all",
        *more,
        "--config",
        f"workload={request.workload}",
        f"size={request.size}",
    ]


def script(name: str, *more: str) -> Callable[[Path, Request], Sequence[str | Path]]:
    """A script of ours with a workload, a size, and a number of workers."""
    return lambda folder, request: [
        folder / "python",
        PROGRAMS / name,
        request.workload,
        str(request.size),
        str(request.workers),
        *more,
    ]


def existence(folder: Path, request: Request) -> Sequence[str | Path]:
    """Nothing has to be run: that the files are there is enough."""
    return ["true"]


SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (
        System(
            "lawnix",
            "lawnix",
            "as it comes: results are flushed to disk before a run ends",
            law_run("work_lawnix"),
            {"law.cfg": LAW_CONFIG},
            {"functions": PLANNED},
        ),
        System(
            "law",
            "law",
            "as it comes",
            law_run("work_law"),
            {"law.cfg": LAW_CONFIG},
            {TOUCHED: EXISTENCE, CUTOFF: EXISTENCE, "functions": FILES_ONLY},
            pretend=existence,
        ),
        System(
            "luigi",
            "luigi",
            "local scheduler",
            luigi_run,
            {},
            {TOUCHED: EXISTENCE, CUTOFF: EXISTENCE, "functions": FILES_ONLY},
            pretend=existence,
        ),
        System(
            "pypipegraph2",
            "pypipegraph2",
            "jobs run in its own process, in threads; no log",
            script("work_pypipegraph2.py", "here"),
            {},
            {"functions": "keeps no results of functions but in files"},
        ),
        System(
            "pypipegraph2, fork",
            "pypipegraph2",
            "as it comes: a fork for each job; no log",
            script("work_pypipegraph2.py", "fork"),
            {},
            {"functions": "keeps no results of functions but in files"},
        ),
        System(
            "redun",
            "redun",
            "threads; values are files",
            redun_run,
            {".redun/redun.ini": REDUN_CONFIG},
        ),
        System(
            "snakemake",
            "snakemake",
            "shell rules; greedy scheduler; quiet",
            snakemake(),
            {},
            {"functions": FILES_ONLY},
            pretend=snakemake("--touch"),
        ),
        System(
            "pylightnix",
            "pylightnix",
            "as it comes",
            script("work_pylightnix.py"),
            {},
            {"functions": FILES_ONLY},
            workers=1,
        ),
        System(
            "noodles",
            "noodles",
            "keeps nothing; files are written on the side",
            script("work_noodles.py", "forget"),
            {},
            {NOTHING: "keeps nothing between runs", TOUCHED: BY_ARGUMENTS, CUTOFF: BY_ARGUMENTS},
        ),
        System(
            "noodles, kept",
            "noodles",
            "results in SQLite; files are written on the side",
            script("work_noodles.py", "keep"),
            {},
            {TOUCHED: BY_ARGUMENTS, CUTOFF: BY_ARGUMENTS},
        ),
        System("b3sum", "b3sum", "digests a file that is there; keeps nothing", digest("leave"), only=LARGE),
        System(
            "b3sum, fsync", "b3sum", "the same, and flushes the file to disk", digest("flush"), only=LARGE
        ),
    )
}


def programs_of(system: System, environments: Path) -> Path:
    """The directory of the programs of a system's environment.

    Raises:
        OSError: It is not to be had.
    """
    if system.peer == "b3sum":
        return peers.b3sum(environments).parent
    return peers.PEERS[system.peer].interpreter(environments).parent


def path_of(folder: Path) -> str:
    """What PATH is, so that a system finds its own programs first."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
