"""What is simulated, and how measured muons are varied: plain values, to be read and edited."""

from dataclasses import dataclass

LUMINOSITY = 5.0
"""Integrated luminosity of the pseudo-data at scale 1, in 1/pb."""

PSEUDODATA = "pseudodata"
"""Name of the dataset that stands for data."""


@dataclass(frozen=True)
class Dataset:
    """A process as the generator simulates it.

    Attributes:
        number: Belongs to this dataset alone; random seeds are made from it.
        settings: Lines for Pythia.
        events: How many are generated at scale 1, in all chunks.
        branching: A branching fraction that the generator's cross section leaves out.
    """

    name: str
    number: int
    settings: tuple[str, ...]
    events: int
    chunks: int = 1
    branching: float = 1.0


@dataclass(frozen=True)
class Chunk:
    """A part of a dataset, simulated on its own."""

    dataset: Dataset
    number: int
    events: int
    seed: int


@dataclass(frozen=True)
class Variation:
    """Relative changes of the momentum scale and of the momentum resolution of muons."""

    name: str
    scale: float = 0.0
    resolution: float = 0.0


@dataclass(frozen=True)
class Sample:
    """Events to select dimuons from, and the variation of the muons to do it with."""

    dataset: str
    chunk: int
    variation: Variation


_Z_TO_MUONS = ("23:onMode = off", "23:onIfAny = 13")
_W_TO_MUONS = ("24:onMode = off", "24:onIfAny = 13")
_Z_TO_TAUS_TO_MUONS = (
    "23:onMode = off",
    "23:onIfAny = 15",
    "15:onMode = off",
    "15:onIfAny = 13",
    "TauDecays:mode = 0",  # isotropic; with spin correlations an event takes sixty times as long
)
_TAU_TO_MUON = 0.1739  # branching fraction (Particle Data Group)
_DRELL_YAN = "WeakSingleBoson:ffbar2gmZ = on"

BACKGROUNDS = (
    Dataset(
        "dy",
        1,
        (_DRELL_YAN, *_Z_TO_MUONS, "PhaseSpace:mHatMin = 40.", "PhaseSpace:mHatMax = 150."),
        events=12_000,
        chunks=4,
    ),
    Dataset("dy_m150", 2, (_DRELL_YAN, *_Z_TO_MUONS, "PhaseSpace:mHatMin = 150."), events=2_000),
    Dataset(
        "dytautau",
        3,
        (_DRELL_YAN, "PhaseSpace:mHatMin = 40.", *_Z_TO_TAUS_TO_MUONS),
        events=2_000,
        branching=_TAU_TO_MUON**2,
    ),
    Dataset("ttbar", 4, ("Top:gg2ttbar = on", "Top:qqbar2ttbar = on", *_W_TO_MUONS), events=1_500),
    Dataset("ww", 5, ("WeakDoubleBoson:ffbar2WW = on", *_W_TO_MUONS), events=600),
    Dataset(
        "wz",
        6,
        ("WeakDoubleBoson:ffbar2ZW = on", *_Z_TO_MUONS, "24:onMode = off", "24:onIfAny = 13 1 2 3 4"),
        events=600,
    ),
)


def zprime(mass: int, number: int) -> Dataset:
    """A Z' boson of `mass` GeV with the couplings of the Z, without photon and Z."""
    settings = (
        "NewGaugeBoson:ffbar2gmZZprime = on",
        "Zprime:gmZmode = 3",
        f"32:m0 = {mass}.",
        "32:onMode = off",
        "32:onIfAny = 13",
    )
    return Dataset(f"zp{mass}", number, settings, events=800)


SIGNALS = {
    300: zprime(300, number=7),
    500: zprime(500, number=8),
    700: zprime(700, number=9),
    900: zprime(900, number=10),
    1100: zprime(1100, number=11),
}
"""The simulated Z' bosons by mass in GeV. A limit is set on each of them."""

NOMINAL = Variation("nominal")
VARIATIONS = (
    NOMINAL,
    Variation("scale_up", scale=+0.002),
    Variation("scale_down", scale=-0.002),
    Variation("resolution_up", resolution=+0.10),
    Variation("resolution_down", resolution=-0.10),
)


def chunks(scale: float) -> list[Chunk]:
    """Every part of every dataset, with `scale` times the usual number of events."""
    return [
        Chunk(
            dataset,
            number,
            events=int(dataset.events * scale) // dataset.chunks,
            seed=1_000 * dataset.number + number + 1,
        )
        for dataset in (*BACKGROUNDS, *SIGNALS.values())
        for number in range(dataset.chunks)
    ]


def samples() -> list[Sample]:
    """Every chunk with every variation, and the pseudo-data as they are."""
    simulated = [
        Sample(dataset.name, number, variation)
        for dataset in (*BACKGROUNDS, *SIGNALS.values())
        for number in range(dataset.chunks)
        for variation in VARIATIONS
    ]
    return [*simulated, Sample(PSEUDODATA, 0, NOMINAL)]


def shapes() -> list[tuple[str, str]]:
    """Every pair of dataset and variation that is filled into histograms, by name."""
    return list(dict.fromkeys((sample.dataset, sample.variation.name) for sample in samples()))
