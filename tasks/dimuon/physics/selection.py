"""From generated muons to measured dimuons: a toy detector, and the cuts of the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.dimuon.physics import randomness
from tasks.dimuon.physics.datasets import NOMINAL, Sample

if TYPE_CHECKING:
    import awkward as ak
    import numpy as np
    from correctionlib.highlevel import Correction

MIN_PT = 15.0  # GeV, of every muon
MIN_LEADING_PT = 25.0  # GeV
MAX_ABSETA = 2.4
Z_WINDOW = (76.0, 106.0)  # GeV

_MUON_MASS = 0.1056583755  # GeV
_EFFICIENCY = 0.96
_DATA_SCALE = 1.001  # the momentum scale of the pseudo-data: what the fit of the Z peak has to find
_MET_RESOLUTION = 8.0  # GeV


def select(
    events: ak.Array, sample: Sample, scale_factors: Correction, *, data: bool
) -> tuple[ak.Array, dict[str, int]]:
    """The dimuons of `events`: the two hardest muons, if they pass the cuts and have opposite charges.

    Simulation gets weights, the squared scale factors; data get none, they lose muons instead.

    Returns:
        One record a dimuon (momenta and masses in GeV), and how many events are left after each step.
    """
    import awkward as ak
    import numpy as np

    muons = measured(events, sample, scale_factors, data=data)
    paired = ak.to_numpy(ak.num(muons) >= 2)
    first, second = muons[paired][:, 0], muons[paired][:, 1]
    passed = ak.to_numpy((first.pt > MIN_LEADING_PT) & (first.charge * second.charge < 0))
    first, second = first[passed], second[passed]
    dimuon = first + second
    columns = {
        "mass": dimuon.mass,
        "pt": dimuon.pt,
        "dphi": abs(first.deltaphi(second)),
        "met": _missing_pt(events, sample)[paired][passed],
        "pt1": first.pt,
        "pt2": second.pt,
        "eta1": first.eta,
        "eta2": second.eta,
    }
    if not data:
        weightings = ("nominal", "id_up", "id_down") if sample.variation == NOMINAL else ("nominal",)
        for weighting in weightings:
            columns[f"weight_{weighting}"] = _weight(first, second, scale_factors, weighting)
    columns = {name: np.asarray(column, "f4") for name, column in columns.items()}
    low, high = Z_WINDOW
    cutflow = {
        "all": len(events),
        "two muons": int(paired.sum()),
        "opposite charges": int(passed.sum()),
        "Z window": int(((columns["mass"] > low) & (columns["mass"] < high)).sum()),
    }
    return ak.zip(columns), cutflow


def measured(events: ak.Array, sample: Sample, scale_factors: Correction, *, data: bool) -> ak.Array:
    """The muons that a toy detector measures in `events`, the hardest first.

    All variations of one chunk share their random numbers, so that they differ by the variation alone.
    """
    import awkward as ak
    import numpy as np
    import vector

    vector.register_awkward()
    flat = ak.flatten(events.mu)
    pt, eta, phi, charge = (ak.to_numpy(flat[name]).astype("f8") for name in ("pt", "eta", "phi", "charge"))
    random = randomness.generator("smear", sample.dataset, sample.chunk)
    smearing, luck = random.standard_normal(len(pt)), random.random(len(pt))
    resolution = (0.011 + 0.0046 * np.abs(eta)) * (1 + sample.variation.resolution)
    pt = pt * (1 + resolution * smearing) * (1 + sample.variation.scale) * (_DATA_SCALE if data else 1.0)
    kept = (luck < _EFFICIENCY) & (np.abs(eta) < MAX_ABSETA) & (pt > MIN_PT)
    if data:
        identified = randomness.generator("id", sample.dataset, sample.chunk).random(len(pt))
        kept &= identified < scale_factors.evaluate("nominal", pt, np.abs(eta))
    mass = np.full(len(pt), _MUON_MASS)
    muons = ak.zip(
        {"pt": pt, "eta": eta, "phi": phi, "mass": mass, "charge": charge, "kept": kept},
        with_name="Momentum4D",
    )
    muons = ak.unflatten(muons, ak.to_numpy(ak.num(events.mu)))
    muons = muons[muons.kept]
    return muons[ak.argsort(muons.pt, ascending=False)]


def _missing_pt(events: ak.Array, sample: Sample) -> np.ndarray:
    import awkward as ak
    import numpy as np

    noise = randomness.generator("met", sample.dataset, sample.chunk).standard_normal(len(events))
    neutrinos = np.hypot(ak.to_numpy(events.met_x), ak.to_numpy(events.met_y))
    return neutrinos + _MET_RESOLUTION * np.abs(noise)


def _weight(first: ak.Array, second: ak.Array, scale_factors: Correction, weighting: str) -> np.ndarray:
    import numpy as np

    def factor(muon: ak.Array) -> np.ndarray:
        return scale_factors.evaluate(weighting, np.asarray(muon.pt), np.abs(np.asarray(muon.eta)))

    return factor(first) * factor(second)
