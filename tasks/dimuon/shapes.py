"""Shapes: a classifier, and histograms of dimuons."""

from typing import Any

import luigi

import lawnix
from tasks.dimuon.base import Scaled
from tasks.dimuon.dimuons import SelectDimuons
from tasks.dimuon.events import GenerateEvents
from tasks.dimuon.physics import classifier, histograms
from tasks.dimuon.physics.datasets import BACKGROUNDS, PSEUDODATA, shapes


class TrainClassifier(Scaled):
    """A neural network that tells dimuons with neutrinos from others."""

    seed = luigi.IntParameter(default=1, description="of the network's first weights; default: 1")

    def requires(self) -> dict[str, list[SelectDimuons]]:
        return {name: SelectDimuons.of(self, name) for name in (*classifier.SIGNAL, *classifier.BACKGROUND)}

    def output(self) -> dict[str, Any]:
        return {"model": self.target("model.npz"), "metrics": self.target("metrics.json")}

    def run(self) -> None:
        dimuons = {
            name: [chunk["dimuons"].load() for chunk in chunks] for name, chunks in self.input().items()
        }
        model, metrics = classifier.train(dimuons, seed=self.seed)
        self.output()["model"].dump(**model)
        self.output()["metrics"].dump(metrics, indent=1)


class ClassifierScores(Scaled):
    """Histograms of what the classifier says of pseudo-data and of every background."""

    def requires(self) -> dict[str, Any]:
        names = [dataset.name for dataset in BACKGROUNDS]
        return {
            "classifier": TrainClassifier.req(self),
            "dimuons": {name: SelectDimuons.of(self, name) for name in (*names, PSEUDODATA)},
            "events": {name: GenerateEvents.of(self, name) for name in names},
        }

    def output(self) -> Any:
        return self.target("scores.json")

    def run(self) -> None:
        model = self.input()["classifier"]["model"].load()
        filled = {}
        for name, chunks in self.input()["dimuons"].items():
            dimuons = [chunk["dimuons"].load() for chunk in chunks]
            metas = [chunk["meta"].load() for chunk in self.input()["events"].get(name, [])]
            weight = histograms.normalisation(metas, self.luminosity)
            filled[name] = {"nominal": histograms.scores(dimuons, model, weight)}
        self.output().dump(histograms.to_json(filled), formatter="text")


class Histograms(Scaled, lawnix.LocalWorkflow):
    """Histograms of the mass of dimuons: a branch for each dataset and variation."""

    @classmethod
    def of(cls, task: Scaled, dataset: str) -> "dict[str, Histograms]":
        """The branches for `dataset`, by variation."""
        return {
            variation: cls.req_different_branching(task, branch=branch)
            for branch, (name, variation) in enumerate(shapes())
            if name == dataset
        }

    def create_branch_map(self) -> dict[int, tuple[str, str]]:
        return dict(enumerate(shapes()))

    def workflow_requires(self) -> dict[str, Any]:
        return {
            "dimuons": SelectDimuons.req_different_branching(self),
            "events": GenerateEvents.req_different_branching(self),
        }

    def requires(self) -> dict[str, Any]:
        dataset, variation = self.branch_data
        return {
            "dimuons": SelectDimuons.of(self, dataset, variation),
            "events": GenerateEvents.of(self, dataset),
        }

    def output(self) -> Any:
        return self.target("masses.json")

    def run(self) -> None:
        dimuons = [chunk["dimuons"].load() for chunk in self.input()["dimuons"]]
        metas = [chunk["meta"].load() for chunk in self.input()["events"]]
        filled = histograms.masses(dimuons, histograms.normalisation(metas, self.luminosity))
        self.output().dump(histograms.to_json(filled), formatter="text")


class MergeHistograms(Scaled):
    """The histograms of the pseudo-data and of every background in one file; signals are looked at one by one."""

    def requires(self) -> dict[str, dict[str, Histograms]]:
        names = [dataset.name for dataset in BACKGROUNDS]
        return {name: Histograms.of(self, name) for name in (*names, PSEUDODATA)}

    def output(self) -> dict[str, Any]:
        return {"histograms": self.target("masses.json"), "peak": self.target("peak.root")}

    def run(self) -> None:
        merged = {
            name: {
                variation: histograms.from_json(target.load(formatter="text"))
                for variation, target in variations.items()
            }
            for name, variations in self.input().items()
        }
        self.output()["histograms"].dump(histograms.to_json(merged), formatter="text")
        peak = histograms.total(merged, [PSEUDODATA], "peak")
        histograms.write_root(self.output()["peak"].path, {"data": peak})
