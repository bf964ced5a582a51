"""Workflows: branches as in law, known by their data and not by their number."""

import pytest

from tests.scenarios.table import scenario

SQUARES = """
class Numbers(lawnix.Task):
    def output(self):
        return self.target("numbers.json")

    def run(self):
        ran("Numbers")
        self.output().dump(list(range(10)), formatter="json")

class Squares(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(["a", "b", "c", "d"]))

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("square.txt")

    def run(self):
        ran(self.branch_data)
        number = self.input().load(formatter="json")[ord(self.branch_data) - ord("a")]
        self.output().dump(str(number ** 2), formatter="text")

class Sum(lawnix.Task):
    def requires(self):
        return Squares.req(self)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        squares = self.input()["collection"].targets.values()
        self.output().dump(str(sum(int(square.load(formatter="text")) for square in squares)), formatter="text")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_all_branches_run_once(project, workers):
    project.tasks(SQUARES)
    assert project.run("Sum", "--workers", workers).ran == "Numbers Sum a b c d"
    assert project.text("Sum/*/sum.txt") == "14"
    assert project.run("Sum", "--workers", workers).ran == ""


@scenario(
    116,
    "N → branches a, b, c, d; c built alone",
    "all branches; one alone",
    runs="a, b, d; nothing",
    stays="N, c",
)
def test_one_branch_alone_is_the_same_as_in_the_workflow(project):
    project.tasks(SQUARES)
    assert project.run("Squares", "--branch", "2").ran == "Numbers c"
    assert project.text("Squares/*/2/square.txt") == "4"
    assert project.run("Squares").ran == "a b d"
    assert project.run("Squares", "--branch", "0").ran == ""


def test_some_branches(project):
    project.tasks(SQUARES)
    assert project.run("Squares", "--branches", "0:3").ran == "Numbers a b c"
    assert project.run("Squares", "--branches", "1,3").ran == "d"
    assert project.run("Squares").ran == ""
    assert [path.name for path in sorted((project.results / "Squares/default").iterdir())] == [
        "0",
        "1",
        "2",
        "3",
    ]


def test_a_branch_in_front_of_the_others_is_the_only_one_that_runs(project):
    project.tasks(SQUARES)
    project.run("Sum")
    project.edit('["a", "b", "c", "d"]', '["e", "a", "b", "c", "d"]')
    assert project.run("Sum").ran == "Sum e"
    assert project.text("Sum/*/sum.txt") == "30"


def test_a_branch_that_is_left_out_runs_only_what_reads_all(project):
    project.tasks(SQUARES)
    project.run("Sum")
    project.edit('["a", "b", "c", "d"]', '["a", "b", "d"]')
    assert project.run("Sum").ran == "Sum"


@scenario(
    117,
    "branches a, b, c, d, whose `run()` reads `self.branch`",
    "b and c change places",
    runs="b, c",
    stays="a, d",
)
def test_branches_whose_code_reads_their_number_are_known_by_it(project):
    project.tasks(SQUARES)
    project.edit("ran(self.branch_data)", "ran(f'{self.branch}{self.branch_data}')")
    assert project.run("Squares").ran == "0a 1b 2c 3d Numbers"
    project.edit('["a", "b", "c", "d"]', '["a", "c", "b", "d"]')
    assert project.run("Squares").ran == "1c 2b"


@scenario(118, "branches a, b, b, b", "cold; again", runs="a, b; nothing")
def test_branches_with_the_same_data_are_built_once(project):
    project.tasks(SQUARES)
    project.edit('["a", "b", "c", "d"]', '["a", "b", "b", "b"]')
    assert project.run("Squares", "--workers", "2").ran == "Numbers a b"
    assert project.run("Squares").ran == ""


@scenario(119, "branches a, b, c, d → S; b fails", "cold", runs="a, b, c, d", stays="S")
def test_a_failed_branch_fails_alone_and_stops_what_reads_all(project):
    project.tasks(SQUARES)
    project.edit(
        "ran(self.branch_data)", "ran(self.branch_data)\n        assert self.branch_data != 'b', 'no b'"
    )
    run = project.run("Sum", "--workers", "2", code=40)
    assert run.ran == "Numbers a b c d"
    assert "no b" in run.output
    assert "* 2 had failed dependencies:" in run.output  # the workflow, and what reads it
    assert project.run("Sum", code=40).ran == "b"


def test_a_workflow_is_content_with_fewer_branches_if_it_says_so(project):
    project.tasks(SQUARES)
    project.edit(
        "ran(self.branch_data)", "ran(self.branch_data)\n        assert self.branch_data != 'b', 'no b'"
    )
    project.edit(
        "class Squares(lawnix.Task, lawnix.LocalWorkflow):",
        "class Squares(lawnix.Task, lawnix.LocalWorkflow):\n    acceptance = 0.7\n",
    )
    project.edit("in squares)", "in squares if square.exists())")
    run = project.run("Sum", code=None)
    assert run.ran == "Numbers Sum a b c d"
    assert project.text("Sum/*/sum.txt") == "13"
    project.edit("acceptance = 0.7", "acceptance = 0.8")
    assert "Sum" not in project.run("Sum", code=40).bodies


def test_what_the_workflow_requires_comes_before_its_branches(project):
    project.tasks("""
class Before(lawnix.Task):
    def output(self):
        return self.target("before.txt")

    def run(self):
        ran("Before")
        self.output().dump("before", formatter="text")

class Flow(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b"}

    def workflow_requires(self):
        return {**super().workflow_requires(), "before": Before()}

    def output(self):
        return self.target("flow.txt")

    def run(self):
        ran(self.branch_data)
        self.output().dump(self.branch_data, formatter="text")
""")  # fmt: skip
    assert project.run("Flow", "--workers", "2").bodies[0] == "Before"
    assert project.run("Flow").ran == ""
    project.edit('dump("before"', 'dump("after"')
    # its branches do not read it; what nobody reads is not missed
    assert project.run("Flow").ran in ("", "Before")


def test_a_workflow_whose_branches_are_known_later(project):
    project.tasks("""
class Names(lawnix.Task):
    def output(self):
        return self.target("names.json")

    def run(self):
        ran("Names")
        self.output().dump(["a", "b", "c"], formatter="json")

class Flow(lawnix.Task, lawnix.LocalWorkflow):
    def workflow_requires(self):
        return {**super().workflow_requires(), "names": Names.req(self)}

    @law.dynamic_workflow_condition
    def condition(self):
        return self.workflow_input()["names"].exists()

    @condition.create_branch_map
    def create_branch_map(self):
        return dict(enumerate(self.workflow_input()["names"].load(formatter="json")))

    def requires(self):
        return Names.req(self)

    @condition.output
    def output(self):
        return self.target("flow.txt")

    def run(self):
        ran(self.branch_data)
        self.output().dump(self.branch_data, formatter="text")

class Last(lawnix.Task):
    def requires(self):
        return Flow.req(self)

    def output(self):
        return self.target("last.txt")

    def run(self):
        ran("Last")
        texts = [target.load(formatter="text") for target in self.input()["collection"].targets.values()]
        self.output().dump("".join(texts), formatter="text")
""")  # fmt: skip
    assert project.run("Last", "--workers", "2").ran == "Last Names a b c"
    assert project.text("Last/*/last.txt") == "abc"
    assert project.run("Last").ran == ""
    project.edit('["a", "b", "c"]', '["a", "b", "c", "d"]')
    project.run("Last")
    assert project.text("Last/*/last.txt") == "abcd"
    assert project.run("Last").ran == ""


def test_branches_that_are_required_locally(project):
    project.tasks(SQUARES)
    project.edit(
        "class Squares(lawnix.Task, lawnix.LocalWorkflow):",
        "class Squares(lawnix.Task, lawnix.LocalWorkflow):\n    local_workflow_require_branches = True\n",
    )
    assert project.run("Sum", "--workers", "2").ran == "Numbers Sum a b c d"
    assert project.run("Sum").ran == ""


def test_a_wrapper_of_workflows(project):
    project.tasks(SQUARES + """
class More(Squares):
    def create_branch_map(self):
        return dict(enumerate(["c", "d", "e"]))

class All(lawnix.WrapperTask):
    def requires(self):
        return {"squares": Squares.req(self), "more": [More.req(self), More.req(self, branch=0)]}
""")  # fmt: skip
    assert project.run("All", "--workers", "2").ran == "Numbers a b c d e"
    assert project.run("All").ran == ""
    assert "All" in project.run("All", "--print-status", "1").output


def test_a_workflow_of_plain_law_beside_one_of_lawnix(project):
    project.tasks(SQUARES + """
class Plain(law.LocalWorkflow):
    def create_branch_map(self):
        return {0: "x", 1: "y"}

    def requires(self):
        return Squares.req(self, branch=self.branch)

    def output(self):
        return law.LocalFileTarget(os.path.abspath(f"plain_{self.branch}.txt"))

    def run(self):
        ran(self.branch_data)
        self.output().dump(self.input().load(formatter="text") + self.branch_data, formatter="text")

class Reader(lawnix.Task):
    def requires(self):
        return {"plain": Plain.req(self), "squares": Squares.req(self)}

    def output(self):
        return self.target("reader.txt")

    def run(self):
        ran("Reader")
        plain = [target.load(formatter="text") for target in self.input()["plain"]["collection"].targets.values()]
        self.output().dump(" ".join(plain), formatter="text")
""")  # fmt: skip
    run = project.run("Reader", "--workers", "2")
    assert run.ran == "Numbers Reader a b c d x y"
    assert project.text("Reader/*/reader.txt") == "0x 1y"
    assert project.run("Reader").ran == ""
    (project.root / "plain_1.txt").unlink()
    assert project.run("Reader").ran == "y"  # made again with the same content
    (project.root / "plain_1.txt").write_text("other")
    assert project.run("Reader").ran == "Reader"
    assert project.text("Reader/*/reader.txt") == "0x other"
