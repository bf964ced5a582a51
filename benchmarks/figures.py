"""What the measurements say: medians, spreads, ratios round by round, exponents of growth."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.rounds import Measured
from benchmarks.workloads import Row

LAWNIX = "lawnix"
CPU, CPU_NET, WALL, WALL_NET, MEMORY = "CPU", "CPU − start", "wall", "wall − start", "memory"
MEASURES: Mapping[str, Callable[[Measured], float]] = {
    CPU: lambda found: found.cost.cpu,
    CPU_NET: lambda found: max(0, found.cost.cpu - found.start.cpu),
    WALL: lambda found: found.cost.wall,
    WALL_NET: lambda found: max(0, found.cost.wall - found.start.wall),
    MEMORY: lambda found: found.cost.memory,
}
NOISE = 0.02  # seconds: less than that, after a start was taken off, is nothing


@dataclass(frozen=True)
class Spread:
    """The median of some values, the smallest and the largest.

    Attributes:
        bound: What was measured was stopped at the limit: the true values are larger.
    """

    low: float
    median: float
    high: float
    bound: bool = False

    @classmethod
    def of(cls, values: Iterable[float], *, bound: bool = False) -> "Spread":
        found = sorted(values)
        return cls(found[0], statistics.median(found), found[-1], bound)

    def __str__(self) -> str:
        if self.bound:
            return f"> {short(self.low)}"
        spread = "" if self.low == self.high else f" ({short(self.low)}-{short(self.high)})"
        return f"{short(self.median)}{spread}"


def short(value: float) -> str:
    """Three digits, or as many as stand before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Figures:
    """All measurements of a run, to be asked."""

    def __init__(self, measured: Sequence[Measured]) -> None:
        self._found: dict[tuple[Row, str], list[Measured]] = {}
        for each in measured:
            self._found.setdefault((each.row, each.system), []).append(each)
        self.rows = list(dict.fromkeys(each.row for each in measured))

    def over(self, row: Row, system: str) -> bool:
        return any(found.cost.over for found in self._found.get((row, system), []))

    def bodies(self, row: Row, system: str) -> int | None:
        """The most bodies that it ran."""
        return max((found.bodies for found in self._found.get((row, system), [])), default=None)

    def spread(self, row: Row, system: str, measure: str) -> Spread | None:
        """What it took; None if that was not measured."""
        found = self._found.get((row, system))
        if not found:
            return None
        return Spread.of(map(MEASURES[measure], found), bound=self.over(row, system))

    def ratio(self, row: Row, system: str, measure: str, to: str = LAWNIX) -> Spread | None:
        """How many times as much as lawnix, round by round; None if one of both is missing or nothing."""
        ours = {found.round: found for found in self._found.get((row, to), []) if not found.cost.over}
        of = MEASURES[measure]
        ratios = [
            of(theirs) / of(ours[theirs.round])
            for theirs in self._found.get((row, system), [])
            if theirs.round in ours and of(ours[theirs.round]) > NOISE
        ]
        return Spread.of(ratios, bound=self.over(row, system)) if ratios else None

    def growth(self, line: tuple[str, str, int], system: str, measure: str) -> Mapping[int, float]:
        """The medians by size, where they are more than noise."""
        found = {
            row.size: self.spread(row, system, measure)
            for row in self.rows
            if row.line == line and not self.over(row, system)
        }
        return {
            size: spread.median
            for size, spread in sorted(found.items())
            if spread is not None and spread.median > NOISE
        }


def exponent(growth: Mapping[int, float]) -> float | None:
    """The slope in a plot of logarithms: 1 if twice the size takes twice the time; None for fewer than two sizes."""
    if len(growth) < 2:
        return None
    fit = statistics.linear_regression(
        [math.log(size) for size in growth], [math.log(t) for t in growth.values()]
    )
    return fit.slope
