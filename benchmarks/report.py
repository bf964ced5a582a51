"""The report of a run: one table, what could not be measured and why, and the targets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.figures import CPU_NET, LAWNIX, MEASURES, MEMORY, Figures, Spread, exponent, short
from benchmarks.targets import Reached, reached
from benchmarks.workloads import STEPS, WORKLOADS, Row, bodies


class Notes:
    """Footnotes: each text has one number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def mark(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"


class Report:
    """What a run has found, as rows of cells."""

    def __init__(
        self, figures: Figures, missing: Mapping[tuple[Row, str], str], systems: Sequence[str]
    ) -> None:
        self.figures, self.missing, self.systems = figures, missing, systems
        self._notes = Notes()
        rows = {*figures.rows, *(row for row, _ in missing)}
        order = list(WORKLOADS)
        self.rows = sorted(
            rows, key=lambda row: (order.index(row.workload), row.workers, STEPS.index(row.step), row.size)
        )

    @property
    def notes(self) -> list[str]:
        """Footnotes of the cells that were asked for so far."""
        return [f"[{number}] {text}" for number, text in enumerate(self._notes.texts, 1)]

    def cells(self, measures: Sequence[str]) -> Iterator[list[str]]:
        """A line for each row and measure: what, N, measure, and each system."""
        for row in self.rows:
            head = [title(row), f"{row.size:,}"]
            for measure in measures:
                yield [*head, measure, *(self._cell(row, system, measure) for system in self.systems)]
                head = ["", ""]

    def _cell(self, row: Row, system: str, measure: str) -> str:
        spread = self.figures.spread(row, system, measure)
        if spread is None:
            reason = self.missing.get((row, system))
            return f"{'-' if 'limit' in reason else 'cannot'} {self._notes.mark(reason)}" if reason else ""
        if measure == MEMORY:
            return f"{spread.median / 1e6:,.0f} MB"
        ratio = self.figures.ratio(row, system, measure)
        if system == LAWNIX or ratio is None:
            text = str(spread)
        else:
            text = f"{'> ' if spread.bound else ''}{short(spread.median)} · {times(ratio)}"
        return " ".join([text, *(self._notes.mark(note) for note in self._remarks(row, system))])

    def _remarks(self, row: Row, system: str) -> Iterator[str]:
        ran = self.figures.bodies(row, system) or 0
        if self.figures.over(row, system):
            yield "stopped at the limit"
        elif ran > bodies(row):
            yield f"ran {ran:,} bodies, {bodies(row):,} would do"

    def exponents(self) -> Iterator[list[str]]:
        """A line for each kind of row that has several sizes: what, and the exponent of each system."""
        for line in dict.fromkeys(row.line for row in self.rows):
            found = [exponent(self.figures.growth(line, system, CPU_NET)) for system in self.systems]
            if any(slope is not None for slope in found):
                name = title(Row(*line, 0))
                yield [name, *("" if slope is None else f"{slope:.2f}" for slope in found)]

    def targets(self) -> Iterator[list[str]]:
        """A line for each target: what, beside whom, asked, reached by CPU and by the clock, the verdict."""
        for each in reached(self.figures):
            yield [
                *_asked(each),
                *("-" if ratio is None else times(ratio) for ratio in each.ratios),
                each.verdict,
            ]


def title(row: Row) -> str:
    """A row without its size."""
    name = f"{row.workload}, {row.step}"
    return f"{name}, {row.workers} workers" if row.workers > 1 else name


def times(ratio: Spread) -> str:
    """A ratio, with its spread."""
    bound = "> " if ratio.bound else ""
    spread = "" if ratio.low == ratio.high else f" ({short(ratio.low)}-{short(ratio.high)})"
    return f"{bound}{short(ratio.median)} x{spread}"


def _asked(each: Reached) -> list[str]:
    target = each.target
    taken_off = ", start taken off" if target.net else ""
    size = f", N = {target.row.size:,}" if target.row.size > 1 else ""
    return [f"{title(target.row)}{size}{taken_off}", target.system, f"≥ {target.factor:.3g} x"]


TARGET_COLUMNS = ("targets", "beside", "asked", "reached, CPU", "reached, wall", "")


def show(report: Report, caption: str) -> None:
    """Print all of it."""
    tables = [
        _table(("workload", "N", "seconds", *report.systems), report.cells([*MEASURES]), group=len(MEASURES)),
        _table(("exponent of CPU − start", *report.systems), report.exponents()),
        _table(TARGET_COLUMNS, report.targets()),
    ]
    wide = max(Console(width=10_000).measure(table).maximum for table in tables)
    console = Console(width=max(Console().width, wide))
    console.print(caption, markup=False, highlight=False)
    for table in tables:
        if table.row_count:
            console.print(table)
        if table is tables[0]:
            console.print("\n".join(report.notes), markup=False, highlight=False)


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]], group: int = 1) -> Table:
    table = Table()
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for number, line in enumerate(lines, 1):
        table.add_row(
            *(cell.replace("[", r"\[") for cell in line), end_section=group > 1 and number % group == 0
        )
    return table


def markdown(report: Report, caption: str) -> str:
    """The same, for a page."""
    parts = [
        caption,
        _lines(("workload", "N", "seconds", *report.systems), report.cells([*MEASURES])),
        "  \n".join(report.notes),
        _lines(("exponent of CPU − start", *report.systems), report.exponents()),
        _lines(TARGET_COLUMNS, report.targets()),
    ]
    return "\n\n".join(parts) + "\n"


def _lines(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---"] * len(columns)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [columns, rule, *lines])
