"""Events: simulated collisions, pseudo-data, and real collisions."""

from typing import Any
from zipfile import ZipFile

import lawnix
from tasks.dimuon.base import Dimuon, Scaled
from tasks.dimuon.physics import generation
from tasks.dimuon.physics.datasets import BACKGROUNDS, LUMINOSITY, Chunk, chunks

_OPEN_DATA = {"collisions": "uproot-Zmumu.root", "simulation": "uproot-HZZ.root"}


class GenerateEvents(Scaled, lawnix.LocalWorkflow):
    """Simulated collisions, a branch for each chunk of a dataset. This is what takes most of the time."""

    @classmethod
    def of(cls, task: Scaled, dataset: str) -> "list[GenerateEvents]":
        """The branches that simulate `dataset`, in order."""
        return [
            cls.req_different_branching(task, branch=branch)
            for branch, chunk in enumerate(chunks(task.scale))
            if chunk.dataset.name == dataset
        ]

    def create_branch_map(self) -> dict[int, Chunk]:
        return dict(enumerate(chunks(self.scale)))

    def output(self) -> dict[str, Any]:
        return {"events": self.target("events.parquet"), "meta": self.target("meta.json")}

    def run(self) -> None:
        chunk = self.branch_data
        events, meta = generation.simulate(chunk.dataset, seed=chunk.seed, events=chunk.events)
        self.output()["events"].dump(events, compression="zstd")
        self.output()["meta"].dump(meta, indent=1)


class PseudoData(Scaled):
    """Simulated collisions in the place of data: of every background as many as nature would make."""

    priority = 1  # the longest of all tasks: with two workers it had better start first

    def output(self) -> dict[str, Any]:
        return {"events": self.target("events.parquet"), "meta": self.target("meta.json")}

    def run(self) -> None:
        events, meta = generation.pseudodata(BACKGROUNDS, luminosity=LUMINOSITY, scale=self.scale)
        self.output()["events"].dump(events, compression="zstd")
        self.output()["meta"].dump(meta, indent=1)


class FetchOpenData(Dimuon):
    """Open data of the CMS experiment, as the Scikit-HEP project hands them out."""

    def requires(self) -> lawnix.Task:
        return lawnix.Fetch(  # the last release that brings its data along
            package="scikit-hep-testdata==0.3.12",
            digest="sha256:7abaef737a5111d955c551469dce8075ad74014ed8d535d184f1f2cf4864b51a",
        )

    def output(self) -> dict[str, Any]:
        return {name: self.target(file_name) for name, file_name in _OPEN_DATA.items()}

    def run(self) -> None:
        with ZipFile(self.input().path) as wheel:
            for name, target in self.output().items():
                with target.open("wb") as file:
                    file.write(wheel.read(f"skhep_testdata/data/{_OPEN_DATA[name]}"))
