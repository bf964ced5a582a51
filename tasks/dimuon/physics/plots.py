"""The figures of the analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tasks.dimuon.physics.datasets import PSEUDODATA
from tasks.dimuon.physics.histograms import Histograms, total
from tasks.dimuon.physics.peak import cumulative

if TYPE_CHECKING:
    import hist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STACK = {
    "dy": (r"$Z/\gamma^*\to\mu\mu$", "#3f90da"),
    "dy_m150": (r"$Z/\gamma^*\to\mu\mu$, $m$ > 150 GeV", "#92dadd"),
    "dytautau": (r"$Z/\gamma^*\to\tau\tau$", "#a96b59"),
    "ttbar": (r"$t\bar{t}$", "#bd1f01"),
    "ww": ("WW", "#ffa90e"),
    "wz": ("WZ", "#832db6"),
}
"""The label and the colour of each background, the largest first, which is drawn on top."""

_SIGNAL_COLOUR = "#e42536"
_FIT_COLOUR = "#bd1f01"
_BANDS = {"95%": ("#ffdf7f", 0, 4), "68%": ("#85d1fb", 1, 3)}
_LOWEST, _HEADROOM = 0.03, 100  # events; how much room is left for the legend
_MARGINS = {"left": 0.14, "right": 0.96, "bottom": 0.1, "top": 0.94, "hspace": 0.06}
_CURVE_POINTS = 10  # in a bin
_PARAMETERS = ("mass", "resolution", "tail", "fraction", "slope")


def spectrum(histograms: Histograms, signal: hist.Hist, signal_label: str, right: str) -> Figure:
    """The mass of all dimuons, in pseudo-data and simulation, with one signal; on the right, a headline."""
    figure, (upper, lower) = _panels(3, 1)
    _stack(upper, lower, histograms, "spectrum")
    shape = signal[{"weighting": "nominal"}]
    edges = shape.axes[0].edges
    upper.stairs(shape.values(), edges, color=_SIGNAL_COLOUR, lw=2, ls="--", label=signal_label)
    upper.set(xscale="log", xlim=(40, 1600), ylabel="Events / bin")
    upper.legend(ncols=2, fontsize=16, loc="upper right")
    lower.set_xlabel(r"$m(\mu\mu)$ [GeV]")
    lower.set_xticks([50, 100, 200, 500, 1000], ["50", "100", "200", "500", "1000"])
    lower.tick_params(axis="x", which="minor", labelbottom=False)
    _headline(upper, "Simulation and pseudo-data", right)
    return figure


def scores(histograms: Histograms, right: str) -> Figure:
    """The answers of the classifier to pseudo-data and simulation."""
    figure, (upper, lower) = _panels(3, 1)
    _stack(upper, lower, histograms, "score")
    upper.set(xlim=(0, 1), ylabel="Events / 0.05")
    upper.legend(ncols=2, fontsize=16, loc="upper right")
    lower.set_xlabel("Classifier score (1: like top quarks and W bosons)")
    _headline(upper, "Simulation and pseudo-data", right)
    return figure


def peak(data: hist.Hist, result: Mapping[str, Any], left: str, right: str) -> Figure:
    """The Z peak in data with the fitted curve, and the deviation of each bin in standard deviations."""
    import numpy as np

    edges, counts = data.axes[0].edges, data.values()
    values = {name: result[name]["value"] for name in _PARAMETERS}
    events, mass = result["events"]["value"], result["mass"]
    fitted = events * np.diff(cumulative(edges, **values))
    fine = np.linspace(edges[0], edges[-1], _CURVE_POINTS * len(counts) + 1)
    middle = (fine[1:] + fine[:-1]) / 2
    curve = events * np.diff(cumulative(fine, **values)) * _CURVE_POINTS
    background = events * np.diff(cumulative(fine, **{**values, "fraction": 0.0})) * _CURVE_POINTS
    background *= 1 - values["fraction"]
    figure, (upper, lower) = _panels(3, 1)
    upper.plot(middle, curve, color=_FIT_COLOUR, lw=2, label="Fit")
    upper.plot(middle, background, color=_FIT_COLOUR, lw=2, ls=":", label="Background")
    _points(upper, data, label=left)
    upper.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.25 * counts.max()))
    upper.set_ylabel(f"Events / {edges[1] - edges[0]:g} GeV")
    upper.legend(fontsize=18, loc="upper right")
    text = (
        f"$m_Z$ = {mass['value']:.2f} ± {mass['error']:.2f} GeV\n"
        rf"$\chi^2$ / ndf = {result['chi2']:.1f} / {result['degrees']}"
    )
    upper.text(0.04, 0.95, text, transform=upper.transAxes, va="top", fontsize=18)
    lower.bar(data.axes[0].centers, (counts - fitted) / np.sqrt(fitted), np.diff(edges), color="#94a4a2")
    lower.axhline(0, color="black", lw=1)
    lower.set(ylim=(-4, 4), yticks=(-2, 0, 2), ylabel="Pull", xlabel=r"$m(\mu\mu)$ [GeV]")
    _headline(upper, left, right)
    return figure


def limits(results: Sequence[Mapping[str, Any]], right: str) -> Figure:
    """Upper limits on the strength of a Z' boson by its mass."""
    import numpy as np

    masses = [result["mass"] for result in results]
    expected = np.array([result["expected"] for result in results])
    observed = [result["observed"] for result in results]
    figure, (axes,) = _panels(1)
    for label, (colour, low, high) in _BANDS.items():
        axes.fill_between(
            masses, expected[:, low], expected[:, high], color=colour, label=f"{label} expected"
        )
    axes.plot(masses, expected[:, 2], "--", color="black", lw=2, label="Median expected")
    axes.plot(masses, observed, "o-", color="black", lw=2, label="Observed")
    axes.axhline(1, color=_FIT_COLOUR, lw=2)
    axes.text(masses[0] + 15, 1.1, "Z' with the couplings of the Z", color=_FIT_COLOUR, fontsize=16)
    axes.set(yscale="log", xlim=(masses[0], masses[-1]), ylim=(0.01, 60))
    axes.set(xlabel=r"$m(Z^\prime)$ [GeV]", ylabel=r"95% CL upper limit on $\mu$")
    axes.legend(fontsize=18, loc="upper left")
    _headline(axes, "Simulation and pseudo-data", right)
    return figure


def beam(luminosity: float) -> str:
    """The headline for this luminosity in 1/pb."""
    return f"{luminosity:g} pb$^{{-1}}$ (13 TeV)"


def _panels(*heights: int) -> tuple[Figure, Sequence[Axes]]:
    """A figure in the style of mplhep, with panels of these relative heights and one x axis."""
    import matplotlib.style
    import mplhep
    from matplotlib.figure import Figure

    matplotlib.style.use(mplhep.style.CMS)  # for good: fonts are looked up when the figure is written
    figure = Figure(figsize=(10, 10))
    panels = figure.subplots(
        len(heights), 1, sharex=True, squeeze=False, height_ratios=heights, gridspec_kw=_MARGINS
    )[:, 0]
    figure.align_ylabels(panels)
    return figure, list(panels)


def _stack(upper: Axes, lower: Axes, histograms: Histograms, variable: str) -> None:
    """Backgrounds upon each other with the pseudo-data; below, their ratio with the error of the simulation."""
    import mplhep
    import numpy as np

    data = total(histograms, [PSEUDODATA], variable)
    labels, colours = zip(*reversed(_STACK.values()), strict=True)
    backgrounds = [total(histograms, [name], variable) for name in reversed(_STACK)]
    mplhep.histplot(
        backgrounds, stack=True, histtype="fill", label=labels, color=colours, ax=upper, flow="none"
    )
    _points(upper, data, label="Pseudo-data")
    summed = sum(backgrounds[1:], start=backgrounds[0])
    edges, expected, error = summed.axes[0].edges, summed.values(), np.sqrt(summed.variances())
    with np.errstate(divide="ignore", invalid="ignore"):  # a bin without simulation has no ratio
        relative, ratio = error / expected, data.values() / expected
        ratio_error = np.sqrt(data.values()) / expected
    lower.stairs(1 + relative, edges, baseline=1 - relative, fill=True, color="#94a4a2", alpha=0.5)
    lower.axhline(1, color="black", lw=1)
    seen = data.values() > 0
    lower.errorbar(data.axes[0].centers[seen], ratio[seen], ratio_error[seen], fmt="o", color="black", ms=5)
    lower.set(ylim=(0.4, 1.6), ylabel="Data / Sim.")
    upper.set(yscale="log", ylim=(_LOWEST, _HEADROOM * max(expected)), xlabel="")


def _points(axes: Axes, data: hist.Hist, label: str) -> None:
    import numpy as np

    counts, centers = data.values(), data.axes[0].centers
    seen = counts > 0
    axes.errorbar(
        centers[seen],
        counts[seen],
        np.sqrt(counts[seen]),
        fmt="o",
        color="black",
        ms=5,
        label=label,
        zorder=5,
    )


def _headline(axes: Axes, left: str, right: str) -> None:
    axes.set_title(left, loc="left", pad=10, fontsize=20, fontstyle="italic")
    axes.set_title(right, loc="right", pad=10, fontsize=20)
