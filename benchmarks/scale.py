"""`python -m benchmarks.scale`: what lawnix alone takes as a workflow and a graph grow to 100,000 tasks.

Memory a task is the peak of the largest process, less that of a Python with law imported, divided by the number of
tasks.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import peers
from benchmarks.figures import CPU_NET, MEMORY, WALL_NET, Figures, exponent, short
from benchmarks.measurement import Place
from benchmarks.report import title
from benchmarks.rounds import Run, stories
from benchmarks.systems import SYSTEMS, path_of
from benchmarks.workloads import COLD, NOTHING, WORKLOADS, Row

LAWNIX = SYSTEMS["lawnix"]
EXPONENT, KILOBYTES = 1.05, 2.0  # at most, of CPU time and of memory a task


def memory_of_law(programs: Path) -> int:
    """The peak of a Python with law imported, in bytes."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {**LAWNIX.environment(Path(directory)), "PATH": path_of(programs)}
        cost, _ = Place(Path(directory), environment, 60).run([programs / "python", "-c", "import law"])
    return cost.memory


def lines(figures: Figures, law: int) -> Iterator[list[str]]:
    """A line for each row, and one for each kind of row with its exponent and its memory at the largest size."""
    for kind in dict.fromkeys(row.line for row in figures.rows):
        rows = sorted(row for row in figures.rows if row.line == kind)
        for row in rows:
            cpu, wall = _median(figures, row, CPU_NET), _median(figures, row, WALL_NET)
            tasks = f"{row.size / wall:,.0f}" if wall > 0 else ""
            yield [title(row), f"{row.size:,}", short(cpu), short(wall), tasks, _kilobytes(figures, row, law)]
        slope = exponent(figures.growth(kind, LAWNIX.name, CPU_NET))
        told = "" if slope is None else f"N^{slope:.3f}"
        least, most = rows[0], rows[-1]
        grown = _median(figures, most, MEMORY) - _median(figures, least, MEMORY)
        each = f"{grown / (most.size - least.size) / 1e3:.2f} kB a task more, " if most != least else ""
        yield ["", f"≤ N^{EXPONENT}", told, "", "", f"{each}≤ {KILOBYTES:g} kB"]


def _median(figures: Figures, row: Row, measure: str) -> float:
    spread = figures.spread(row, LAWNIX.name, measure)
    assert spread is not None
    return spread.median


def _kilobytes(figures: Figures, row: Row, law: int) -> str:
    peak = _median(figures, row, MEMORY)
    return f"{peak / 1e6:,.0f} MB, {(peak - law) / row.size / 1e3:.2f} kB"


def show(found: Sequence[Sequence[str]], law: int) -> None:
    table = Table(caption=f"beyond {law / 1e6:.0f} MB of a Python with law imported")
    for name in ("", "N", "CPU − start", "wall − start", "tasks/s", "peak, and each task"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for line in found:
        table.add_row(*line, end_section=not line[0])
    Console(width=max(Console().width, 110)).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    add = parser.add_argument
    add(
        "--sizes",
        nargs="+",
        type=int,
        default=[1_000, 10_000, 100_000],
        metavar="N",
        help="default: %(default)s",
    )
    add("--workloads", nargs="+", choices=WORKLOADS, default=["branches", "layered"], metavar="NAME")
    add("--workers", type=int, default=os.cpu_count() or 1, help="default: one for each core")
    add("--rounds", type=int, default=1, help="how often each is measured (default: 1)")
    add("--limit", type=float, default=3600, metavar="S", help="seconds for a command (default: 3600)")
    add("--directory", type=Path, help="where the work is done (default: the system's for temporary files)")
    add(
        "--environments",
        type=Path,
        default=peers.ENVIRONMENTS,
        help="where the systems are (default: %(default)s)",
    )
    options = parser.parse_args()
    programs = LAWNIX.programs(options.environments)
    wanted = [
        replace(WORKLOADS[name], workers=(options.workers,), steps=(COLD, NOTHING))
        for name in options.workloads
    ]
    told = list(stories(wanted, options.sizes, [], huge=False))
    with closing(Run([LAWNIX], {LAWNIX.name: programs}, options.directory, options.limit)) as run:
        for story in track(told, "measuring", console=Console(stderr=True)):
            run.measure([story], options.rounds, lambda text: None)
    law = memory_of_law(programs)
    show(list(lines(Figures(run.measured), law)), law)
    for (row, _), reason in run.missing.items():
        Console().print(f"{title(row)}, {row.size:,}: {reason}")


if __name__ == "__main__":
    main()
