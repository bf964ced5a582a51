"""What is measured, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.programs.bodies import layers, width

COLD, NOTHING, TOUCHED, CUTOFF = "cold", "no-op", "leaf touched", "early cutoff"
STEPS = (COLD, NOTHING, TOUCHED, CUTOFF)
GIGABYTE = 1_000_000_000
SANDBOXED = {f"{kind}-sandbox": kind for kind in ("bash", "venv", "docker", "singularity")}


@dataclass(frozen=True)
class Workload:
    """A piece of work, at some sizes: a cold run, and what comes after it.

    Attributes:
        name: As in `--workloads` and in the programs.
        about: What it is, for N = its size.
        steps: What is run in turn, and measured each time.
        sizes: Without `huge`.
        huge: More, for those that can.
        workers: How many workers the cold run has; the steps after it are measured with the first of these.
        is_bulky: Whether what it makes takes so much room that it is removed at once, not at the end.
    """

    name: str
    about: str
    steps: tuple[str, ...]
    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    huge: tuple[int, ...] = (100_000,)
    workers: tuple[int, ...] = (1, 2)
    is_bulky: bool = False


WORKLOADS: Mapping[str, Workload] = {
    workload.name: workload
    for workload in (
        Workload("start", "one task, complete", (NOTHING,), (1,), (), (1,)),
        Workload("wide", "N tasks side by side", (COLD, NOTHING)),
        Workload("chain", "N tasks, each reads the one before", (COLD, NOTHING), workers=(1,)),
        Workload("layered", "N tasks in ten layers, each reads two of the layer before", STEPS),
        Workload("branches", "a workflow of N branches that require one task", (COLD, NOTHING)),
        Workload("large-file", "one output of N bytes", (COLD,), (GIGABYTE,), (), (2,), is_bulky=True),
        Workload("many-files", "one output directory of N files", (COLD, NOTHING), workers=(1,)),
        *(
            Workload(name, f"a workflow of N branches in {kind}::", (COLD,), (100,), (), (1,))
            for name, kind in SANDBOXED.items()
        ),
        Workload("functions", "N functions and their sum; no files", (COLD, NOTHING)),
    )
}


@dataclass(frozen=True, order=True)
class Row:
    """One line of the table."""

    workload: str
    step: str
    workers: int
    size: int

    @property
    def line(self) -> tuple[str, str, int]:
        """What is the same at all sizes."""
        return self.workload, self.step, self.workers


def bodies(row: Row) -> int:
    """How many bodies have to run."""
    match row.step:
        case "no-op":
            return 0
        case "early cutoff":
            return 1
        case "leaf touched":
            return sum(min(layer + 1, width(row.size)) for layer in range(layers(row.size)))
    match row.workload:
        case "large-file" | "many-files" | "start":
            return 1
        case "functions":
            return row.size + 1
        case "layered":
            return layers(row.size) * width(row.size)
    return row.size


def write_sources(directory: Path, workload: str, size: int) -> None:
    """The files that the first layer reads."""
    if workload == "layered":
        (directory / "sources").mkdir()
        for number in range(width(size)):
            (directory / "sources" / f"{number}.txt").write_text("1 as it was\n")


def edit_source(directory: Path, step: str) -> None:
    """Change a leaf: its number, or what comes after it."""
    if step in {TOUCHED, CUTOFF}:
        text = "3 as it was\n" if step == TOUCHED else "3 another remark\n"
        (directory / "sources" / "1.txt").write_text(text)


def outputs(workload: str, size: int) -> Iterator[str]:
    """The files that systems write which keep them where the author says; all hold a number."""
    yield "start"
    match workload:
        case "wide":
            yield from (f"leaf/{number}" for number in range(size))
        case "chain":
            yield from (f"link/{number}" for number in range(size))
        case "branches":
            yield from (f"branch/{number}" for number in range(size))
        case "layered":
            for layer in range(layers(size)):
                yield from (f"node/{layer}-{number}" for number in range(width(size)))
