"""The work, as law tasks: files below out/."""

import os

import law
import luigi
from bodies import above, layers, ran, width, write_large, write_many

law.contrib.load("docker", "singularity")


class Number(law.Task):
    """A task whose output is one number."""

    def where(self) -> str:
        """The name of the file below out/, without its extension."""
        raise NotImplementedError

    def output(self):
        return law.LocalFileTarget(os.path.abspath(f"out/{self.where()}.txt"))

    def write(self, number: int) -> None:
        ran()
        self.output().dump(str(number), formatter="text")


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


class Wide(law.WrapperTask):
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
        self.write(int(self.input().load(formatter="text")) + 1 if self.number else 0)


class Chain(law.WrapperTask):
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
            return []  # law and luigi look at whether files exist: what a task requires makes no difference here
        return [
            Node(layer=self.layer - 1, number=number, size=self.size)
            for number in above(self.number, self.size)
        ]

    def run(self):
        source = law.LocalFileTarget(os.path.abspath(f"sources/{self.number}.txt"))
        parts = self.input() if self.layer else [source]
        self.write(sum(int(part.load(formatter="text").split()[0]) for part in parts))


class Layered(law.WrapperTask):
    size = luigi.IntParameter()

    def requires(self):
        last = layers(self.size) - 1
        return [Node(layer=last, number=number, size=self.size) for number in range(width(self.size))]


class Branches(Number, law.LocalWorkflow):
    size = luigi.IntParameter()

    def where(self):
        return f"branch/{self.branch}"

    def create_branch_map(self):
        return dict(enumerate(range(self.size)))

    def requires(self):
        return Start()

    def run(self):
        self.write(self.branch_data)


class LargeFile(law.Task):
    size = luigi.IntParameter()

    def output(self):
        return law.LocalFileTarget(os.path.abspath("out/large.bin"))

    def run(self):
        self.output().parent.touch()
        write_large(self.output().path, self.size)


class ManyFiles(law.Task):
    size = luigi.IntParameter()

    def output(self):
        return law.LocalDirectoryTarget(os.path.abspath("out/many"))

    def run(self):
        self.output().parent.touch()
        write_many(self.output().path, self.size)


class Inside(Number, law.LocalWorkflow, law.SandboxTask):
    """Branches that are built in a sandbox."""

    size = luigi.IntParameter()

    def where(self):
        return f"inside/{self.branch}"

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
