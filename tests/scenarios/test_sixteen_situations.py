"""One pipeline a → b, written as a tutorial would, in the situations in which systems of this kind go wrong."""

import os

import pytest

from tests.scenarios.table import scenario

HELPERS = """
def shift(x):
    return x + 1
"""

TUTORIAL = '''
from proj.helpers import shift

SCALE = 10

def scaled(x):
    return x * SCALE

class Data(lawnix.ExternalTask):
    def output(self):
        return law.LocalFileTarget(os.path.join(os.path.dirname(os.path.dirname(__file__)), "data.txt"))

class A(lawnix.Task):
    size = luigi.IntParameter(default=1)

    def requires(self):
        return Data()

    def output(self):
        return self.target("a.txt")

    def run(self):
        """The sum of all numbers."""
        ran("a")
        numbers = [int(line) for line in self.input().load(formatter="text").split()]
        total = 0
        for number in numbers:
            total += shift(scaled(number)) * self.size
        self.output().dump(str(total), formatter="text")

class B(lawnix.Task):
    size = luigi.IntParameter(default=1)

    def requires(self):
        return A.req(self)

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("b")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")
'''


@pytest.fixture
def pipeline(project):
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.tasks(TUTORIAL)
    assert project.run("B").ran == "a b"
    assert project.text("B/*/b.txt") == "63!"
    return project


@scenario(201, "file → a → b", "cold", runs="a, b")
def test_cold_both_run(project):
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.tasks(TUTORIAL)
    assert project.fresh_law("run", "proj.tasks.B", "--workers", "2").bodies == ("a", "b")


@scenario(202, "file → a → b", "nothing", runs="nothing")
def test_nothing_changed(pipeline):
    assert pipeline.run("B").ran == ""


@scenario(203, "file → a → b", "the file touched, same bytes", runs="nothing")
def test_input_touched(pipeline):
    (pipeline.root / "data.txt").touch()
    assert pipeline.run("B").ran == ""


@scenario(204, "file → a → b", "a comment in a", runs="nothing")
def test_comment_edited_in_a(pipeline):
    pipeline.edit("        total = 0\n", "        total = 0  # nothing so far\n")
    assert pipeline.run("B").ran == ""


@scenario(205, "file → a → b", "a refactored, same output", runs="a", stays="b")
def test_a_refactored_with_the_same_output(pipeline):
    pipeline.edit("        total = 0\n        for number in numbers:\n            total += shift(scaled(number)) * self.size\n",
                  "        total = sum(shift(scaled(number)) * self.size for number in numbers)\n")  # fmt: skip
    assert pipeline.run("B").ran == "a"


@scenario(206, "file → a → b", "a helper in the same file", runs="a, b")
def test_helper_in_the_same_file_edited(pipeline):
    pipeline.edit("return x * SCALE", "return x * SCALE * 2")
    assert pipeline.run("B").ran == "a b"
    assert pipeline.text("B/*/b.txt") == "123!"


@scenario(207, "file → a → b", "a helper in an imported module", runs="a, b")
def test_helper_in_an_imported_module_edited(pipeline):
    pipeline.edit("return x + 1", "return x + 2", "proj/helpers.py")
    assert pipeline.run("B").ran == "a b"
    assert pipeline.text("B/*/b.txt") == "66!"


@scenario(208, "file → a → b", "a constant of the module", runs="a, b")
def test_module_constant_edited(pipeline):
    pipeline.edit("SCALE = 10", "SCALE = 100")
    assert pipeline.run("B").ran == "a b"
    assert pipeline.text("B/*/b.txt") == "603!"


@scenario(209, "file → a → b", "a parameter; back", runs="a, b; nothing")
def test_parameter_changed_and_changed_back(pipeline):
    assert pipeline.run("B", "--size", "2").ran == "a b"
    assert pipeline.run("B", "--size", "1").ran == ""


@scenario(210, "file → a → b", "the file's content; back", runs="a, b; nothing")
def test_input_content_changed_and_changed_back(pipeline):
    pipeline.write("data.txt", "1 2 4")
    assert pipeline.run("B").ran == "a b"
    assert pipeline.text("B/*/b.txt") == "73!"
    pipeline.write("data.txt", "1 2 3")
    assert pipeline.run("B").ran == ""
    assert pipeline.text("B/*/b.txt") == "63!"


@scenario(
    218,
    "file → a → b; a reads files by `glob`, with `isolation: observe`",
    "cold",
    runs="a, b, and a warning that names them",
)
def test_an_undeclared_input_is_named_by_a_warning(project):
    """A `glob` in `run()`: with `isolation: observe` one hears of it before it has changed."""
    project.configure("lawnix", "isolation", "observe")
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.write("more-1.txt", "4")
    project.tasks(TUTORIAL)
    project.edit("        total = 0\n", "        import glob\n        total = len(glob.glob('more-*.txt'))\n")
    run = project.run("B")
    assert run.ran == "a b"
    assert "WARNING: A touched what it does not declare" in run.output
    assert "files by listing: more-*.txt\n" in run.output


@scenario(211, "file → a → b", "b's output corrupted", runs="b", stays="a")
def test_final_output_corrupted(pipeline):
    path = pipeline.result("B/*/b.txt").resolve()
    path.chmod(0o644)
    path.write_text("99!")
    assert pipeline.run("B").ran == "b"
    assert pipeline.text("B/*/b.txt") == "63!"


def test_final_output_corrupted_behind_its_times(pipeline):
    """Size, times and permissions as they were: only the bytes tell, and `verify` reads them."""
    path = pipeline.result("B/*/b.txt").resolve()
    before = path.stat()
    path.chmod(0o644)
    path.write_text("99!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.chmod(0o444)
    assert [str(corrupt) for corrupt in pipeline.verify().corrupt] == [path.name]


@scenario(212, "file → a → b", "a's output deleted", runs="nothing")
def test_intermediate_deleted_with_the_final_intact(pipeline):
    pipeline.run("A")
    path = pipeline.result("A/*/a.txt").resolve()
    path.parent.chmod(0o755)
    path.unlink()
    assert pipeline.run("B").ran == ""


@scenario(213, "file → a → b", "a's body, other result", runs="a, b")
def test_body_of_a_edited_and_the_result_changes(pipeline):
    pipeline.edit("total = 0", "total = 1")
    assert pipeline.run("B").ran == "a b"
    assert pipeline.text("B/*/b.txt") == "64!"


@scenario(214, "file → a → b, killed by SIGKILL in b", "again", runs="b", stays="a")
def test_killed_in_the_middle_the_rest_runs(project):
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.tasks(TUTORIAL)
    project.edit('ran("b")', 'ran("b")\n        os.kill(int(os.environ["RUN"]), 9)')
    run = project.fresh("bash", "-c", f"RUN=$$ exec {os.sys.executable} -m law run proj.tasks.B", code=-9)
    assert run.ran == "a b"
    project.edit('\n        os.kill(int(os.environ["RUN"]), 9)', "")
    assert project.run("B").ran == "b"


@scenario(215, "file → a → b", "two processes at once, cold", runs="a, b, each once")
def test_two_people_at_once_build_each_key_once(project):
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.tasks(TUTORIAL)
    commands = [project.start("run", "proj.tasks.B") for _ in range(2)]
    runs = [command.wait() for command in commands]
    assert [run.code for run in runs] == [0, 0]
    assert sorted(body for run in runs for body in run.bodies) == ["a", "b"]


@scenario(216, "file → a → b", "another version of lawnix", runs="nothing")
def test_another_version_of_lawnix_runs_nothing(pipeline):
    prelude = pipeline.write("upgraded.py", "import lawnix\nlawnix.__version__ = '99.0'\n")
    assert pipeline.law("run", "proj.tasks.B", prelude=prelude).ran == ""


@scenario(217, "file → a → b", "code edited while the run goes on; run again", runs="what was loaded; a, b")
def test_code_edited_while_a_run_goes_on_does_not_change_what_it_builds(project):
    """What was loaded when the run began is what its results are named after, and what is run."""
    project.write("proj/helpers.py", HELPERS)
    project.write("data.txt", "1 2 3")
    project.tasks(TUTORIAL)
    text = (project.root / "proj/tasks.py").read_text()
    edited = text.replace("SCALE = 10", "SCALE = 100")
    project.write("edited.txt", edited)
    edit = 'import shutil\n        shutil.copy("edited.txt", "proj/tasks.py")'
    project.edit('ran("a")', f'ran("a")\n        {edit}')
    assert project.run("B").ran == "a b"
    assert project.text("B/*/b.txt") == "63!"
    assert (project.root / "proj/tasks.py").read_text() == edited
    assert project.run("B").ran == "a b"
    assert project.text("B/*/b.txt") == "603!"
