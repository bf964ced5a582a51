from pathlib import Path

import law

import lawnix

DATA = Path(__file__).parent / "data"


class Words(lawnix.ExternalTask):
    """A file that nobody here makes."""

    def output(self):
        return law.LocalFileTarget(DATA / "words.txt")


class Split(law.Task):
    """A plain law task: its output has a place, and is there or not."""

    def requires(self):
        return Words()

    def output(self):
        return law.LocalFileTarget(DATA / "split.json")

    def run(self):
        self.output().dump(self.input().load(formatter="text").split(), formatter="json")


class Lengths(lawnix.Task):
    def requires(self):
        return {"split": Split(), "words": Words()}

    def output(self):
        return self.target("lengths.json")

    def run(self):
        words = self.input()["split"].load(formatter="json")
        size = len(self.input()["words"].load(formatter="text"))
        self.output().dump({"words": [len(word) for word in words], "text": size}, formatter="json")


class Table(law.Task):
    """A plain law task behind a lawnix task: `self.input()` is a target like any other."""

    def requires(self):
        return Lengths()

    def output(self):
        return law.LocalFileTarget(DATA / "table.txt")

    def run(self):
        lengths = self.input().load(formatter="json")
        self.output().dump(f"{lengths['words']} of {lengths['text']}\n", formatter="text")
