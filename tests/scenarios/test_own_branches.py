"""Branches that are not copies of each other, requirements that change, and groups in groups."""

import sys

BY_BRANCH = """
class Seeded(lawnix.Task, lawnix.LocalWorkflow):
    seed = luigi.IntParameter(default=0)

    @classmethod
    def modify_param_values(cls, params):
        params = super().modify_param_values(params)
        if params.get("branch", -1) >= 0:
            params["seed"] = params["branch"] * 10
        return params

    def create_branch_map(self):
        return {0: None, 1: None}

    def output(self):
        return self.target("seed.txt")

    def run(self):
        ran(str(self.seed))
        self.output().dump(str(self.seed), formatter="text")

class Free(lawnix.Task, lawnix.LocalWorkflow):
    exclude_params_workflow = {"foo"}
    foo = luigi.IntParameter(default=0)

    def create_branch_map(self):
        return {0: "a"}

    def output(self):
        return self.target("foo.txt")

    def run(self):
        ran(str(self.foo))
        self.output().dump(str(self.foo), formatter="text")
"""

CACHED = """
import functools

class Part(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b", 2: "c"}

    @functools.cached_property
    def data(self):
        return self.branch_data.upper()

    def requires(self):
        assert self.data
        return []

    def output(self):
        return self.target("data.txt")

    def run(self):
        ran(self.data)
        self.output().dump(self.data, formatter="text")

class Reader(lawnix.Task):
    def requires(self):
        return [Part(branch=0), Part()]

    def output(self):
        return self.target("read.txt")

    def run(self):
        targets = self.input()[1]["collection"].targets
        self.output().dump("".join(targets[n].load(formatter="text") for n in sorted(targets)), formatter="text")
"""

FIXED = """
import hashlib

class Known(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b"}

    @property
    def fixed_output(self):
        return "sha256:" + hashlib.sha256(self.branch_data.encode()).hexdigest()

    def output(self):
        return self.target("known.txt")

    def run(self):
        ran(self.branch_data)
        self.output().dump(self.branch_data, formatter="text")
"""

WRAPPED = """
class Leaf(lawnix.Task):
    def output(self):
        return self.target("leaf.txt")

    def run(self):
        ran("Leaf")
        self.output().dump("leaf", formatter="text")

class Wrapper(lawnix.WrapperTask):
    depth = luigi.IntParameter()

    def requires(self):
        return Wrapper(depth=self.depth - 1) if self.depth else Leaf()

class Reader(lawnix.Task):
    def requires(self):
        return Wrapper(depth=2000)

    def output(self):
        return self.target("read.txt")

    def run(self):
        ran("Reader")
        self.output().dump("read", formatter="text")
"""

OUTSIDE = """
class File(law.ExternalTask):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("file.txt"))

class Reader(lawnix.Task):
    def requires(self):
        return File()

    def output(self):
        return self.target("read.txt")

    def run(self):
        ran("Reader")
        self.output().dump(self.input().load(formatter="text"), formatter="text")

class Late(lawnix.Task):
    def output(self):
        return self.target("late.txt")

    def run(self):
        ran("Late")
        read = yield Reader()
        self.output().dump(read.load(formatter="text"), formatter="text")

class Both(lawnix.WrapperTask):
    def requires(self):
        return [File(), Late()]
"""

CHAIN = """
class Numbers(lawnix.Task):
    m = luigi.IntParameter(default=1)

    def output(self):
        return self.target("numbers.txt")

    def run(self):
        ran(f"Numbers{self.m}")
        self.output().dump(str(self.m), formatter="text")

class Sum(lawnix.Task):
    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        self.output().dump(self.input().load(formatter="text"), formatter="text")
"""


def test_parameters_that_are_set_by_branch_count(project):
    project.tasks(BY_BRANCH)
    assert project.run("Seeded").ran == "0 10"
    found = sorted(place.read_text() for place in project.results.glob("Seeded/*/*/seed.txt"))
    assert found == ["0", "10"]
    assert project.run("Seeded").ran == ""


def test_parameters_that_the_workflow_does_not_have_count(project):
    project.tasks(BY_BRANCH)
    assert project.run("Free", "--branch", "0", "--foo", "1").ran == "1"
    assert project.run("Free", "--branch", "0", "--foo", "2").ran == "2"


def test_what_a_branch_has_remembered_is_its_own(project):
    project.tasks(CACHED)
    assert project.run("Reader").ran == "A B C"
    assert project.text("Reader/*/read.txt") == "ABC"


def test_each_branch_may_be_known_beforehand(project):
    project.tasks(FIXED)
    assert project.run("Known").ran == "a b"


def test_wrappers_may_stand_in_wrappers_at_any_depth(project):
    project.tasks(WRAPPED)
    assert project.run("Reader").ran == "Leaf Reader"
    assert project.run("Reader").ran == ""


def test_a_file_that_somebody_reads_later_was_not_changed(project):
    project.tasks(OUTSIDE)
    (project.root / "file.txt").write_text("outside")
    assert project.run("Both").counts["Reader"] == 1
    assert project.run("Both").ran == ""


def test_a_requirement_follows_the_configuration(project):
    project.tasks(CHAIN)
    project.write(
        "twice.py",
        """
        import luigi
        from proj.tasks import Numbers, Sum

        for m in ("1", "2"):
            luigi.configuration.get_config().set("Numbers", "m", m)
            luigi.task_register.Register.clear_instance_cache()
            assert luigi.build([Sum()], local_scheduler=True)
            print("sum is", Sum().output().load(formatter="text"))
        """,
    )
    run = project.fresh(sys.executable, "twice.py")
    assert "sum is 1" in run.output
    assert "sum is 2" in run.output


def test_an_output_can_be_removed_while_what_it_needs_is_gone(project):
    project.tasks(CHAIN)
    assert project.run("Sum").ran == "Numbers1 Sum"
    project.run("Numbers", "--remove-output", "0,a")
    project.run("Sum", "--remove-output", "0,a")
    assert project.run("Sum").ran == "Numbers1 Sum"
