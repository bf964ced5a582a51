from pathlib import Path

import law
import luigi

DATA = Path(__file__).parent / "data"


class Ana(law.Task):
    """What all tasks of this analysis have in common, as in many with law."""

    version = luigi.Parameter(default="v1")

    def local_path(self, name):
        return DATA / self.task_family / self.version / name

    def local_target(self, name):
        return law.LocalFileTarget(self.local_path(name))


class Words(Ana):
    def output(self):
        return self.local_target("words.json")

    def run(self):
        self.output().dump(["four", "score", "and", "seven", "years", "ago"], formatter="json")


class Length(Ana, law.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(6)))

    def requires(self):
        return Words.req(self)

    def output(self):
        return self.local_target(f"length_{self.branch}.json")

    def run(self):
        words = self.input().load(formatter="json")
        self.output().dump(len(words[self.branch_data]), formatter="json")


class Total(Ana):
    def requires(self):
        return Length.req(self)

    def output(self):
        return self.local_target("total.json")

    def run(self):
        lengths = self.input()["collection"].targets.values()
        self.output().dump(sum(target.load(formatter="json") for target in lengths), formatter="json")
