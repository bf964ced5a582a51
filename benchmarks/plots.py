"""Growth: what each system takes as the work grows, a picture for each piece of work."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import CPU_NET, WALL_NET, Figures, exponent
from benchmarks.report import title
from benchmarks.workloads import WORKLOADS, Row


def draw(figures: Figures, systems: Sequence[str], directory: Path) -> list[Path]:
    """Write the pictures; those with fewer than two sizes are left out."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for line in dict.fromkeys(row.line for row in figures.rows):
        if len({row.size for row in figures.rows if row.line == line}) < 2:
            continue
        figure, axes = pyplot.subplots(1, 2, figsize=(12, 5), sharey=True, layout="constrained")
        for axis, measure in zip(axes, (CPU_NET, WALL_NET), strict=True):
            for number, system in enumerate(systems):
                growth = figures.growth(line, system, measure)
                if not growth:
                    continue
                slope = exponent(growth)
                label = system if slope is None else f"{system}: N^{slope:.2f}"
                axis.loglog([*growth], [*growth.values()], marker="o", color=f"C{number}", label=label)
            axis.set(title=measure, xlabel="N", ylabel="seconds")
            axis.grid(visible=True, which="both", alpha=0.2)
            if axis.lines:
                axis.legend(fontsize="small")
        figure.suptitle(f"{title(Row(*line, 0))}: {WORKLOADS[line[0]].about}")
        path = directory / f"{'-'.join(map(str, line)).replace(' ', '-')}.png"
        figure.savefig(path, dpi=120)
        pyplot.close(figure)
        written.append(path)
    return written
