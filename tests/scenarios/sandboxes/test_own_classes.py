"""Sandbox classes that somebody derived from law's own keep working."""

import pytest

TASKS = """
class Release(law.sandbox.bash.BashSandbox):
    sandbox_type = "release"

    @property
    def script(self):
        return os.path.abspath(f"{self.name}.sh")
    {digest}

class Inside(lawnix.Task, law.SandboxTask):
    sandbox = "release::v1"

    def output(self):
        return self.target("i.txt")

    def run(self):
        print("a body")
        self.output().dump(os.environ["COLOUR"], formatter="text")
"""
DIGEST = """
    def digest(self):
        with open(self.script) as file:
            return file.read()
"""


@pytest.fixture
def inside(project):
    project.write("v1.sh", "export COLOUR=red\n")

    def run():
        return project.run("Inside").output

    return run


def test_one_without_a_digest_is_known_by_its_name_which_is_told(project, inside):
    project.tasks(TASKS.replace("{digest}", ""))
    told = inside()
    assert "a body" in told
    assert "release::v1 is known by its name alone" in told
    assert project.text("**/i.txt") == "red"
    project.write("v1.sh", "export COLOUR=blue\n")
    assert "a body" not in inside()


def test_one_that_tells_what_it_is_counts_as_that(project, inside):
    project.tasks(TASKS.replace("{digest}", DIGEST))
    told = inside()
    assert "a body" in told
    assert "by its name" not in told
    assert "a body" not in inside()
    project.write("v1.sh", "export COLOUR=blue\n")
    assert "a body" in inside()
    assert project.text("**/i.txt") == "blue"


def test_one_is_not_closed_in_and_says_so_before_anything_runs(project, inside):
    project.tasks(TASKS.replace("{digest}", DIGEST))
    project.configure("lawnix", "isolation", "enforce")
    run = project.run("Inside", code=None)
    assert run.code != 0
    assert "nothing is known of what Release lets in" in run.output
    assert "a body" not in run.output
