"""Limits on a Z' boson from the tail of the mass spectrum, with the CLs method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import hist
    import pyhf

from tasks.dimuon.physics.datasets import PSEUDODATA
from tasks.dimuon.physics.histograms import Histograms, total

CONFIDENCE = 0.95
SIGNAL = "signal"
"""Name of the dataset of the signal, whatever its mass is."""

_BACKGROUNDS = {
    "drell-yan": ("dy", "dy_m150", "dytautau"),
    "top": ("ttbar",),
    "diboson": ("ww", "wz"),
}
_CROSS_SECTION_ERROR = 0.05
_LUMINOSITY_ERROR = 0.017
_SHAPES = {
    "muon_scale": ("scale_up", "scale_down"),
    "muon_resolution": ("resolution_up", "resolution_down"),
}
_TESTED = (0.2, 0.37, 0.68, 1.26, 2.33, 4.3)  # signal strengths, in units of _SCALE_EVENTS signal events
_SCALE_EVENTS = 3.0  # what a counting experiment without background excludes
_TINY = 1e-6  # events; the model knows no empty bins


def workspace(histograms: Histograms) -> dict[str, Any]:
    """The statistical model of the tail for pyhf; `histograms` has the backgrounds, the pseudo-data and a `signal`."""
    samples = [_background(histograms, name, datasets) for name, datasets in _BACKGROUNDS.items()]
    samples.append(_signal(histograms))
    most = max(50.0, 10 * _SCALE_EVENTS / max(sum(samples[-1]["data"]), 1e-3))
    parameters = [
        {"name": "mu", "inits": [1.0], "bounds": [[0.0, most]]},
        {
            "name": "lumi",
            "auxdata": [1.0],
            "sigmas": [_LUMINOSITY_ERROR],
            "inits": [1.0],
            "bounds": [[0.9, 1.1]],
        },
    ]
    return {
        "version": "1.0.0",
        "channels": [{"name": "tail", "samples": samples}],
        "observations": [{"name": "tail", "data": total(histograms, [PSEUDODATA], "tail").values().tolist()}],
        "measurements": [{"name": "zprime", "config": {"poi": "mu", "parameters": parameters}}],
    }


def limit(workspace: Mapping[str, Any]) -> dict[str, Any]:
    """The signal strength that is excluded, between a few tested ones.

    Returns:
        `observed`, the five `expected` (median and bands of one and two standard deviations), the number of
        signal `events` at strength 1, and the scan: for each strength CLs observed and expected.
    """
    import warnings

    import numpy as np
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=0))  # errors are not asked for
    described = pyhf.Workspace(workspace)
    model = described.model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )
    data = described.data(model)
    events = sum(workspace["channels"][0]["samples"][-1]["data"])
    strengths = np.array(_TESTED) * _SCALE_EVENTS / events
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # minuit looks where the likelihood is not defined
        scan = np.array([_confidence(strength, data, model) for strength in strengths])
    observed, *expected = (_crossing(strengths, levels) for levels in scan.T)
    return {
        "observed": observed,
        "expected": expected,
        "events": events,
        "scan": {"strength": strengths.tolist(), "cls": scan.tolist()},
    }


def _background(histograms: Histograms, name: str, datasets: tuple[str, ...]) -> dict[str, Any]:
    import numpy as np

    nominal = total(histograms, datasets, "tail")
    error = _CROSS_SECTION_ERROR
    own = [
        {"name": f"{name}_cross_section", "type": "normsys", "data": {"hi": 1 + error, "lo": 1 - error}},
        {
            "name": "simulated_events",
            "type": "staterror",
            "data": np.sqrt(_bins(nominal.variances())).tolist(),
        },
    ]
    return _sample(histograms, name, datasets, nominal, own)


def _signal(histograms: Histograms) -> dict[str, Any]:
    strength = {"name": "mu", "type": "normfactor", "data": None}
    return _sample(histograms, SIGNAL, (SIGNAL,), total(histograms, [SIGNAL], "tail"), [strength])


def _sample(
    histograms: Histograms,
    name: str,
    datasets: tuple[str, ...],
    nominal: hist.Hist,
    own_modifiers: list[dict[str, Any]],
) -> dict[str, Any]:
    def varied(variation: str) -> list[float]:
        return _bins(total(histograms, datasets, "tail", variation=variation).values())

    def scaled(weighting: str) -> float:
        shifted = total(histograms, datasets, "tail", weighting=weighting).values().sum()
        return float(shifted / max(nominal.values().sum(), _TINY)) or 1.0

    shapes = [
        {"name": shape, "type": "histosys", "data": {"hi_data": varied(up), "lo_data": varied(down)}}
        for shape, (up, down) in _SHAPES.items()
    ]
    return {
        "name": name,
        "data": _bins(nominal.values()),
        "modifiers": [
            {"name": "lumi", "type": "lumi", "data": None},
            {
                "name": "muon_id",
                "type": "normsys",
                "data": {"hi": scaled("id_up"), "lo": scaled("id_down")},
            },
            *shapes,
            *own_modifiers,
        ],
    }


def _bins(values: Any) -> list[float]:
    return [max(float(value), _TINY) for value in values]


def _confidence(strength: float, data: list[float], model: pyhf.Model) -> list[float]:
    import pyhf

    observed, expected = pyhf.infer.hypotest(
        strength, data, model, test_stat="qtilde", return_expected_set=True
    )
    return [float(observed), *(float(level) for level in expected)]


def _crossing(strengths: Any, levels: Any) -> float:
    """Where CLs falls through 5 %, on a smooth monotone curve through the logarithms."""
    import math

    import numpy as np
    from scipy.interpolate import PchipInterpolator

    falling = np.log(np.maximum(levels, 1e-12))
    curve = PchipInterpolator(-falling, np.log(strengths), extrapolate=True)
    return math.exp(curve(-math.log(1 - CONFIDENCE)))
