"""Eight processes run the same graph at the same time in one store."""

from collections import Counter

from tests.scenarios.table import scenario

GRAPH = """
class Numbers(lawnix.Task):
    def output(self):
        return self.target("numbers.json")

    def run(self):
        ran("Numbers")
        self.output().dump(list(range(20)), formatter="json")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {number: number for number in range(20)}

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("square.txt")

    def run(self):
        ran(f"Squares{self.branch_data}")
        self.output().dump(str(self.input().load(formatter="json")[self.branch_data] ** 2), formatter="text")

class Step(lawnix.Task):
    number = luigi.IntParameter()

    def requires(self):
        return [Squares.req(self, branch=self.number), *([Step(number=self.number - 1)] if self.number else [])]

    def output(self):
        return {"sum": self.target("sum.txt"), "log": self.target("log.txt", optional=True)}

    def run(self):
        ran(f"Step{self.number}")
        squares = [int(self.input()[0].load(formatter="text"))]
        before = [int(steps["sum"].load(formatter="text")) for steps in self.input()[1:]]
        self.output()["sum"].dump(str(sum(squares + before)), formatter="text")


class All(lawnix.WrapperTask):
    def requires(self):
        return [Step(number=19), Squares()]
"""
ONCE = Counter(["Numbers", *(f"Squares{n}" for n in range(20)), *(f"Step{n}" for n in range(20))])


@scenario(
    77,
    "nothing; eight processes run the same 41 tasks at once",
    "cold",
    runs="each task once, in one of them; all succeed",
)
def test_every_derivation_is_built_once(project):
    project.tasks(GRAPH)
    commands = [project.start("run", "proj.tasks.All", "--workers", str(1 + n % 2)) for n in range(8)]
    runs = [command.wait() for command in commands]
    assert [run.code for run in runs] == [0] * 8, "\n".join(run.output for run in runs)
    assert sum((run.counts for run in runs), Counter()) == ONCE
    assert project.text("Step/number=19/sum.txt") == str(sum(n**2 for n in range(20)))
    assert project.verify().is_clean
    assert [command.leftovers() for command in commands] == [[]] * 8
    assert project.run("All").ran == ""


@scenario(
    127,
    "three processes run the same tasks, one is killed",
    "cold",
    runs="the others finish; only what it had in hand runs twice",
)
def test_one_that_is_killed_hands_over_to_the_others(project):
    project.tasks(GRAPH)
    commands = [project.start("run", "proj.tasks.All", "--workers", "2") for _ in range(3)]
    runs = [commands[0].end_after(0.3), *(command.wait() for command in commands[1:])]
    assert [run.code for run in runs[1:]] == [0, 0], "\n".join(run.output for run in runs)
    counts = sum((run.counts for run in runs), Counter())
    assert counts.keys() == ONCE.keys()
    assert (counts - ONCE).total() <= 2 + 2  # what two workers had in hand, and what was not written down yet
    assert project.verify().is_clean
    assert commands[0].leftovers() == []


def test_processes_that_begin_a_store_together_all_find_it(project):
    project.tasks(GRAPH)
    commands = [project.start("run", "proj.tasks.Numbers") for _ in range(8)]
    runs = [command.wait() for command in commands]
    assert [run.code for run in runs] == [0] * 8, "\n".join(run.output for run in runs)
    assert sum((run.counts for run in runs), Counter()) == {"Numbers": 1}
