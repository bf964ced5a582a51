"""The summary: figures, and a report with all numbers."""

from typing import Any

from tasks.dimuon.base import Scaled
from tasks.dimuon.dimuons import SelectDimuons
from tasks.dimuon.events import PseudoData
from tasks.dimuon.physics import histograms, plots, report
from tasks.dimuon.physics.datasets import PSEUDODATA, SIGNALS
from tasks.dimuon.results import FitRealData, FitZPeak, Limit
from tasks.dimuon.shapes import ClassifierScores, Histograms, MergeHistograms, TrainClassifier

_FIGURES = ("spectrum", "peak", "opendata", "scores", "limits")
_SHOWN_SIGNAL = 500  # GeV


class Plots(Scaled):
    """The figures."""

    def requires(self) -> dict[str, Any]:
        return {
            "merged": MergeHistograms.req(self),
            "signal": Histograms.of(self, SIGNALS[_SHOWN_SIGNAL].name)["nominal"],
            "fit": FitZPeak.req(self),
            "opendata": FitRealData.req(self),
            "scores": ClassifierScores.req(self),
            "limits": Limit.req(self),
        }

    def output(self) -> dict[str, dict[str, Any]]:
        return {name: {kind: self.target(f"{name}.{kind}") for kind in ("png", "pdf")} for name in _FIGURES}

    def run(self) -> None:
        inputs = self.input()
        merged, signal, scores, opendata = (
            histograms.from_json(target.load(formatter="text"))
            for target in (
                inputs["merged"]["histograms"],
                inputs["signal"],
                inputs["scores"],
                inputs["opendata"]["peaks"],
            )
        )
        limits = _limits(inputs["limits"])
        beam = plots.beam(self.luminosity)
        figures = {
            "spectrum": plots.spectrum(merged, signal["spectrum"], f"Z' ({_SHOWN_SIGNAL} GeV)", beam),
            "peak": plots.peak(
                histograms.total(merged, [PSEUDODATA], "peak"),
                inputs["fit"].load()["data"],
                "Pseudo-data",
                beam,
            ),
            "opendata": plots.peak(
                opendata["collisions"],
                inputs["opendata"]["fits"].load()["collisions"]["fit"],
                "CMS open data",
                "2010 (7 TeV)",
            ),
            "scores": plots.scores(scores, beam),
            "limits": plots.limits(limits, beam),
        }
        for name, targets in self.output().items():
            targets["png"].dump(figures[name], dpi=100, metadata={"Software": None})
            targets["pdf"].dump(figures[name], metadata={"CreationDate": None})


class Report(Scaled):
    """The report as a web page and as Markdown, with its figures; and all its numbers for programs."""

    def requires(self) -> dict[str, Any]:
        return {
            "pseudodata": PseudoData.req(self),
            "selection": SelectDimuons.of(self, PSEUDODATA),
            "classifier": TrainClassifier.req(self),
            "peak": FitZPeak.req(self),
            "opendata": FitRealData.req(self),
            "limits": Limit.req(self),
            "plots": Plots.req(self),
        }

    def output(self) -> dict[str, Any]:
        return {"report": self.target("report", type="d"), "numbers": self.target("numbers.json")}

    def run(self) -> None:
        inputs, directory = self.input(), self.output()["report"]
        numbers = {
            "pseudodata": inputs["pseudodata"]["meta"].load(),
            "cutflow": inputs["selection"][0]["cutflow"].load(),
            "classifier": inputs["classifier"]["metrics"].load(),
            "peak": inputs["peak"].load(),
            "opendata": inputs["opendata"]["fits"].load(),
            "limits": _limits(inputs["limits"]),
        }
        self.output()["numbers"].dump(numbers, indent=1)
        for name, targets in inputs["plots"].items():
            for kind, figure in targets.items():
                figure.copy_to_local(directory.child(f"{name}.{kind}", type="f").path)
        parts = list(report.sections(numbers))
        links = {name: f"{name}.png" for name in inputs["plots"]}
        images = {name: _bytes(targets["png"]) for name, targets in inputs["plots"].items()}
        directory.child("report.md", type="f").dump(report.markdown(parts, links), formatter="text")
        directory.child("report.html", type="f").dump(report.html(parts, images), formatter="text")


def _limits(inputs: Any) -> list[dict[str, Any]]:
    return [outputs["limit"].load() for outputs in inputs["collection"].targets.values()]


def _bytes(target: Any) -> bytes:
    with target.open("rb") as file:
        content: bytes = file.read()
    return content
