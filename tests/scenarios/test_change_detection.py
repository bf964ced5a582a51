"""What must run, and what must not, after a change: every step in a process of its own, the bodies counted by themselves."""

import os

import pytest

from tests.scenarios.table import scenario

TWO = '''
from proj import parts

FACTOR = 5

def helper(x):
    return x + 1

def bound(x, k=FACTOR):
    return x * k

def adder(n, f):
    def add(x):
        return f(x) + n
    return add

def double(x):
    return 2 * x

add = adder(7, double)

class A(lawnix.Task):
    def output(self):
        return self.target("a.txt")

    def run(self):
        """Write a number."""
        ran("A")
        values = [helper(3) * FACTOR, bound(2), add(1), parts.outer(1)]
        self.output().dump(str(values), formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A.req(self)

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump("<" + self.input().load(formatter="text") + ">", formatter="text")
'''

PARTS = """
def outer(x):
    return inner(x) + 1

def inner(x):
    return x * 10

def unused(x):
    return x
"""

BODY = "        values = [helper(3) * FACTOR, bound(2), add(1), parts.outer(1)]\n"
DOCSTRING = '        """Write a number."""\n'

NOTHING_RUNS = {
    "nothing changed": [],
    "a comment in the body": [(DOCSTRING, DOCSTRING + "        # one, and another\n")],
    "a docstring edited": [("Write a number.", "Write some numbers.")],
    "a docstring removed": [(DOCSTRING, "")],
    "blank lines above": [("class A(", "\n\n\nclass A(")],
    "another function above": [("class A(", "def other(x):\n    return x - 1\n\nclass A(")],
    "an unused function of an imported module edited": [("return x\n", "return -x\n", "proj/parts.py")],
    "lines wrapped": [
        ("[helper(3) * FACTOR, bound(2), ", "[\n            helper(3) * FACTOR,\n            bound(2), ")
    ],
    "other quotes": [('"a.txt"', "'a.txt'"), ('ran("A")', "ran('A')")],
    "needless parentheses": [("helper(3) * FACTOR", "(helper((3)) * (FACTOR))")],
    "annotations of arguments and return": [("def helper(x):", "def helper(x: int) -> int:")],
    "annotations of a local": [("        values = [", "        values: list[int] = [")],
    "annotations of run": [('    def run(self):\n        """', '    def run(self) -> None:\n        """')],
}

A_AND_B_RUN = {
    "a constant in the body": [("helper(3)", "helper(4)")],
    "a helper in the same module": [("return x + 1\n\ndef bound", "return x + 2\n\ndef bound")],
    "a helper in another module": [("inner(x) + 1", "inner(x) + 2", "proj/parts.py")],
    "a helper nested two calls deep": [("x * 10", "x * 11", "proj/parts.py")],
    "a global constant": [("FACTOR = 5", "FACTOR = 6")],
    "the value of a default argument": [("k=FACTOR", "k=FACTOR + 1")],
    "a closure's variable": [("adder(7, double)", "adder(8, double)")],
    "a function held in a closure": [("return 2 * x", "return 3 * x")],
}


def two(project):
    project.write("proj/parts.py", PARTS)
    project.tasks(TWO)
    assert project.run("B").ran == "A B"


@scenario(1, "A → B", "nothing, in a new process", runs="nothing")
@scenario(2, "A → B", "a comment in A", runs="nothing")
@scenario(3, "A → B", "A's docstring edited; removed", runs="nothing")
@scenario(4, "A → B", "blank lines or another function above A", runs="nothing")
@scenario(5, "A → B", "A reformatted: lines, quotes, parentheses", runs="nothing")
@scenario(6, "A → B", "annotations of arguments, return values and locals", runs="nothing")
@scenario(8, "A → B", "a function that A does not reach, in a module that A imports", runs="nothing")
@pytest.mark.parametrize("edits", NOTHING_RUNS.values(), ids=NOTHING_RUNS)
def test_nothing_runs_after(project, edits):
    two(project)
    for edit in edits:
        project.edit(*edit)
    assert project.run("B").ran == ""
    project.edit("FACTOR = 5", "FACTOR = 6")  # edits are seen at all
    assert project.run("B").ran == "A B"


@scenario(7, "A → B", "a constant in A's body", runs="A, B")
@scenario(9, "A → B", "a helper of A in the same module", runs="A, B")
@scenario(10, "A → B", "a helper in another module; one two calls deep", runs="A, B")
@scenario(11, "A → B", "a global constant that A reads", runs="A, B")
@scenario(12, "A → B", "the value of a default argument (`k=K`, K from 5 to 6)", runs="A, B")
@scenario(13, "A → B", "a closure's variable; a function held in a closure", runs="A, B")
@pytest.mark.parametrize("edits", A_AND_B_RUN.values(), ids=A_AND_B_RUN)
def test_task_and_consumer_run_after_an_edit_of(project, edits):
    two(project)
    for edit in edits:
        project.edit(*edit)
    assert project.run("B").ran == "A B"
    assert project.run("B").ran == ""


SETS = """
PT = 20

class Base(lawnix.Task):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pt = PT

class A(Base):
    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(str(self.pt), formatter="text")

class C(Base):
    def output(self):
        return self.target("c.txt")

    def run(self):
        ran("C")
        self.output().dump("c", formatter="text")

class W(Base, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return {0: "a", 1: "b"}

    def output(self):
        return self.target(f"{self.branch_data}.txt")

    def run(self):
        ran(self.branch_data)
        self.output().dump(f"{self.branch_data} {self.pt}", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [A(), C(), W()]
"""


@scenario(
    137,
    "A, C and branches, whose base sets `self.pt = PT` in `__init__`; C does not read it",
    "the global PT",
    runs="A, the branches",
    stays="C",
)
def test_what_is_set_in_init_counts_for_the_tasks_that_read_it(project):
    project.tasks(SETS)
    assert project.run("All").ran == "A C a b"
    assert project.run("All").ran == ""
    project.edit("PT = 20", "PT = 25")
    assert project.run("All").ran == "A a b"
    assert project.text("A/*/a.txt") == "25"
    assert project.run("All").ran == ""


@scenario(16, "A → B", "A edited and built; edited back", runs="nothing")
def test_what_was_edited_back_runs_nothing(project):
    two(project)
    project.edit("helper(3)", "helper(4)")
    assert project.run("B").ran == "A B"
    project.edit("helper(4)", "helper(3)")
    assert project.run("B").ran == ""


@scenario(19, "A → B", "fresh processes with other hash seeds", runs="nothing")
def test_fresh_processes_with_other_hash_seeds_agree(project):
    two(project)
    for seed in ("0", "1", "random"):
        assert project.fresh_law("run", "proj.tasks.B", PYTHONHASHSEED=seed).ran == ""


# ------------------------------------------------------------------------------------ parameters

PARAMETERS = """
class A(lawnix.Task):
    size = luigi.IntParameter(default=1)
    d = luigi.DictParameter(default={})
    note = luigi.Parameter(default="", significant=False)
    cores = luigi.IntParameter(default=1)
    exclude_params_identity = {"cores"}

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(f"{self.size} {sorted(self.d.items())}", formatter="text")
"""


@scenario(14, "A with `size=1`", "`size=2`; `size=1` again", runs="A; nothing")
def test_a_parameter_changed_runs_the_task_and_changed_back_runs_nothing(project):
    project.tasks(PARAMETERS)
    assert project.run("A", "--size", "1").ran == "A"
    assert project.run("A", "--size", "2").ran == "A"
    assert project.run("A", "--size", "1").ran == ""
    assert project.text("A/*size=1__*/a.txt") == "1 []"
    assert project.text("A/*size=2__*/a.txt") == "2 []"


@scenario(15, "A with `d={a: 1, b: 2}`", "the order of its keys; its values", runs="nothing; A")
def test_the_order_of_keys_in_a_dictionary_does_not_matter(project):
    project.tasks(PARAMETERS)
    assert project.run("A", "--d", '{"a": 1, "b": 2}').ran == "A"
    assert project.run("A", "--d", '{"b": 2, "a": 1}').ran == ""
    assert project.run("A", "--d", '{"b": 1, "a": 2}').ran == "A"


@scenario(94, "A", "a parameter with `significant=False`, one in `exclude_params_identity`", runs="nothing")
def test_parameters_that_do_not_decide_the_result_run_nothing(project):
    project.tasks(PARAMETERS)
    assert project.run("A").ran == "A"
    assert project.run("A", "--note", "hello").ran == ""
    assert project.run("A", "--cores", "8").ran == ""


@scenario(95, "A → B", "class A renamed", runs="nothing")
def test_a_renamed_task_runs_nothing(project):
    two(project)
    project.edit("class A(", "class Renamed(")
    project.edit("A.req(self)", "Renamed.req(self)")
    assert project.run("B").ran == ""


# ------------------------------------------------------------------------------------ files from outside

FILE = """
class In(lawnix.ExternalTask):
    name = luigi.Parameter(default="in.txt")

    def output(self):
        return law.LocalFileTarget(os.path.join(os.path.dirname(__file__), "..", self.name))

class A(lawnix.Task):
    name = luigi.Parameter(default="in.txt", significant=False)

    def requires(self):
        return In(name=self.name)

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(self.input().load(formatter="text")[:3], formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A.req(self)

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(self.input().load(formatter="text") * 2, formatter="text")

class Other(lawnix.Task):
    def output(self):
        return self.target("other.txt")

    def run(self):
        ran("Other")
        self.output().dump("other", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [B(), Other()]
"""


@pytest.fixture
def filed(project):
    project.tasks(FILE)
    project.file = project.write("in.txt", "one, two")
    assert project.run("B").ran == "A B"
    return project


@scenario(17, "file → A → B", "the file touched", runs="nothing")
def test_touching_an_input_runs_nothing(filed):
    filed.file.touch()
    assert filed.run("B").ran == ""


@scenario(18, "file → A → B", "other bytes, same size, same second of modification", runs="A, B")
def test_other_bytes_of_the_same_size_in_the_same_second_are_seen(filed):
    before = filed.file.stat()
    filed.file.write_text("six, two")
    second = before.st_mtime_ns // 10**9 * 10**9
    os.utime(filed.file, ns=(before.st_atime_ns, second + (before.st_mtime_ns - second + 1) % 10**9))
    assert filed.file.stat().st_size == before.st_size
    assert filed.run("B").ran == "A B"
    assert filed.text("B/*/b.txt") == "sixsix"


@scenario(25, "file → A → B", "other bytes, same size, same time of modification", runs="A, B")
def test_other_bytes_of_the_same_size_and_the_same_mtime_are_seen(filed):
    before = filed.file.stat()
    filed.file.write_text("six, two")
    os.utime(filed.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert filed.run("B").ran == "A B"


@scenario(20, "file → A → B", "the file replaced by an identical copy", runs="nothing")
def test_an_input_replaced_by_an_identical_copy_runs_nothing(filed):
    copy = filed.write("copy.txt", filed.file.read_text())
    copy.replace(filed.file)
    assert filed.run("B").ran == ""


@scenario(
    21,
    "file → A → B",
    "content that A ignores; other content; back",
    runs="A; A, B; nothing",
    stays="first B",
)
def test_an_input_with_other_content_runs_what_reads_it_and_goes_on_only_if_that_changes(filed):
    filed.file.write_text("one, three")
    assert filed.run("B").ran == "A"  # which writes what it wrote before
    filed.file.write_text("two, three")
    assert filed.run("B").ran == "A B"
    filed.file.write_text("one, two")
    assert filed.run("B").ran == ""


@scenario(22, "file → A → B, and C", "the file is missing", runs="C; the error names the file", stays="A, B")
def test_a_missing_input_stops_what_reads_it_by_name_and_nothing_else(filed):
    filed.file.unlink()
    run = filed.run("All", code=20)
    assert run.ran == "Other"
    assert str(filed.file) in run.output.replace("proj/../", "")
    filed.write("in.txt", "one, two")
    assert filed.run("All").ran == ""


@scenario(32, "file → A → B", "the file renamed, same bytes", runs="A, which can see the name", stays="B")
def test_a_renamed_input_is_another_file_to_the_task_that_reads_it(filed):
    filed.file.rename(filed.root / "renamed.txt")
    filed.edit('name = luigi.Parameter(default="in.txt", significant=False)',
               'name = luigi.Parameter(default="renamed.txt", significant=False)')  # fmt: skip
    assert filed.run("B").ran == "A"  # it can see the name of the file; its consumer cannot


# ------------------------------------------------------------------------------------ outputs

CHAIN = """
class A(lawnix.Task):
    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump("10", formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A()

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(str(int(self.input().load(formatter="text")) // 10), formatter="text")

class C(lawnix.Task):
    def requires(self):
        return B()

    def output(self):
        return self.target("c.txt")

    def run(self):
        ran("C")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")
"""


@pytest.fixture
def chain(project):
    project.tasks(CHAIN)
    assert project.run("C").ran == "A B C"
    return project


@scenario(29, "A → B → C", "A's output deleted, C asked for", runs="nothing")
def test_an_intermediate_that_is_gone_is_not_missed(chain):
    chain.run("A")
    remove(chain.result("A/*/a.txt").resolve())
    assert chain.run("C").ran == ""


@scenario(23, "A → B → C", "A's output deleted, A asked for", runs="A", stays="B, C")
def test_an_output_that_is_gone_is_built_when_it_is_asked_for_and_its_consumers_are_not(chain):
    chain.run("A")
    remove(chain.result("A/*/a.txt").resolve())
    assert chain.run("A").ran == "A"
    assert chain.run("C").ran == ""
    assert chain.text("A/*/a.txt") == "10"


@scenario(24, "A → B → C", "C's output overwritten by hand", runs="C, as it was", stays="A, B")
def test_a_final_output_overwritten_by_hand_is_noticed_and_made_good(chain):
    overwrite(chain.result("C/*/c.txt").resolve(), "2!")
    assert chain.run("C").ran == "C"
    assert chain.text("C/*/c.txt") == "1!"
    assert chain.verify().is_clean


def test_verify_tells_what_was_overwritten_by_hand(chain):
    assert chain.verify().is_clean
    path = chain.result("C/*/c.txt").resolve()
    overwrite(path, "2!")
    assert [str(corrupt) for corrupt in chain.verify().corrupt] == [path.name]


@scenario(33, "A → B → C", "B's output overwritten by hand, and C edited", runs="B, C", stays="A")
def test_an_intermediate_overwritten_by_hand_is_never_consumed(chain):
    chain.run("B")
    overwrite(chain.result("B/*/b.txt").resolve(), "7")
    chain.edit('+ "!"', '+ "?"')
    assert chain.run("C").ran == "B C"
    assert chain.text("C/*/c.txt") == "1?"


@scenario(26, "A → B → C", "A's code, same content", runs="A", stays="B, C")
def test_what_comes_out_as_before_runs_no_consumer(chain):
    chain.edit('dump("10"', "dump(str(5 + 5)")
    assert chain.run("C").ran == "A"


@scenario(27, "A → B → C", "A's content changes, B's does not", runs="A, B", stays="C")
def test_a_change_stops_where_content_stays(chain):
    chain.edit('dump("10"', 'dump("11"')
    assert chain.run("C").ran == "A B"


@scenario(
    56, "M with two outputs → U", "M's code, same content; other content", runs="M; M, U", stays="first U"
)
def test_only_consumers_of_the_output_that_changed_run(project):
    project.tasks("""
    class M(lawnix.Task):
        def output(self):
            return {"a": self.target("a.txt"), "b": self.target("b.txt")}

        def run(self):
            ran("M")
            self.output()["a"].dump("1", formatter="text")
            self.output()["b"].dump("2", formatter="text")

    class U(lawnix.Task):
        def requires(self):
            return M()

        def output(self):
            return self.target("u.txt")

        def run(self):
            ran("U")
            self.output().dump(self.input()["a"].load(formatter="text"), formatter="text")
    """)
    assert project.run("U").ran == "M U"
    project.edit('dump("2"', "dump(str(2)")
    assert project.run("U").ran == "M"
    project.edit('dump("1"', 'dump("one"')
    assert project.run("U").ran == "M U"


@scenario(28, "A → B → C", "the classes absent for one run, and back", runs="nothing")
def test_a_task_that_was_gone_for_a_run_is_still_known(chain):
    text = (chain.root / "proj/tasks.py").read_text()
    chain.tasks("""
    class D(lawnix.Task):
        def output(self):
            return self.target("d.txt")

        def run(self):
            ran("D")
            self.output().dump("d", formatter="text")
    """)
    assert chain.run("D").ran == "D"
    (chain.root / "proj/tasks.py").write_text(text)
    assert chain.run("C").ran == ""


@scenario(30, "A, B", "B requires A; again; not any more", runs="B; nothing; nothing", stays="A")
def test_a_requirement_added_and_removed_again_runs_its_consumer_once(project):
    project.tasks("""
    class A(lawnix.Task):
        def output(self):
            return self.target("a.txt")

        def run(self):
            ran("A")
            self.output().dump("a", formatter="text")

    class B(lawnix.Task):
        def requires(self):
            return []

        def output(self):
            return self.target("b.txt")

        def run(self):
            ran("B")
            self.output().dump("b", formatter="text")
    """)
    assert project.run("A").ran == "A"
    assert project.run("B").ran == "B"
    project.edit("return []", "return [A()]")
    assert project.run("B").ran == "B"
    assert project.run("B").ran == ""
    project.edit("return [A()]", "return []")
    assert project.run("B").ran == ""


@scenario(31, "A → C, B → C", "C does not require A any more", runs="C", stays="A, B")
def test_a_removed_requirement_runs_its_consumer_the_first_time(project):
    project.tasks(CHAIN)
    project.edit("return B()", "return {'b': B(), 'a': A()}")
    project.edit('self.input().load(formatter="text") + "!"', 'self.input()["b"].load(formatter="text")')
    assert project.run("C").ran == "A B C"
    project.edit("return {'b': B(), 'a': A()}", "return {'b': B()}")
    assert project.run("C").ran == "C"


# ------------------------------------------------------------------------------------ failures

FAILING = """
class A(lawnix.Task):
    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        with open(self.output().path, "w") as file:
            file.write("half of ")
            file.flush()
            raise ValueError("no luck")

class B(lawnix.Task):
    def requires(self):
        return A()

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump("b" + self.input().load(formatter="text"), formatter="text")

class C(lawnix.Task):
    def requires(self):
        return B()

    def output(self):
        return self.target("c.txt")

    def run(self):
        ran("C")
        self.output().dump("c" + self.input().load(formatter="text"), formatter="text")

class S(lawnix.Task):
    def output(self):
        return self.target("s.txt")

    def run(self):
        ran("S")
        self.output().dump("s", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [C(), S()]
"""


@scenario(36, "A → B → C, and S; A fails", "cold", runs="A, S; exit code 40", stays="B, C")
@scenario(37, "A → B → C, and S; A fails", "again", runs="A", stays="S, B, C")
@scenario(38, "A → B → C, and S; A fails", "A mended", runs="A, B, C", stays="S")
def test_a_failure_stops_what_depends_on_it_and_nothing_else(project):
    project.tasks(FAILING)
    first = project.run("All", code=40)
    assert first.ran == "A S"
    assert "ValueError: no luck" in first.output
    again = project.run("All", code=40)
    assert again.ran == "A"
    project.edit('raise ValueError("no luck")', 'file.write("it")')
    assert project.run("All").ran == "A B C"
    assert project.text("C/*/c.txt") == "cbhalf of it"


@scenario(
    40, "A writes half a file and raises", "cold", runs="A; nothing of it is under the output's name, ever"
)
def test_half_an_output_is_never_visible(project):
    project.tasks(FAILING)
    project.run("All", code=40)
    files = [path for path in project.store.rglob("*") if path.is_file()]
    assert not [path for path in files if path.name.endswith("a.txt") or b"half of" in path.read_bytes()]
    assert not list(project.results.rglob("a.txt"))
    assert "absent" in project.run("A", "--print-status", "0").output
    assert project.verify().is_clean


ENDINGS = """
class T(lawnix.Task):
    how = luigi.Parameter()

    def output(self):
        return self.target("made.txt", allow_empty=self.how == "allowed")

    def run(self):
        ran(self.how)
        if self.how == "nothing":
            return
        if self.how == "exit":
            os._exit(3)
        if self.how == "signal":
            os.kill(os.getpid(), 9)
        self.output().dump("" if self.how in ("empty", "allowed") else "something", formatter="text")

class All(lawnix.WrapperTask):
    def requires(self):
        return [T(how=how) for how in ("exit", "signal", "healthy")]
"""


@scenario(41, "A does not write its output", "cold", runs="A; the failure names the output")
def test_an_output_that_was_not_written_fails_by_its_name(project):
    project.tasks(ENDINGS)
    run = project.run("T", "--how", "nothing", code=40)
    assert "without writing its output 'made.txt'" in run.output


@scenario(
    39,
    "A writes an empty file",
    "cold; with `allow_empty`",
    runs="A; the failure names the output; A, and it counts",
)
def test_an_empty_output_fails_by_its_name_unless_it_is_allowed(project):
    project.tasks(ENDINGS)
    run = project.run("T", "--how", "empty", code=40)
    assert "empty output 'made.txt'" in run.output
    assert project.run("T", "--how", "allowed").ran == "allowed"
    assert project.run("T", "--how", "allowed").ran == ""


@scenario(
    42,
    "A calls `os._exit(3)`, B is killed by signal 9, and C",
    "cold; again, C asked for",
    runs="A, B, C; both failures are told by code and signal; nothing",
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_task_that_takes_its_process_with_it_fails_alone(project, workers):
    project.tasks(ENDINGS)
    run = project.run("All", "--workers", workers, code=40)
    assert run.ran == "exit healthy signal"
    assert "exit code 3" in run.output
    assert "signal 9" in run.output
    assert project.run("T", "--how", "healthy").ran == ""
    assert project.text("T/*healthy*/made.txt") == "something"


# ------------------------------------------------------------------------------------ definitions


@scenario(44, "A → B; A declares one name twice", "cold", runs="nothing; the error names both")
def test_two_outputs_with_one_name_are_an_error_before_anything_runs(project):
    project.tasks("""
    class A(lawnix.Task):
        def output(self):
            return [self.target("a.txt"), self.target("a.txt")]

        def run(self):
            ran("A")

    class B(lawnix.Task):
        def requires(self):
            return A()

        def output(self):
            return self.target("b.txt")

        def run(self):
            ran("B")
    """)
    run = project.run("B", code=50)
    assert run.ran == ""
    assert "A() declares two outputs named 'a.txt'" in run.output


@scenario(43, "two tasks with one derivation", "cold", runs="one of them")
def test_two_tasks_with_one_derivation_are_built_once(project):
    project.tasks("""
    class Base(lawnix.Task):
        exclude_index = True

        def output(self):
            return self.target("a.txt")

        def run(self):
            ran("body")
            self.output().dump("a", formatter="text")

    class One(Base):
        pass

    class Two(Base):
        pass

    class All(lawnix.WrapperTask):
        def requires(self):
            return [One(), Two()]
    """)
    assert project.run("All", "--workers", "2").ran == "body"
    assert project.run("All").ran == ""
    assert project.text("One/*/a.txt") == project.text("Two/*/a.txt") == "a"


@scenario(45, "a circle of one, two, three", "cold", runs="nothing; the error lists the circle")
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_is_told_before_anything_runs(project, length):
    names = [f"T{number}" for number in range(length)]
    classes = [
        f"""
    class {name}(lawnix.Task):
        def requires(self):
            return [Before(), {names[(number + 1) % length]}()]

        def output(self):
            return self.target("t.txt")

        def run(self):
            ran("{name}")
    """
        for number, name in enumerate(names)
    ]
    project.tasks(
        """
    class Before(lawnix.Task):
        def output(self):
            return self.target("before.txt")

        def run(self):
            ran("Before")
            self.output().dump("b", formatter="text")
    """
        + "".join(classes)
    )
    run = project.run("T0", code=50)
    assert run.ran == ""
    circle = "\n  requires ".join(f"{name}()" for name in [*names, "T0"])
    assert f"tasks require each other in a circle:\n  {circle}" in run.output


@scenario(46, "one family, two classes, one process", "cold", runs="nothing; the error names both")
def test_one_family_defined_twice_is_an_error_that_names_it(project):
    family = """
    class A(lawnix.Task):
        def output(self):
            return self.target("a.txt")

        def run(self):
            ran("A")
            self.output().dump("a", formatter="text")
    """
    project.tasks(family + family.replace('dump("a"', 'dump("b"'))
    run = project.run("A", code=None)
    assert run.code != 0
    assert run.ran == ""
    assert "2 task classes are called A: proj.tasks.A" in run.output


def remove(path):
    path.parent.chmod(0o755)
    path.unlink()


def overwrite(path, text):
    path.chmod(0o644)
    path.write_text(text)
    path.chmod(0o444)


# ---------------------------------------------------------------------------------- values without a digest

UNKNOWN = """
STREAM = iter([1])
OTHER = iter([2])

class Reads(lawnix.Task):
    n = luigi.IntParameter(default=1)

    def output(self):
        return self.target("out.txt")

    def run(self):
        ran("Reads")
        assert OTHER
        self.output().dump(str(STREAM), formatter="text")

class All(law.WrapperTask):
    def requires(self):
        return [Reads(n=n) for n in range(3)]
"""


def test_what_counts_by_its_type_is_said_once_a_task_class(project):
    project.tasks(UNKNOWN)
    said = project.run("All").output
    assert said.count("of which only the type counts") == 1
    assert "the code of Reads reaches proj.tasks.OTHER and 1 more, of which only the type counts" in said
    project.edit("STREAM = iter([1])", "STREAM = iter([3])")
    assert project.run("All").ran == ""


def test_what_has_no_digest_counts_by_its_pickle_where_that_is_asked_for(project):
    project.configure("lawnix", "unknown", "pickle")
    project.tasks(UNKNOWN)
    assert "only the type counts" not in project.run("All").output
    assert project.run("All").ran == ""
    project.edit("STREAM = iter([1])", "STREAM = iter([3])")
    assert project.run("All").ran == "Reads Reads Reads"


def test_what_has_no_digest_is_refused_where_that_is_asked_for(project):
    project.configure("lawnix", "unknown", "error")
    project.tasks(UNKNOWN)
    run = project.run("All", code=None)
    assert run.code != 0
    assert "the code of Reads reaches proj.tasks.OTHER, which has no digest" in run.output
