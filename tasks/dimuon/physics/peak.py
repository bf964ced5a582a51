"""The mass of the Z boson from its peak: a Breit-Wigner function smeared by the detector, and a falling background."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import hist
    import numpy as np

Z_MASS = 91.1876  # GeV, of the generator
Z_WIDTH = 2.4952  # GeV

_TAIL_POWER = 3.0  # of the Crystal Ball function: muons that lost energy
_GRID = (50.0, 130.0, 1601)  # GeV; the range and number of points for the convolution
_REACH = 240  # of the resolution function, in points to either side
_RANGES = {
    "events": (0, None),
    "mass": (80, 102),
    "resolution": (0.4, 5),
    "tail": (0.4, 4),
    "fraction": (0, 1),
    "slope": (3, 300),
}
_TOLERANCE = 0.01  # ten times as strict as usual: fits that start elsewhere end in the same place
_STARTS = {
    "mass": (85, 97),
    "resolution": (0.6, 4),
    "tail": (0.7, 3),
    "fraction": (0.3, 0.99),
    "slope": (5, 60),
}


def cumulative(
    x: np.ndarray, mass: float, resolution: float, tail: float, fraction: float, slope: float
) -> np.ndarray:
    """How much of the peak and its background lies below each `x`, from 0 at the first to 1 at the last.

    Args:
        x: Rising, in GeV.
        mass: Centre of the Breit-Wigner function in GeV; its width is that of the Z.
        resolution: Width of the Crystal Ball function in GeV.
        tail: Where its tail begins, in units of `resolution`.
        fraction: The peak's share of all.
        slope: Decay length of the exponential background in GeV.
    """
    import numpy as np

    low, high, points = _GRID
    grid, step = np.linspace(low, high, points, retstep=True)
    line_shape = 1 / ((grid - mass) ** 2 + Z_WIDTH**2 / 4)
    smeared = np.convolve(line_shape, _crystal_ball(step, resolution, tail), "same")
    integral = np.interp(x, grid + step / 2, np.cumsum(smeared))
    falling = -np.expm1(-(x - x[0]) / slope)
    peak, background = (each - each[0] for each in (integral, falling))
    return fraction * peak / peak[-1] + (1 - fraction) * background / background[-1]


def fit(histogram: hist.Hist, *, random: np.random.Generator, restarts: int) -> dict[str, Any]:
    """The best of several fits (maximum likelihood) that start at random.

    Returns:
        For every parameter its value and error; `chi2`, `degrees` of freedom, and whether the fit is `valid`.
    """
    import numpy as np
    from iminuit import Minuit
    from iminuit.cost import ExtendedBinnedNLL

    edges, counts = histogram.axes[0].edges, histogram.values()
    weighted = np.stack([counts, histogram.variances()], axis=1)

    def expected(  # minuit takes the names of the parameters from here
        x: np.ndarray,
        events: float,
        mass: float,
        resolution: float,
        tail: float,
        fraction: float,
        slope: float,
    ) -> np.ndarray:
        return events * cumulative(x, mass, resolution, tail, fraction, slope)

    cost = ExtendedBinnedNLL(weighted, edges, expected)

    def attempt() -> Minuit:
        start = {name: random.uniform(*range_) for name, range_ in _STARTS.items()}
        minuit = Minuit(cost, events=counts.sum(), **start)
        for name, range_ in _RANGES.items():
            minuit.limits[name] = range_
        minuit.tol = _TOLERANCE
        return minuit.migrad(ncall=3000)

    best = min((attempt() for _ in range(restarts)), key=lambda minuit: (not minuit.valid, minuit.fval))
    best.hesse()
    return {
        "chi2": float(best.fval),
        "degrees": int(best.ndof),
        "valid": bool(best.valid),
        **{name: {"value": best.values[name], "error": best.errors[name]} for name in _RANGES},
    }


def calibrated(data: Mapping[str, Any], simulation: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The mass in data, less what the fit is off by in simulation; and the yield in data over simulation's.

    Args:
        data: The fit to data.
        simulation: Fits to simulation by variation; `scale_up` and `scale_down` give the systematic error.
    """
    nominal = simulation["nominal"]
    bias = nominal["mass"]["value"] - Z_MASS
    up, down = (simulation[name]["mass"]["value"] for name in ("scale_up", "scale_down"))
    return {
        "bias": {"value": bias, "error": nominal["mass"]["error"]},
        "mass": {
            "value": data["mass"]["value"] - bias,
            "error": math.hypot(data["mass"]["error"], nominal["mass"]["error"]),
            "scale": (up - down) / 2,
        },
        "ratio": {name: data["events"][name] / nominal["events"]["value"] for name in ("value", "error")},
    }


def _crystal_ball(step: float, resolution: float, tail: float) -> np.ndarray:
    import numpy as np

    t = np.arange(-_REACH, _REACH + 1) * step / resolution
    scale = (_TAIL_POWER / tail) ** _TAIL_POWER * math.exp(-(tail**2) / 2)
    shift = _TAIL_POWER / tail - tail
    power_law = scale / np.maximum(shift - t, 1e-9) ** _TAIL_POWER
    shape = np.where(t < -tail, power_law, np.exp(-(t**2) / 2))
    return shape / shape.sum()
