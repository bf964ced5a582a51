"""The work, as luigi tasks: files below out/."""

import os

import luigi
from bodies import above, layers, ran, width, write_large, write_many


class Number(luigi.Task):
    """A task whose output is one number."""

    def where(self) -> str:
        """The name of the file below out/, without its extension."""
        raise NotImplementedError

    def output(self):
        return luigi.LocalTarget(f"out/{self.where()}.txt")

    def write(self, number: int) -> None:
        ran()
        with self.output().open("w") as file:
            file.write(str(number))


def read(target: luigi.LocalTarget) -> int:
    with target.open() as file:
        return int(file.read().split()[0])


class Start(Number):
    def where(self):
        return "start"

    def run(self):
        self.write(0)


class Leaf(Number):
    number = luigi.IntParameter()

    def where(self):
        return f"leaf/{self.number}"

    def run(self):
        self.write(self.number)


class Wide(luigi.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        return [Leaf(number=number) for number in range(self.size)]


class Link(Number):
    number = luigi.IntParameter()

    def where(self):
        return f"link/{self.number}"

    def requires(self):
        return Link(number=self.number - 1) if self.number else []

    def run(self):
        self.write(read(self.input()) + 1 if self.number else 0)


class Chain(luigi.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        return Link(number=self.size - 1)


class Node(Number):
    layer = luigi.IntParameter()
    number = luigi.IntParameter()
    size = luigi.IntParameter()

    def where(self):
        return f"node/{self.layer}-{self.number}"

    def requires(self):
        if not self.layer:
            return []  # luigi looks at whether files exist: what a task requires makes no difference here
        return [
            Node(layer=self.layer - 1, number=number, size=self.size)
            for number in above(self.number, self.size)
        ]

    def run(self):
        parts = self.input() if self.layer else [luigi.LocalTarget(f"sources/{self.number}.txt")]
        self.write(sum(map(read, parts)))


class Layered(luigi.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        last = layers(self.size) - 1
        return [Node(layer=last, number=number, size=self.size) for number in range(width(self.size))]


class Branch(Number):
    number = luigi.IntParameter()

    def where(self):
        return f"branch/{self.number}"

    def requires(self):
        return Start()

    def run(self):
        self.write(self.number)


class Branches(luigi.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        return [Branch(number=number) for number in range(self.size)]


class LargeFile(luigi.Task):
    size = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget("out/large.bin")

    def run(self):
        os.makedirs("out", exist_ok=True)
        with self.output().temporary_path() as path:
            write_large(path, self.size)


class ManyFiles(luigi.Task):
    size = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget("out/many")

    def run(self):
        with self.output().temporary_path() as path:
            write_many(path, self.size)
