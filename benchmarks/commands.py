"""How each system is called: what a user would type for a piece of work, in the fastest mode that makes sense."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


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


# the directory of the programs of an environment, and what is asked for, to the words of a command
Command = Callable[[Path, Request], Sequence[str | Path]]


def law_run(module: str) -> Command:
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


def snakemake(*more: str) -> Command:
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
        *("progress", "rules", "host", "reason"),
        *more,
        "--config",
        f"workload={request.workload}",
        f"size={request.size}",
    ]


def script(name: str, *more: str) -> Command:
    """A script of ours with a workload, a size, and a number of workers."""
    return lambda folder, request: [
        folder / "python",
        PROGRAMS / name,
        request.workload,
        str(request.size),
        str(request.workers),
        *more,
    ]


def digest(flush: str) -> Command:
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


def existence(folder: Path, request: Request) -> Sequence[str | Path]:
    """Nothing has to be run: that the files are there is enough."""
    return ["true"]


def _task_command(start: Sequence[str | Path], task: str, request: Request) -> Sequence[str | Path]:
    size = [] if request.workload == "start" else ["--size", str(request.size)]
    return [*start, task, *size, "--workers", str(request.workers)]
