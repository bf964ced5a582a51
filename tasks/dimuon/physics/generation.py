"""Proton collisions at 13 TeV, as Pythia simulates them: final muons and the momentum that neutrinos take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasks.dimuon.physics import randomness
from tasks.dimuon.physics.datasets import Dataset

if TYPE_CHECKING:
    import awkward as ak

_MACHINE = (
    "Beams:eCM = 13000.",
    "PartonLevel:MPI = off",  # muons hardly see multi-parton interactions and hadrons, which take most of the time
    "HadronLevel:Hadronize = off",
    "Random:setSeed = on",
    "Print:quiet = on",
    "Check:event = off",
)
_MUON = 13
_NEUTRINOS = (12, 14, 16)
_PICOBARN = 1e-9  # in millibarn, the generator's unit
_PILOT_EVENTS = 200


def simulate(dataset: Dataset, *, seed: int, events: int) -> tuple[ak.Array, dict[str, Any]]:
    """Generate `events` collisions of a process.

    Returns:
        The events, each with its muons `mu` (pt, eta, phi, charge) and the momentum `met_x`, `met_y` of
        neutrinos in GeV; and what is known of them all: number, seed and cross section in pb.
    """
    pythia = _started(dataset, seed)
    collisions = _collisions(pythia, events)
    return collisions, {
        "dataset": dataset.name,
        "seed": seed,
        "events": events,
        "cross_section": _cross_section(pythia, dataset),
    }


def pseudodata(
    datasets: Sequence[Dataset], *, luminosity: float, scale: float
) -> tuple[ak.Array, dict[str, Any]]:
    """What `scale` times `luminosity` (1/pb) of collisions would hold, from seeds that no simulation uses.

    Returns:
        The shuffled events, and their number by dataset.
    """
    import awkward as ak

    parts, truth = [], {}
    for dataset in datasets:
        pilot = _started(dataset, 900_000 + dataset.number)
        for _ in range(_PILOT_EVENTS):  # the cross section is known only after some events
            pilot.next()
        expected = _cross_section(pilot, dataset) * luminosity * scale
        events = int(randomness.generator("pd", dataset.name, scale).poisson(expected))
        parts.append(_collisions(_started(dataset, 910_000 + dataset.number), events))
        truth[dataset.name] = events
    collisions = ak.concatenate(parts)
    shuffled = collisions[randomness.generator("pd", "shuffle").permutation(len(collisions))]
    return shuffled, {"events": len(shuffled), "luminosity": luminosity * scale, "truth": truth}


def _started(dataset: Dataset, seed: int) -> Any:
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in (*_MACHINE, *dataset.settings, f"Random:seed = {seed}"):
        if not pythia.readString(line):
            raise ValueError(f"dataset {dataset.name}: Pythia does not know the setting {line!r}")
    if not pythia.init():
        raise RuntimeError(f"dataset {dataset.name}: Pythia cannot start with its settings")
    return pythia


def _cross_section(pythia: Any, dataset: Dataset) -> float:
    return float(pythia.infoPython().sigmaGen()) / _PICOBARN * dataset.branching


def _collisions(pythia: Any, events: int) -> ak.Array:
    import awkward as ak
    import numpy as np

    muons: list[tuple[float, float, float, float]] = []
    counts = np.zeros(events, "i8")
    neutrinos = np.zeros((events, 2))
    for event in range(events):
        if not pythia.next():
            continue  # a failed collision counts as one without muons
        for particle in pythia.event:
            if not particle.isFinal():
                continue
            kind = particle.idAbs()
            if kind == _MUON:
                muons.append((particle.pT(), particle.eta(), particle.phi(), particle.charge()))
                counts[event] += 1
            elif kind in _NEUTRINOS:
                neutrinos[event] += particle.px(), particle.py()
    columns = np.array(muons).reshape(-1, 4).T
    types = {"pt": "f4", "eta": "f4", "phi": "f4", "charge": "i1"}
    mu = ak.zip({name: column.astype(types[name]) for name, column in zip(types, columns, strict=True)})
    return ak.zip(
        {
            "mu": ak.unflatten(mu, counts),
            "met_x": neutrinos[:, 0].astype("f4"),
            "met_y": neutrinos[:, 1].astype("f4"),
        },
        depth_limit=1,
    )
