"""`python -m benchmarks`: lawnix beside law, interleaved, as a table of ratios."""

import argparse
import compileall
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

HERE = Path(__file__).parent
SYSTEMS = ("law", "lawnix")
CONFIG = """[lawnix]
store: {directory}/store
results: {directory}/results

[luigi_core]
local_scheduler: True
no_lock: True
log_level: INFO
"""


@dataclass(frozen=True)
class Cost:
    """What one command took, with its child processes: elapsed and CPU time in s."""

    wall: float
    cpu: float

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.cpu - other.cpu)


@dataclass(frozen=True)
class Workload:
    """Something to measure.

    Attributes:
        name: For the table.
        prepare: What is run first, and not measured.
        measured: The arguments of `law run`, after the task's module.
        size: How many tasks it is about.
        less_start: Whether the time of a start with nothing to do is taken off.
    """

    name: str
    prepare: Sequence[str]
    measured: Sequence[str]
    size: int
    less_start: bool


def workloads(*, small: bool) -> list[Workload]:
    """What is measured; a tenth of it if `small`."""
    cold, complete = (100, (100, 1_000)) if small else (1_000, (1_000, 10_000))
    found = [
        Workload("start-up, complete task", ["Leaf", "--number", "0"], ["Leaf", "--number", "0"], 1, False)
    ]
    for task, words in (("Branches", "branches"), ("Leaves", "tasks")):
        for workers in ("1", "2"):
            name = f"cold, {cold:,} {words}, {workers} worker{'s' * (workers != '1')}"
            arguments = [task, "--size", str(cold), "--workers", workers]
            found.append(Workload(name, ["Leaf", "--number", "0"], arguments, cold, True))
    for size in complete:
        arguments = ["Branches", "--size", str(size)]
        found.append(Workload(f"no-op, {size:,} branches", arguments, arguments, size, False))
    return found


class Place:
    """A directory with results of its own, for one system."""

    def __init__(self, system: str, directory: Path) -> None:
        self.system, self.directory = system, directory
        (directory / "law").mkdir(parents=True)
        (directory / "law.cfg").write_text(CONFIG.format(directory=directory))

    def run(self, arguments: Sequence[str]) -> Cost:
        """`law run` as a user would type it; what it took."""
        environment = {
            **os.environ,
            "LAW_HOME": str(self.directory / "home"),
            "LAW_CONFIG_FILE": str(self.directory / "law.cfg"),
            "BENCHMARK_DIRECTORY": str(self.directory),
            "PYTHONPATH": str(HERE.parent),
            "PYTHONHASHSEED": "0",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        task, *rest = arguments
        command = [
            str(Path(sys.executable).with_name("law")),
            "run",
            f"benchmarks.work_{self.system}.{task}",
            *rest,
        ]
        started = time.perf_counter()
        log = os.open(self.directory / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        pid = os.posix_spawn(
            command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, log, n) for n in (1, 2)]
        )
        _, status, used = os.wait4(pid, 0)
        os.close(log)
        if status:
            raise SystemExit(f"{' '.join(command)} failed:\n{(self.directory / 'log').read_text()}")
        return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime)

    def pretend(self, arguments: Sequence[str]) -> None:
        """Have the outputs of a workflow of law, without the minutes that it would take to build them."""
        directory = self.directory / "law" / f"branches{arguments[2]}"
        directory.mkdir(exist_ok=True)
        for number in range(int(arguments[2])):
            (directory / f"{number}.txt").write_text(str(number))


def measure(workload: Workload, repeats: int, step: Callable[[], None]) -> Mapping[str, list[Cost]]:
    """The costs of each system, round by round in turn."""
    costs: dict[str, list[Cost]] = {system: [] for system in SYSTEMS}
    for _ in range(repeats):
        for system in SYSTEMS:
            with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as directory:
                place = Place(system, Path(directory))
                place.run(["Leaf", "--number", "0"])
                if system == "law" and workload.prepare[0] == "Branches":
                    place.pretend(workload.prepare)
                else:
                    place.run(workload.prepare)
                start = place.run(["Leaf", "--number", "0"]) if workload.less_start else Cost(0, 0)
                costs[system].append(place.run(workload.measured) - start)
                step()
    return costs


def row(workload: Workload, costs: Mapping[str, list[Cost]]) -> dict[str, object]:
    """Medians, and the ratio law / lawnix round by round with its spread."""
    found: dict[str, object] = {"workload": workload.name, "size": workload.size}
    for kind in ("cpu", "wall"):
        values = {system: [getattr(cost, kind) for cost in costs[system]] for system in SYSTEMS}
        ratios = [
            ours and theirs / ours for theirs, ours in zip(values["law"], values["lawnix"], strict=True)
        ]
        found[kind] = {system: statistics.median(values[system]) for system in SYSTEMS}
        found[f"{kind} ratio"] = [min(ratios), statistics.median(ratios), max(ratios)]
    return found


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="rounds of each workload (default: 3)")
    parser.add_argument(
        "--small", action="store_true", help="a tenth of the size, to see that everything runs"
    )
    parser.add_argument("--json", type=Path, help="write the numbers to this file, too")
    arguments = parser.parse_args()
    compileall.compile_dir(str(Path(sys.prefix) / "lib"), quiet=2, workers=2)  # alike for both
    found = workloads(small=arguments.small)
    rows = []
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("measuring", total=len(found) * arguments.repeats * len(SYSTEMS))
        for workload in found:
            progress.update(bar, description=workload.name)
            rows.append(row(workload, measure(workload, arguments.repeats, lambda: progress.advance(bar))))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform(terse=True)}"
    versions = {name: version(name) for name in ("lawnix", "law", "luigi")}
    show(rows, f"{machine}; {', '.join(f'{name} {number}' for name, number in versions.items())}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": machine, "versions": versions, "rows": rows}, indent=1) + "\n"
        )


def show(rows: Sequence[Mapping[str, object]], caption: str) -> None:
    """The table."""
    table = Table(
        title="law beside lawnix: seconds, and how many times as fast (min, median, max)", caption=caption
    )
    for column in ("workload", "CPU law", "CPU lawnix", "ratio", "wall law", "wall lawnix", "ratio"):
        table.add_column(column, justify="left" if column == "workload" else "right")
    for line in rows:
        cells = [str(line["workload"])]
        for kind in ("cpu", "wall"):
            values, ratios = line[kind], line[f"{kind} ratio"]
            assert isinstance(values, dict)
            assert isinstance(ratios, list)
            cells += [f"{values['law']:.2f}", f"{values['lawnix']:.2f}"]
            cells.append(f"{ratios[1]:.1f} ({ratios[0]:.1f}-{ratios[2]:.1f})")
        table.add_row(*cells)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
