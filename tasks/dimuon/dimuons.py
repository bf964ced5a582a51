"""Dimuons: what a toy detector measures of the events, and the cuts."""

import tomllib
from pathlib import Path
from typing import Any

import law

import lawnix
from tasks.dimuon.base import Dimuon, Scaled
from tasks.dimuon.events import GenerateEvents, PseudoData
from tasks.dimuon.physics import corrections, selection
from tasks.dimuon.physics.datasets import PSEUDODATA, Sample, samples


class CorrectionTable(lawnix.ExternalTask):
    """Scale factors of the muon identification, in a file that people edit."""

    task_namespace = "dimuon"

    def output(self) -> law.LocalFileTarget:
        return law.LocalFileTarget(str(Path(corrections.__file__).with_name(corrections.TABLE)))


class MuonCorrections(Dimuon):
    """The scale factors as correctionlib reads them; white space in the table does not come this far."""

    def requires(self) -> CorrectionTable:
        return CorrectionTable.req(self)

    def output(self) -> Any:
        return self.target("muon_id.json")

    def run(self) -> None:
        table = tomllib.loads(self.input().load(formatter="text"))
        self.output().dump(corrections.correction_set(table), formatter="text")


class SelectDimuons(Scaled, lawnix.LocalWorkflow):
    """Dimuons that pass the cuts: a branch for each chunk and variation of the muons, and one for the pseudo-data."""

    @classmethod
    def of(cls, task: Scaled, dataset: str, variation: str = "nominal") -> "list[SelectDimuons]":
        """The branches that select from `dataset` with `variation`, in the order of its chunks."""
        return [
            cls.req_different_branching(task, branch=branch)
            for branch, sample in enumerate(samples())
            if (sample.dataset, sample.variation.name) == (dataset, variation)
        ]

    def create_branch_map(self) -> dict[int, Sample]:
        return dict(enumerate(samples()))

    def workflow_requires(self) -> dict[str, Any]:
        return {
            "events": GenerateEvents.req_different_branching(self),
            "pseudodata": PseudoData.req(self),
            "corrections": MuonCorrections.req(self),
        }

    def requires(self) -> dict[str, Any]:
        dataset, chunk = self.branch_data.dataset, self.branch_data.chunk
        return {
            "events": (
                PseudoData.req(self) if dataset == PSEUDODATA else GenerateEvents.of(self, dataset)[chunk]
            ),
            "corrections": MuonCorrections.req(self),
        }

    def output(self) -> dict[str, Any]:
        return {"dimuons": self.target("dimuons.parquet"), "cutflow": self.target("cutflow.json")}

    def run(self) -> None:
        dimuons, cutflow = selection.select(
            self.input()["events"]["events"].load(),
            self.branch_data,
            corrections.muon_id(self.input()["corrections"].load(formatter="text")),
            data=self.branch_data.dataset == PSEUDODATA,
        )
        self.output()["dimuons"].dump(dimuons, compression="zstd")
        self.output()["cutflow"].dump(cutflow, indent=1)
