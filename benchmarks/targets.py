"""What lawnix is to reach beside the others, and what it has reached in one run."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import CPU, CPU_NET, WALL, WALL_NET, Figures, Spread
from benchmarks.workloads import COLD, GIGABYTE, NOTHING, SANDBOXED, TOUCHED, Row


@dataclass(frozen=True)
class Target:
    """How many times as much as lawnix a system shall take, at least.

    Attributes:
        row: For what.
        system: Who.
        factor: How many times.
        net: Whether the time of a start is taken off.
    """

    row: Row
    system: str
    factor: float
    net: bool

    @property
    def measures(self) -> Sequence[str]:
        return (CPU_NET, WALL_NET) if self.net else (CPU, WALL)


COMPLETE = Row("branches", NOTHING, 1, 10_000)
TRIVIAL = Row("wide", COLD, 1, 1_000)

TARGETS = (
    Target(COMPLETE, "law", 25, net=False),
    Target(COMPLETE, "pypipegraph2", 3, net=False),
    Target(TRIVIAL, "law", 10, net=True),
    Target(TRIVIAL, "pypipegraph2", 1.5, net=True),
    Target(TRIVIAL, "snakemake", 20, net=True),
    Target(TRIVIAL, "redun", 20, net=True),
    Target(Row("layered", COLD, 2, 10_000), "luigi", 30, net=True),
    Target(Row("layered", TOUCHED, 1, 10_000), "pypipegraph2", 5, net=False),
    Target(Row("large-file", COLD, 2, GIGABYTE), "b3sum", 0.8, net=True),
    *(
        Target(Row(name, COLD, 1, 100), "law", 50 if kind in ("bash", "venv") else 20, net=True)
        for name, kind in SANDBOXED.items()
    ),
    Target(Row("start", NOTHING, 1, 1), "law", 1 / 1.1, net=False),
)


@dataclass(frozen=True)
class Reached:
    """A target with what came out, for each measure."""

    target: Target
    ratios: Sequence[Spread | None]

    @property
    def verdict(self) -> str:
        """By CPU time, which other processes of the machine disturb least."""
        ratio = self.ratios[0]
        if ratio is None:
            return "not measured"
        if ratio.median >= self.target.factor:
            return "reached"
        return "not known" if ratio.bound else "missed"


def reached(figures: Figures) -> Sequence[Reached]:
    """All targets, with what the run says of them."""
    return [
        Reached(
            target,
            [figures.ratio(target.row, target.system, measure) for measure in target.measures],
        )
        for target in TARGETS
    ]
