"""Requirements that are found at run time: what `run()` yields."""

import pytest

from tests.scenarios.table import scenario

DYNAMIC = """
class Part(lawnix.Task):
    number = luigi.IntParameter()

    def output(self):
        return self.target("part.txt")

    def run(self):
        ran(f"Part{self.number}")
        self.output().dump(str(self.number * 10), formatter="text")

def value(target):
    return int(target.load(formatter="text"))

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(3)))

    def output(self):
        return self.target("square.txt")

    def run(self):
        ran(f"Squares{self.branch_data}")
        self.output().dump(str(self.branch_data ** 2), formatter="text")

class Dynamic(lawnix.Task):
    def output(self):
        return self.target("dynamic.txt")

    def write(self, number):
        self.output().dump(str(number), formatter="text")

class Single(Dynamic):
    def run(self):
        part = yield Part(number=1)
        ran("Single")
        self.write(value(part))

class Listed(Dynamic):
    def run(self):
        parts = yield [Part(number=1), Part(number=2)]
        ran("Listed")
        self.write(sum(map(value, parts)))

class Named(Dynamic):
    def run(self):
        parts = yield {"a": Part(number=1), "b": [Part(number=2), Part(number=3)]}
        ran("Named")
        self.write(value(parts["a"]) + sum(map(value, parts["b"])))

class Twice(Dynamic):
    def run(self):
        first = yield Part(number=1)
        second = yield Part(number=value(first))
        ran("Twice")
        self.write(value(second))

class Inner(Dynamic):
    def run(self):
        part = yield Part(number=4)
        ran("Inner")
        self.write(value(part) + 1)

class Outer(Dynamic):
    def run(self):
        inner = yield Inner()
        ran("Outer")
        self.write(value(inner) + 1)

class Wide(Dynamic):
    def run(self):
        squares = yield Squares()
        ran("Wide")
        self.write(sum(value(target) for target in squares["collection"].targets.values()))

class Declared(Dynamic):
    def run(self):
        yield luigi.DynamicRequirements([Part(number=1), Part(number=5)])
        ran("Declared")
        self.write(value(Part(number=5).output()))

class Branches(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(range(3)))

    def output(self):
        return self.target("branch.txt")

    def run(self):
        part = yield Part(number=self.branch_data)
        ran(f"Branches{self.branch_data}")
        self.output().dump(str(value(part)), formatter="text")

class After(Dynamic):
    def requires(self):
        return Single()

    def run(self):
        ran("After")
        self.write(value(self.input()) + 1)
"""


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("task", "ran", "written"),
    [
        ("Single", "Part1 Single", "10"),
        ("Listed", "Listed Part1 Part2", "30"),
        ("Named", "Named Part1 Part2 Part3", "60"),
        ("Twice", "Part1 Part10 Twice", "100"),
        ("Outer", "Inner Outer Part4", "42"),
        ("Wide", "Squares0 Squares1 Squares2 Wide", "5"),
        ("Declared", "Declared Part1 Part5", "50"),
        ("After", "After Part1 Single", "11"),
    ],
)
def test_what_is_yielded_is_built_and_then_the_task_goes_on(project, task, ran, written, workers):
    project.tasks(DYNAMIC)
    assert project.run(task, "--workers", workers).ran == ran
    assert project.text(f"{task}/*/dynamic.txt") == written
    assert project.run(task, "--workers", workers).ran == ""


def test_inline_builds_find_requirements_too(project):
    project.tasks(DYNAMIC)
    assert project.run("Outer", LAW__lawnix__executor="inline").ran == "Inner Outer Part4"


def test_branches_find_requirements_too(project):
    project.tasks(DYNAMIC)
    ran = "Branches0 Branches1 Branches2 Part0 Part1 Part2"
    assert project.run("Branches", "--workers", "2").ran == ran
    assert project.run("Branches").ran == ""


@scenario(63, "A yields P", "P's content changes", runs="P, A")
def test_a_task_runs_again_if_what_it_found_has_other_content_now(project):
    project.tasks(DYNAMIC)
    project.run("After")
    project.edit("str(self.number * 10)", "str(self.number * 20)")
    assert project.run("After").ran == "After Part1 Single"
    assert project.text("After/*/dynamic.txt") == "21"
    assert project.run("After").ran == ""


@scenario(97, "A yields P", "P's code, same content", runs="P", stays="A")
def test_a_task_does_not_run_again_if_what_it_found_has_the_same_content(project):
    project.tasks(DYNAMIC)
    project.run("After")
    project.edit("str(self.number * 10)", "str(10 * self.number)")
    assert project.run("After").ran == "Part1"


def test_a_change_deep_below_comes_up_through_what_was_found(project):
    project.tasks(DYNAMIC)
    project.run("Outer")
    project.edit("str(self.number * 10)", "str(self.number * 20)")
    assert project.run("Outer").ran == "Inner Outer Part4"
    assert project.text("Outer/*/dynamic.txt") == "82"
    project.edit("value(part) + 1)\n\nclass Outer", "value(part) * 1 + 1)\n\nclass Outer")
    assert project.run("Outer").ran == "Inner"


@scenario(98, "A yields P; P changed and built", "changed back", runs="nothing")
def test_a_realization_is_used_again_when_what_it_found_is_as_it_was(project):
    project.tasks(DYNAMIC)
    project.run("Single")
    project.edit("str(self.number * 10)", "str(self.number * 20)")
    project.run("Single")
    project.edit("str(self.number * 20)", "str(self.number * 10)")
    assert project.run("Single").ran == ""
    assert project.text("Single/*/dynamic.txt") == "10"


def test_what_was_found_may_be_gone_as_long_as_it_is_known(project):
    project.tasks(DYNAMIC)
    project.run("Single")
    project.run("Part", "--number", "1")
    path = project.result("Part/*/part.txt").resolve()
    path.parent.chmod(0o755)
    path.unlink()
    assert project.run("Single").ran == ""


def test_a_class_that_was_found_and_is_gone_makes_the_task_run_again(project):
    project.tasks(DYNAMIC)
    project.run("Single")
    project.edit("class Part(", "class Piece(")
    text = (project.root / "proj/tasks.py").read_text()
    (project.root / "proj/tasks.py").write_text(text.replace("Part(number", "Piece(number"))
    assert project.run("Single").ran in ("Single", "Part1 Single")
    assert project.run("Single").ran == ""


def test_a_yielded_task_that_fails_stops_the_one_that_yielded_it_and_nothing_else(project):
    project.tasks(DYNAMIC + """
class All(lawnix.WrapperTask):
    def requires(self):
        return [After(), Part(number=7)]
""")  # fmt: skip
    project.edit(
        'ran(f"Part{self.number}")',
        'ran(f"Part{self.number}")\n        if self.number == 1:\n            raise ValueError("no luck")',
    )
    run = project.run("All", "--workers", "2", code=40)
    assert run.ran == "Part1 Part7"
    assert "* 3 had failed dependencies:" in run.output  # All, After, and Single, which had begun
    assert "ValueError: no luck" in run.output
    project.edit('\n        if self.number == 1:\n            raise ValueError("no luck")', "")
    assert project.run("All").ran == "After Part1 Part7 Single"


def test_a_yielded_task_that_is_complete_is_not_built(project):
    project.tasks(DYNAMIC)
    assert project.run("Part", "--number", "1").ran == "Part1"
    assert project.run("Single").ran == "Single"


def test_two_that_find_the_same_task_share_it(project):
    project.tasks(DYNAMIC + """
class All(lawnix.WrapperTask):
    def requires(self):
        return [Single(), Listed(), Named()]
""")  # fmt: skip
    assert project.run("All", "--workers", "2").ran == "Listed Named Part1 Part2 Part3 Single"


def test_many_parts_that_were_found_one_after_the_other(project):
    project.tasks(DYNAMIC + """
class Chain(Dynamic):
    length = luigi.IntParameter()

    def run(self):
        number = 0
        for number in range(self.length):
            yield Part(number=number)
        ran("Chain")
        self.write(number)
""")  # fmt: skip
    run = project.run("Chain", "--length", "25")
    assert len(run.bodies) == 26
    assert project.run("Chain", "--length", "25").ran == ""
    assert project.run("Chain", "--length", "26").ran == "Chain Part25"


def test_a_task_that_failed_before_it_was_found_stops_those_that_find_it(project):
    project.tasks(DYNAMIC + """
class Late(Dynamic):
    def requires(self):
        return Part(number=9)

    def run(self):
        part = yield Part(number=1)
        ran("Late")

class All(lawnix.WrapperTask):
    def requires(self):
        return [Part(number=1), Late()]
""")  # fmt: skip
    project.edit(
        'ran(f"Part{self.number}")', 'ran(f"Part{self.number}")\n        assert self.number != 1, "no luck"'
    )
    run = project.run("All", code=40)
    assert run.ran == "Part1 Part9"
    assert "* 2 had failed dependencies:" in run.output


def test_a_task_that_fails_after_it_found_others_is_tried_as_often_as_it_says(project):
    project.tasks(DYNAMIC + """
class Unlucky(Dynamic):
    retry_count = 3

    def run(self):
        yield Part(number=1)
        ran("Unlucky")
        raise ValueError("no luck")
""")  # fmt: skip
    assert project.run("Unlucky", code=40).ran == "Part1 Unlucky Unlucky Unlucky"


def test_a_task_that_cannot_be_and_is_found_late_fails_alone(project):
    project.tasks(DYNAMIC + """
class Wrong(Dynamic):
    def output(self):
        return [self.target("wrong.txt"), self.target("wrong.txt")]

    def run(self):
        ran("Wrong")

class Careless(Dynamic):
    priority = 10

    def run(self):
        ran("Careless")
        yield Wrong()

class All(lawnix.WrapperTask):
    def requires(self):
        return [Careless(), Outer(), Wide()]
""")  # fmt: skip
    run = project.run("All", code=50)
    assert run.ran == "Careless Inner Outer Part4 Squares0 Squares1 Squares2 Wide"
    assert "two outputs named 'wrong.txt'" in run.output
