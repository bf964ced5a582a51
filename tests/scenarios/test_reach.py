"""What the code of a task reaches, and the ways out: what runs after edits off the straight path."""

import pytest

from tests.scenarios.table import scenario

CLASSES = """
import functools

COLOURS = lawnix.untracked({"signal": "red"})

def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) + 0
    return wrapper

@logged
def scaled(x):
    return x * 3

class Base(lawnix.Task):
    threshold = 20

    def cut(self, x):
        return x + self.threshold

    def unused(self):
        return 1

class Mixin:
    def shift(self, x):
        return x - 1

class A(Mixin, Base):
    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        COLOURS["signal"]
        self.output().dump(str(self.shift(self.cut(scaled(1)))), formatter="text")

class B(lawnix.Task):
    def requires(self):
        return A()

    def output(self):
        return self.target("b.txt")

    def run(self):
        ran("B")
        self.output().dump(self.input().load(formatter="text") + "!", formatter="text")
"""

REACHED = {
    "a method of the base class": ("return x + self.threshold", "return x + 2 * self.threshold"),
    "an attribute of the base class": ("threshold = 20", "threshold = 21"),
    "a method of a mixin": ("return x - 1", "return x - 2"),
    "the code of a decorator": ("return function(*args) + 0", "return function(*args) + 1"),
    "a decorated body": ("return x * 3", "return x * 4"),
    "a decorator taken away, which changes no content": ("@logged\n", ""),
}

NOT_REACHED = {
    "a method that run does not reach": ("return 1\n", "return 2\n"),
    "a new method": ("    def unused", "    def new(self):\n        return 3\n\n    def unused"),
    "a value that is declared untracked": ('"red"', '"blue"'),
    "what requires() is made of": ("return A()", "return [A()][0]"),
    "a class that nobody uses": ("class Mixin:", "class Other:\n    pass\n\nclass Mixin:"),
}


@pytest.fixture
def classes(project):
    project.tasks(CLASSES)
    assert project.run("B").ran == "A B"
    return project


@scenario(
    80, "A → B", "a method or an attribute of A's base class or mixin, used through `self`", runs="A, B"
)
@scenario(
    81,
    "A → B",
    "the code of a decorator; a decorated body; the decorator taken away",
    runs="A, B; A, B; A",
    stays="in the end B",
)
@pytest.mark.parametrize("edit", REACHED.values(), ids=REACHED)
def test_what_run_reaches_through_classes_and_decorators_runs_it(classes, edit):
    classes.edit(*edit)
    assert classes.run("B").ran == ("A" if edit[1] == "" else "A B")
    assert classes.run("B").ran == ""


@scenario(
    82,
    "A → B",
    "a method that `run()` does not reach; a new one; a new class; `requires()` written otherwise",
    runs="nothing",
)
@scenario(83, "A → B", "a value in `lawnix.untracked()`", runs="nothing")
@pytest.mark.parametrize("edit", NOT_REACHED.values(), ids=NOT_REACHED)
def test_what_run_does_not_reach_runs_nothing(classes, edit):
    classes.edit(*edit)
    assert classes.run("B").ran == ""
    classes.edit("return x * 3", "return x * 4")  # edits are seen at all
    assert classes.run("B").ran == "A B"


WAYS_OUT = """
class A(lawnix.Task):
    DECLARED

    def output(self):
        return self.target("a.txt")

    def run(self):
        ran("A")
        self.output().dump(open("table.txt").read() + "1", formatter="text")
"""


@scenario(
    87,
    "A with `track_code = False`; with `version = 1`",
    "its code; its code, and `version = 2`",
    runs="nothing; nothing, A",
)
def test_code_that_is_not_looked_at(project):
    project.write("table.txt", "x")
    for declared in ("track_code = False", "version = 1"):
        project.tasks(WAYS_OUT.replace("DECLARED", declared))
        assert project.run("A").ran == "A"
        project.edit('"1"', '"2"')
        assert project.run("A").ran == ""
    project.edit("version = 1", "version = 2")
    assert project.run("A").ran == "A"
    assert project.text("A/*/a.txt") == "x2"


@scenario(
    88,
    'A with `sources = ["../table.txt"]`',
    "the table touched; edited; edited back",
    runs="nothing; A; nothing",
)
def test_a_table_that_counts_as_code(project):
    project.write("table.txt", "x")
    project.tasks(WAYS_OUT.replace("DECLARED", 'sources = ["../table.txt"]'))
    assert project.run("A").ran == "A"
    (project.root / "table.txt").touch()
    assert project.run("A").ran == ""
    project.write("table.txt", "y")
    assert project.run("A").ran == "A"
    project.write("table.txt", "x")
    assert project.run("A").ran == ""


@scenario(
    90,
    "A with a local variable `total`",
    "the variable renamed",
    runs="A: needless, but the digest cannot know",
    stays="B",
)
def test_a_local_variable_renamed(project):
    project.tasks(WAYS_OUT.replace("DECLARED", "").replace('        self.output().dump(open("table.txt").read() + "1"',
                                                          '        total = 3\n        self.output().dump(str(total)'))  # fmt: skip
    assert project.run("A").ran == "A"
    text = (project.root / "proj/tasks.py").read_text()
    (project.root / "proj/tasks.py").write_text(text.replace("total", "renamed"))
    assert project.run("A").ran == "A"
