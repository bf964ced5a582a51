"""The work, as law tasks: files below the directory that BENCHMARK_DIRECTORY names."""

import os

import law
import luigi

law.contrib.load("numpy")  # as an analysis would; nothing of it is used


class Leaf(law.Task):
    """One trivial task."""

    number = luigi.IntParameter()

    def output(self):
        return law.LocalFileTarget(
            os.path.join(os.environ["BENCHMARK_DIRECTORY"], "law", f"leaf{self.number}.txt")
        )

    def run(self):
        self.output().dump(str(self.number), formatter="text")


class Leaves(law.WrapperTask):
    """Many trivial tasks."""

    size = luigi.IntParameter()

    def requires(self):
        return [Leaf(number=number) for number in range(self.size)]


class Branches(law.LocalWorkflow):
    """Many trivial branches, which require one task."""

    size = luigi.IntParameter()

    def create_branch_map(self):
        return dict(enumerate(range(self.size)))

    def requires(self):
        return Leaf(number=0)

    def output(self):
        directory = os.path.join(os.environ["BENCHMARK_DIRECTORY"], "law", f"branches{self.size}")
        return law.LocalFileTarget(os.path.join(directory, f"{self.branch}.txt"))

    def run(self):
        self.output().dump(str(self.branch_data), formatter="text")
