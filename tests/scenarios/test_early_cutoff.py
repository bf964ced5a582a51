"""Early cutoff: what is built again and comes out as it was changes nothing downstream, whatever the reason it was built for."""

import pytest

from tests.scenarios.table import scenario

CHAIN = """
class A(lawnix.Task):
    size = luigi.IntParameter(default=12)

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(str(self.size // 10), formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A(size=int(os.environ.get("SIZE", "12")))

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")

class C(lawnix.Task):
    def requires(self):
        return B()

    def output(self):
        return self.target("c.txt")

    def run(self):
        ran("C")
        self.output().dump(self.input().load(formatter="text")[-1], formatter="text")
"""


@pytest.fixture
def chain(project):
    project.tasks(CHAIN)
    assert project.run("C").ran == "A B C"
    return project


@scenario(100, "A → B → C", "a parameter of A, same content", runs="A", stays="B, C")
def test_a_parameter_that_changes_no_content(chain):
    assert chain.run("C", SIZE="13").ran == "A"


@scenario(
    101, "A → B → C", "a parameter of A; B's content changes, C's does not", runs="A, B, C; then nothing"
)
def test_a_parameter_that_changes_content(chain):
    assert chain.run("C", SIZE="22").ran == "A B C"
    assert chain.run("C", SIZE="22").ran == ""
    assert chain.run("C", SIZE="12").ran == ""


@scenario(102, "A → B, whose `run()` reads a parameter of A", "that parameter, same content", runs="A, B")
def test_a_parameter_that_the_consumer_reads_is_content_too(chain):
    chain.edit('+ "!"', "+ str(self.requires().size % 2)")
    assert chain.run("B").ran == "B"
    assert chain.run("B", SIZE="13").ran == "A B"
    assert chain.text("B/*/b.txt") == "11"


DIAMOND = """
class Top(lawnix.Task):
    def output(self):
        return self.target("top.json")

    def run(self):
        ran("Top")
        self.output().dump({"l": 1, "r": 2}, formatter="json")

class Arm(lawnix.Task):
    side = luigi.Parameter()

    def requires(self):
        return Top()

    def output(self):
        return self.target("arm.txt")

    def run(self):
        ran(self.side)
        self.output().dump(str(self.input().load(formatter="json")[self.side]), formatter="text")

class Join(lawnix.Task):
    def requires(self):
        return [Arm(side=side) for side in "lr"]

    def output(self):
        return self.target("join.txt")

    def run(self):
        ran("Join")
        self.output().dump("".join(arm.load(formatter="text") for arm in self.input()), formatter="text")
"""


@scenario(103, "T → l, r → J", "T's content; nothing of l and r changes", runs="T, l, r", stays="J")
@scenario(104, "T → l, r → J", "T's content; l's changes, r's does not", runs="T, l, r, J")
def test_both_arms_of_a_diamond_are_looked_at(project):
    project.tasks(DIAMOND)
    project.run("Join")
    project.edit('"r": 2}', '"r": 2, "unread": 3}')
    assert project.run("Join", "--workers", "2").ran == "Top l r"
    project.edit('"l": 1', '"l": 4')
    assert project.run("Join", "--workers", "2").ran == "Join Top l r"
    assert project.text("Join/*/join.txt") == "42"


OUTSIDE = """
class In(lawnix.ExternalTask):
    def output(self):
        return {name: law.LocalFileTarget(os.path.abspath(name + ".txt")) for name in ("one", "two")}

class Read(lawnix.Task):
    name = luigi.Parameter()

    def requires(self):
        return In()

    def output(self):
        return self.target("read.txt")

    def run(self):
        ran(self.name)
        self.output().dump(self.input()[self.name].load(formatter="text").strip(), formatter="text")

class Both(lawnix.Task):
    def requires(self):
        return [Read(name=name) for name in ("one", "two")]

    def output(self):
        return self.target("both.txt")

    def run(self):
        ran("both")
        self.output().dump("".join(each.load(formatter="text") for each in self.input()), formatter="text")
"""


@scenario(105, "files f, g → Rf, Rg → J", "f gets a blank that Rf strips", runs="Rf, Rg", stays="J")
@scenario(106, "files f, g → Rf, Rg → J", "f gets other content; f is as it was", runs="Rf, Rg, J; nothing")
def test_files_from_outside_are_cut_off_where_they_are_read(project):
    project.tasks(OUTSIDE)
    project.write("one.txt", "1")
    project.write("two.txt", "2")
    assert project.run("Both").ran == "both one two"
    project.write("one.txt", "1 ")
    assert project.run("Both").ran == "one two"
    project.write("one.txt", "3")
    assert project.run("Both").ran == "both one two"
    assert project.text("Both/*/both.txt") == "32"
    project.write("one.txt", "1")
    assert project.run("Both").ran == ""


OUTPUTS = """
class M(lawnix.Task):
    def output(self):
        return {"a": self.target("a.txt"), "b": self.target("b.txt")}

    def run(self):
        ran("M")
        self.output()["a"].dump("first a", formatter="text")
        self.output()["b"].dump("first b", formatter="text")

class U(lawnix.Task):
    def requires(self):
        return lawnix.only(M.req(self), "a")

    def output(self):
        return self.target("u.txt")

    def run(self):
        ran("U")
        self.output().dump(self.input().load(formatter="text"), formatter="text")

class V(lawnix.Task):
    def requires(self):
        return M()

    def output(self):
        return self.target("v.txt")

    def run(self):
        ran("V")
        self.output().dump("".join(self.input()[name].load(formatter="text") for name in "ab"), formatter="text")

class Both(lawnix.WrapperTask):
    def requires(self):
        return [U(), V()]
"""


@pytest.fixture
def outputs(project):
    project.tasks(OUTPUTS)
    assert project.run("Both").ran == "M U V"
    return project


@scenario(57, "M with outputs a, b; U reads `only()` a, V both", "b's content", runs="M, V", stays="U")
def test_an_output_that_one_of_two_reads(outputs):
    outputs.edit("first b", "second b")
    assert outputs.run("Both").ran == "M V"
    assert outputs.run("Both").ran == ""


@scenario(58, "M with outputs a, b; U reads `only()` a, V both", "a's content", runs="M, U, V")
def test_an_output_that_both_read(outputs):
    outputs.edit("first a", "second a")
    assert outputs.run("Both").ran == "M U V"


@scenario(
    59,
    "M with outputs a, b; U reads `only()` a, V both",
    "b deleted; and M asked for",
    runs="nothing; M",
    stays="U, V",
)
def test_an_output_that_is_gone(outputs):
    outputs.run("M")
    path = outputs.result("M/*/b.txt").resolve()
    path.parent.chmod(0o755)
    path.unlink()
    assert outputs.run("Both").ran == ""
    assert outputs.run("M").ran == "M"
    assert outputs.run("Both").ran == ""


BRANCHES = """
class Numbers(lawnix.Task):
    def output(self):
        return self.target("numbers.json")

    def run(self):
        ran("Numbers")
        self.output().dump({"a": 1, "b": 2, "c": 3, "d": 4}, formatter="json")

class Parts(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate("abc"))

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("part.txt")

    def run(self):
        ran(self.branch_data)
        number = self.input().load(formatter="json")[self.branch_data[0]]
        self.output().dump(f"{self.branch_data}{number}", formatter="text")

class Ends(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate("abc"))

    def requires(self):
        return Parts.req(self)

    def output(self):
        return self.target("end.txt")

    def run(self):
        ran("end-" + self.branch_data)
        self.output().dump(self.input().load(formatter="text") + ".", formatter="text")

class Sum(lawnix.Task):
    def requires(self):
        return Parts.req(self)

    def output(self):
        return self.target("sum.txt")

    def run(self):
        ran("Sum")
        parts = self.input()["collection"].targets
        self.output().dump(" ".join(parts[n].load(formatter="text") for n in sorted(parts)), formatter="text")
"""


@pytest.fixture
def branches(project):
    project.tasks(BRANCHES)
    assert project.run("Sum").ran == "Numbers Sum a b c"
    assert project.text("Sum/*/sum.txt") == "a1 b2 c3"
    return project


def set_branches(project, names):
    text = (project.root / "proj/tasks.py").read_text()
    assert text.count('enumerate("abc")') == 2
    (project.root / "proj/tasks.py").write_text(text.replace('enumerate("abc")', f"enumerate({names!r})"))


@scenario(107, "branches a, b, c → S, which reads all", "d joins at the end", runs="d, S", stays="a, b, c")
def test_a_branch_map_that_grows_at_its_end(branches):
    set_branches(branches, "abcd")
    assert branches.run("Sum").ran == "Sum d"
    assert branches.text("Sum/*/sum.txt") == "a1 b2 c3 d4"


@scenario(108, "branches a, b, c → S, which reads all", "d joins in front of a", runs="d, S", stays="a, b, c")
def test_a_branch_map_that_grows_at_its_front(branches):
    set_branches(branches, "dabc")
    assert branches.run("Sum").ran == "Sum d"
    assert branches.text("Sum/*/sum.txt") == "d4 a1 b2 c3"


@scenario(
    109, "branches a, b, c → S, which reads all", "b goes; b comes back", runs="S; nothing", stays="a, b, c"
)
def test_a_branch_map_that_shrinks(branches):
    set_branches(branches, "ac")
    assert branches.run("Sum").ran == "Sum"
    assert branches.text("Sum/*/sum.txt") == "a1 c3"
    branches.tasks(BRANCHES)
    assert branches.run("Sum").ran == ""


@scenario(110, "branches a, b, c → S, which reads all", "another order: c, a, b", runs="S", stays="a, b, c")
def test_a_branch_map_that_is_reordered(branches):
    set_branches(branches, "cab")
    assert branches.run("Sum").ran == "Sum"
    assert branches.text("Sum/*/sum.txt") == "c3 a1 b2"


@scenario(111, "branches a, b, c → branches A, B, C, one reads one", "another order: c, a, b", runs="nothing")
@scenario(
    112,
    "branches a, b, c → branches A, B, C, one reads one",
    "d joins in front",
    runs="d, D",
    stays="a, b, c, A, B, C",
)
def test_branches_of_branches_are_kept_wherever_they_stand(branches):
    assert branches.run("Ends").ran == "end-a end-b end-c"
    set_branches(branches, "cab")
    assert branches.run("Ends").ran == ""
    branches.tasks(BRANCHES)
    set_branches(branches, "dabc")
    assert branches.run("Ends").ran == "d end-d"


@scenario(113, "N → branches a, b, c → S", "N's content, what one branch reads", runs="N, a, b, c, S")
@scenario(114, "N → branches a, b, c → S", "N's content, what no branch reads", runs="N, a, b, c", stays="S")
def test_what_all_branches_read(branches):
    branches.edit('"d": 4}', '"d": 5}')
    assert branches.run("Sum").ran == "Numbers a b c"
    branches.edit('"b": 2', '"b": 7')
    assert branches.run("Sum").ran == "Numbers Sum a b c"
    assert branches.text("Sum/*/sum.txt") == "a1 b7 c3"


@scenario(
    99,
    "branches a, b, c → S, which reads all",
    "the data of one branch",
    runs="that branch, S",
    stays="the others",
)
def test_the_data_of_a_branch(branches):
    text = (branches.root / "proj/tasks.py").read_text()
    (branches.root / "proj/tasks.py").write_text(
        text.replace('enumerate("abc")', 'enumerate(["a", "bb", "c"])')
    )
    assert branches.run("Sum").ran == "Sum bb"
    assert branches.text("Sum/*/sum.txt") == "a1 bb2 c3"
