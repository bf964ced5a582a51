"""Histograms of the dimuons, scaled to a luminosity, and their exchange format (UHI JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tasks.dimuon.physics import classifier
from tasks.dimuon.physics.selection import Z_WINDOW

if TYPE_CHECKING:
    import awkward as ak
    import hist
    import numpy as np

Histograms: TypeAlias = "Mapping[str, Mapping[str, Mapping[str, hist.Hist]]]"
"""By dataset, variation and variable."""

_SPECTRUM = (40.0, 1600.0, 60)  # GeV; bins of equal width in the logarithm
_PEAK_BINS = 60
_TAIL = (150.0, 200.0, 260.0, 350.0, 450.0, 600.0, 800.0, 1000.0, 1500.0)
_SCORE_BINS = 20


def normalisation(metas: Sequence[Mapping[str, Any]], luminosity: float) -> float:
    """The weight of one event, from what is known of all chunks of its dataset; 1 if there are none, so for data.

    Args:
        metas: For each chunk its number of `events` and the `cross_section` in pb.
        luminosity: In 1/pb.
    """
    if not metas:
        return 1.0
    events = sum(meta["events"] for meta in metas)
    cross_section = sum(meta["cross_section"] * meta["events"] for meta in metas) / events
    return float(cross_section * luminosity / events)


def masses(chunks: Sequence[ak.Array], weight: float = 1.0) -> dict[str, hist.Hist]:
    """The mass of dimuons, in bins for the whole spectrum, for the Z peak and for the tail above it."""
    import awkward as ak
    import hist
    import numpy as np

    dimuons = ak.concatenate(chunks)
    mass = ak.to_numpy(dimuons.mass).astype("f8")
    low, high, bins = _SPECTRUM
    label = r"$m(\mu\mu)$ [GeV]"
    axes = {
        "spectrum": hist.axis.Variable(np.geomspace(low, high, bins + 1), name="mass", label=label),
        "peak": hist.axis.Regular(_PEAK_BINS, *Z_WINDOW, name="mass", label=label),
        "tail": hist.axis.Variable(_TAIL, name="mass", label=label),
    }
    return {variable: _filled(axis, mass, dimuons, weight) for variable, axis in axes.items()}


def scores(
    chunks: Sequence[ak.Array], model: Mapping[str, np.ndarray], weight: float = 1.0
) -> dict[str, hist.Hist]:
    """What the classifier with this model says of the dimuons."""
    import awkward as ak
    import hist

    dimuons = ak.concatenate(chunks)
    axis = hist.axis.Regular(_SCORE_BINS, 0, 1, name="score", label="Classifier score")
    return {"score": _filled(axis, classifier.score(model, dimuons), dimuons, weight)}


def total(
    histograms: Histograms,
    datasets: Iterable[str],
    variable: str,
    *,
    variation: str = "nominal",
    weighting: str = "nominal",
) -> hist.Hist:
    """The sum over `datasets`, seen with one weighting."""
    first, *others = [
        histograms[dataset][variation][variable][{"weighting": weighting}] for dataset in datasets
    ]
    return sum(others, start=first)


def to_json(histograms: Mapping[str, Any]) -> str:
    """Histograms, nested at will, as UHI JSON."""
    import json

    import uhi.io.json

    return json.dumps(histograms, default=uhi.io.json.default, sort_keys=True)


def from_json(text: str) -> dict[str, Any]:
    """The histograms that `to_json` wrote, nested as they were."""
    import json

    import hist
    import uhi.io.json

    def revived(value: dict[str, Any]) -> Any:
        value = uhi.io.json.object_hook(value)
        return hist.Hist(value) if "uhi_schema" in value else value

    result: dict[str, Any] = json.loads(text, object_hook=revived)
    return result


def write_root(path: str, histograms: Mapping[str, hist.Hist]) -> None:
    """A ROOT file with these histograms, for programs that read no other."""
    import uproot

    with uproot.recreate(path) as file:
        for name, histogram in histograms.items():
            file[name] = histogram


def _filled(axis: Any, values: np.ndarray, dimuons: ak.Array, weight: float) -> hist.Hist:
    import awkward as ak
    import hist

    prefix = "weight_"
    weights = {
        name.removeprefix(prefix): weight * ak.to_numpy(dimuons[name])
        for name in dimuons.fields
        if name.startswith(prefix)
    } or {"nominal": weight}  # data
    weightings = hist.axis.StrCategory(list(weights), name="weighting")
    histogram = hist.Hist(weightings, axis, storage=hist.storage.Weight())
    for weighting, each in weights.items():
        histogram.fill(weighting, values, weight=each)
    return histogram
