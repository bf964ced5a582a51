"""Dimuons in open data of the CMS experiment: real collisions of 2010, and simulated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.dimuon.physics.selection import MIN_PT, Z_WINDOW

if TYPE_CHECKING:
    import hist
    import numpy as np

_BINS = 30
_GLOBAL_PAIR = "GG"  # both muons were found in the whole detector


def collisions(path: str) -> tuple[hist.Hist, dict[str, int]]:
    """The Z peak in collisions of 2010 at 7 TeV, from `uproot-Zmumu.root`.

    The file repeats an event for every way to pair its muons; the first pair of global muons is taken.

    Returns:
        The histogram of the mass, and how many events are left after each step.
    """
    import numpy as np
    import uproot

    pairs = uproot.open(path)["events"].arrays(library="np")
    pairs = {name: column[pairs["Type"] == _GLOBAL_PAIR] for name, column in pairs.items()}
    _, first = np.unique(np.stack([pairs["Run"], pairs["Event"]]), axis=1, return_index=True)
    pairs = {name: column[first] for name, column in pairs.items()}
    passed = (pairs["Q1"] * pairs["Q2"] < 0) & (np.minimum(pairs["pt1"], pairs["pt2"]) > MIN_PT)
    peak = _peak(pairs["M"][passed])
    return peak, {"all": len(first), "selected": int(passed.sum()), "Z window": int(peak.values().sum())}


def simulation(path: str) -> tuple[hist.Hist, dict[str, int]]:
    """The Z peak of the two hardest muons in simulated collisions, from `uproot-HZZ.root`."""
    import awkward as ak
    import numpy as np
    import uproot

    events = uproot.open(path)["events"].arrays(filter_name="/(NMuon|Muon_.*)/")
    pairs = events[events.NMuon >= 2]
    opposite = pairs.Muon_Charge[:, 0] * pairs.Muon_Charge[:, 1] < 0
    px, py, pz, energy = (
        ak.to_numpy(column[opposite][:, 0] + column[opposite][:, 1])
        for column in (pairs.Muon_Px, pairs.Muon_Py, pairs.Muon_Pz, pairs.Muon_E)
    )
    mass = np.sqrt(np.maximum(energy**2 - px**2 - py**2 - pz**2, 0))
    peak = _peak(mass)
    return peak, {"all": len(events), "selected": len(mass), "Z window": int(peak.values().sum())}


def _peak(mass: np.ndarray) -> hist.Hist:
    import hist

    axis = hist.axis.Regular(_BINS, *Z_WINDOW, name="mass", label=r"$m(\mu\mu)$ [GeV]")
    return hist.Hist(axis, storage=hist.storage.Weight()).fill(mass)
