"""Results: the mass of the Z boson in pseudo-data and in real collisions, and limits on a Z'."""

from typing import Any

import lawnix
from tasks.dimuon.base import Dimuon, Scaled
from tasks.dimuon.events import FetchOpenData
from tasks.dimuon.physics import histograms, limit, opendata, peak, randomness
from tasks.dimuon.physics.datasets import PSEUDODATA, SIGNALS
from tasks.dimuon.shapes import Histograms, MergeHistograms

_RESTARTS = 5
_RESTARTS_IN_SIMULATION = 2  # with so many events, the fit hardly depends on where it starts


class FitZPeak(Scaled):
    """The mass of the Z boson in the pseudo-data, calibrated with fits to the simulation and its variations."""

    def requires(self) -> MergeHistograms:
        return MergeHistograms.req(self)

    def output(self) -> Any:
        return self.target("fit.json")

    def run(self) -> None:
        merged = histograms.from_json(self.input()["histograms"].load(formatter="text"))
        data = peak.fit(
            histograms.total(merged, [PSEUDODATA], "peak"),
            random=randomness.generator("fit", PSEUDODATA),
            restarts=_RESTARTS,
        )
        backgrounds = [name for name in merged if name != PSEUDODATA]
        simulation = {
            variation: peak.fit(
                histograms.total(merged, backgrounds, "peak", variation=variation),
                random=randomness.generator("fit", "simulation", variation),
                restarts=_RESTARTS_IN_SIMULATION,
            )
            for variation in merged[backgrounds[0]]
        }
        calibrated = peak.calibrated(data, simulation)
        self.output().dump({"data": data, "simulation": simulation, "calibrated": calibrated}, indent=1)


class FitRealData(Dimuon):
    """The mass of the Z boson in open data of CMS: real collisions, and simulated ones."""

    def requires(self) -> FetchOpenData:
        return FetchOpenData.req(self)

    def output(self) -> dict[str, Any]:
        return {"fits": self.target("fits.json"), "peaks": self.target("peaks.json")}

    def run(self) -> None:
        fits, peaks = {}, {}
        for name, read in (("collisions", opendata.collisions), ("simulation", opendata.simulation)):
            peaks[name], cutflow = read(self.input()[name].path)
            random = randomness.generator("fit", name)
            fits[name] = {"cutflow": cutflow, "fit": peak.fit(peaks[name], random=random, restarts=_RESTARTS)}
        self.output()["fits"].dump(fits, indent=1)
        self.output()["peaks"].dump(histograms.to_json(peaks), formatter="text")


class Limit(Scaled, lawnix.LocalWorkflow):
    """The limit on the strength of a Z', a branch for each mass in GeV."""

    def create_branch_map(self) -> dict[int, int]:
        return dict(enumerate(SIGNALS))

    def workflow_requires(self) -> dict[str, Any]:
        return {
            "templates": MergeHistograms.req(self),
            "signals": Histograms.req_different_branching(self),
        }

    def requires(self) -> dict[str, Any]:
        return {
            "templates": MergeHistograms.req(self),
            "signal": Histograms.of(self, SIGNALS[self.branch_data].name),
        }

    def output(self) -> dict[str, Any]:
        return {"workspace": self.target("workspace.json"), "limit": self.target("limit.json")}

    def run(self) -> None:
        signal = {
            variation: histograms.from_json(target.load(formatter="text"))
            for variation, target in self.input()["signal"].items()
        }
        templates = histograms.from_json(self.input()["templates"]["histograms"].load(formatter="text"))
        workspace = limit.workspace({**templates, limit.SIGNAL: signal})
        self.output()["workspace"].dump(workspace, indent=1)
        self.output()["limit"].dump({"mass": self.branch_data, **limit.limit(workspace)}, indent=1)
