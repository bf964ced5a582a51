"""Tasks of a class with very many: made when somebody asks for them, and as they were."""

MANY = """
import gc

class Leaf(lawnix.Task):
    number = luigi.IntParameter()
    note = luigi.Parameter(default="", significant=False)

    @property
    def priority(self):
        return self.number

    def requires(self):
        return Leaf(number=self.number % 7, note=self.note) if self.number >= 7 else []

    def output(self):
        return self.target(f"{self.number}.txt")

    def run(self):
        ran(f"{self.number}{self.note}")
        self.output().dump(str(self.number), formatter="text")

class All(lawnix.Task):
    note = luigi.Parameter(default="", significant=False)

    def requires(self):
        return {f"{number}": Leaf(number=number, note=self.note) for number in range(300)}

    def output(self):
        return self.target("sum.txt")

    def run(self):
        gc.unfreeze()
        ran(f"kept{sum(type(each) is Leaf for each in gc.get_objects())}")
        total = sum(int(target.load(formatter="text")) for target in self.input().values())
        ran(f"total{total}")
        self.output().dump(str(total), formatter="text")
"""


def test_of_many_tasks_few_are_kept(playground):
    playground.tasks(MANY)
    playground.law("run", "play.All")
    ran = set(playground.ran())
    (kept,) = (int(word.removeprefix("kept")) for word in ran if word.startswith("kept"))
    assert kept <= 110
    assert ran >= {str(number) for number in range(300)} | {f"total{sum(range(300))}"}
    assert len(ran) == 302
    playground.law("run", "play.All")
    assert playground.ran() == []
    playground.edit('f"kept', 'f"again')
    playground.law("run", "play.All")
    assert len(playground.ran()) == 2


def test_a_parameter_that_tells_nothing_apart_is_what_it_was(playground):
    playground.tasks(MANY)
    playground.law("run", "play.All", "--note", "n")
    assert {f"{number}n" for number in range(300)} <= set(playground.ran())


def test_a_priority_of_each_is_kept_to(playground):
    playground.tasks(
        MANY.replace(
            "return Leaf(number=self.number % 7, note=self.note) if self.number >= 7 else []", "return []"
        ).replace('ran(f"{self.number}{self.note}")', 'open("order", "a").write(f"{self.number} ")')
    )
    playground.law("run", "play.All", "--workers", "1")
    order = [int(word) for word in (playground.root / "order").read_text().split()]
    assert order == sorted(range(300), reverse=True)


def test_what_requires_gives_to_its_task_is_there_when_it_runs(playground):
    playground.tasks(
        MANY.replace(
            "    def requires(self):\n        return Leaf",
            "    def requires(self):\n        self.given = self.number * 2\n        return Leaf",
        ).replace('ran(f"{self.number}{self.note}")', 'ran(f"{self.given}")')
    )
    playground.law("run", "play.All")
    assert {str(2 * number) for number in range(300)} <= set(playground.ran())


def test_what_requires_gives_to_what_it_requires_is_there_when_that_runs(playground):
    playground.tasks(
        MANY.replace(
            'return {f"{number}": Leaf(number=number, note=self.note) for number in range(300)}',
            """leaves = {f"{number}": Leaf(number=number, note=self.note) for number in range(300)}
        for leaf in leaves.values():
            leaf.given = leaf.number * 2
        return leaves""",
        ).replace('ran(f"{self.number}{self.note}")', 'ran(f"{self.given}")')
    )
    playground.law("run", "play.All")
    assert {str(2 * number) for number in range(300)} <= set(playground.ran())


def test_a_failure_names_the_task(playground):
    playground.tasks(
        MANY.replace('ran(f"{self.number}{self.note}")', 'assert self.number != 250, "not this one"')
    )
    said = playground.law("run", "play.All", code=40)
    assert "Leaf(number=250) failed" in said.err + said.out
    assert "299 ran successfully" in said.err + said.out
