"""The work, as lawnix tasks."""

import os

import law
import luigi
from bodies import above, layers, ran, width, write_large, write_many

import lawnix


class Number(lawnix.Task):
    """A task whose output is one number."""

    def output(self):
        return self.target("number.txt")

    def write(self, number: int) -> None:
        ran()
        self.output().dump(str(number), formatter="text")


class Start(Number):
    def run(self):
        self.write(0)


class Leaf(Number):
    number = luigi.IntParameter()

    def run(self):
        self.write(self.number)


class Wide(lawnix.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        return [Leaf(number=number) for number in range(self.size)]


class Link(Number):
    number = luigi.IntParameter()

    def requires(self):
        return Link(number=self.number - 1) if self.number else []

    def run(self):
        self.write(int(self.input().load(formatter="text")) + 1 if self.number else 0)


class Chain(lawnix.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        return Link(number=self.size - 1)


class Source(lawnix.ExternalTask):
    number = luigi.IntParameter()

    def output(self):
        return law.LocalFileTarget(os.path.abspath(f"sources/{self.number}.txt"))


class Node(Number):
    layer = luigi.IntParameter()
    number = luigi.IntParameter()
    size = luigi.IntParameter()

    def requires(self):
        if not self.layer:
            return [Source(number=self.number)]
        return [
            Node(layer=self.layer - 1, number=number, size=self.size)
            for number in above(self.number, self.size)
        ]

    def run(self):
        self.write(sum(int(part.load(formatter="text").split()[0]) for part in self.input()))


class Layered(lawnix.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        last = layers(self.size) - 1
        return [Node(layer=last, number=number, size=self.size) for number in range(width(self.size))]


class Branches(Number, lawnix.LocalWorkflow):
    size = luigi.IntParameter()

    def create_branch_map(self):
        return dict(enumerate(range(self.size)))

    def requires(self):
        return Start()

    def run(self):
        self.write(self.branch_data)


class LargeFile(lawnix.Task):
    size = luigi.IntParameter()

    def output(self):
        return self.target("large.bin")

    def run(self):
        write_large(self.output().path, self.size)


class ManyFiles(lawnix.Task):
    size = luigi.IntParameter()

    def output(self):
        return self.target("many", "d")

    def run(self):
        write_many(self.output().path, self.size)


class Inside(Number, lawnix.LocalWorkflow, law.SandboxTask):
    """Branches that are built in a sandbox."""

    size = luigi.IntParameter()

    def create_branch_map(self):
        return dict(enumerate(range(self.size)))

    def run(self):
        self.write(self.branch_data)


class BashSandbox(Inside):
    sandbox = "bash::setup.sh"


class VenvSandbox(Inside):
    sandbox = "venv::" + os.environ.get("BENCHMARK_VENV", "")


class DockerSandbox(Inside):
    sandbox = "docker::" + os.environ.get("BENCHMARK_IMAGE", "")


class SingularitySandbox(Inside):
    sandbox = "singularity::" + os.environ.get("BENCHMARK_TREE", "")
