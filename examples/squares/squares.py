import luigi

import lawnix


class Numbers(lawnix.Task):
    n = luigi.IntParameter(default=10)

    def output(self):
        return self.target("numbers.json")  # a file in the store; type="d" for a directory

    def run(self):
        self.output().dump(list(range(self.n)), formatter="json")


class Squares(lawnix.Task, lawnix.LocalWorkflow):  # branches, exactly as in law
    n = luigi.IntParameter(default=10)

    def create_branch_map(self):
        return dict(enumerate(range(self.n)))

    def workflow_requires(self):
        return {"numbers": Numbers.req(self)}

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return {"value": self.target("square.txt"), "log": self.target("log.txt", optional=True)}

    def run(self):
        number = self.input().load(formatter="json")[self.branch_data]
        self.output()["value"].dump(str(number**2), formatter="text")
