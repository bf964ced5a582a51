"""The same work, as lawnix tasks."""

import law
import luigi

import lawnix

law.contrib.load("numpy")  # as an analysis would; nothing of it is used


class Leaf(lawnix.Task):
    """One trivial task."""

    number = luigi.IntParameter()

    def output(self):
        return self.target("leaf.txt")

    def run(self):
        self.output().dump(str(self.number), formatter="text")


class Leaves(lawnix.WrapperTask):
    """Many trivial tasks."""

    size = luigi.IntParameter()

    def requires(self):
        return [Leaf(number=number) for number in range(self.size)]


class Branches(lawnix.Task, lawnix.LocalWorkflow):
    """Many trivial branches, which require one task."""

    size = luigi.IntParameter()

    def create_branch_map(self):
        return dict(enumerate(range(self.size)))

    def requires(self):
        return Leaf(number=0)

    def output(self):
        return self.target("branch.txt")

    def run(self):
        self.output().dump(str(self.branch_data), formatter="text")
