"""The systems: in which mode each is measured, and what it cannot do."""

import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import peers, sandboxes
from benchmarks.commands import (
    PROGRAMS,
    Command,
    Request,
    digest,
    existence,
    law_run,
    luigi_run,
    redun_run,
    script,
    snakemake,
)
from benchmarks.workloads import CUTOFF, NOTHING, SANDBOXED, TOUCHED, outputs

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
        has_sandboxes: Whether it builds in sandboxes of law's kinds.
    """

    name: str
    peer: str
    mode: str
    command: Command
    files: Mapping[str, str] = field(default_factory=dict)
    cannot: Mapping[str, str] = field(default_factory=dict)
    only: Collection[str] = ()
    workers: int = 2
    pretend: Command | None = None
    has_sandboxes: bool = False

    def reason(self, workload: str, step: str, workers: int) -> str | None:
        """Why it cannot do that, if so; everybody can start."""
        if workload == "start":
            return None
        if workload in SANDBOXED:
            return sandboxes.missing(workload) if self.has_sandboxes else "has no sandboxes of these kinds"
        if workers > self.workers:
            return "has one worker"
        keys = (f"{workload} {step}", workload, step)
        return next((self.cannot[key] for key in keys if key in self.cannot), None)

    def programs(self, environments: Path) -> Path:
        """The directory of the programs of its environment.

        Raises:
            OSError: It is not to be had.
            CalledProcessError: It cannot be installed.
        """
        if self.peer == "b3sum":
            return peers.b3sum(environments).parent
        return peers.PEERS[self.peer].interpreter(environments).parent

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
            has_sandboxes=True,
        ),
        System(
            "law",
            "law",
            "as it comes",
            law_run("work_law"),
            {"law.cfg": LAW_CONFIG},
            {TOUCHED: EXISTENCE, CUTOFF: EXISTENCE, "functions": FILES_ONLY},
            pretend=existence,
            has_sandboxes=True,
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


def path_of(folder: Path) -> str:
    """What PATH is, so that a system finds its own programs first."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
