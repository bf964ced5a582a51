"""What an author can say about the code of a task."""

import pytest

from lawnix.errors import NoSourceError, UntrackableError
from lawnix.task.code.untracked import untracked

TASK = """
    import law, luigi
    from lawnix.task.code.untracked import untracked

    VALUE = 1

    def helper():
        return 2

    def extra():
        return 3

    class Base:
        SAYS

        def run(self):
            return helper(), self.branch

    class T(Base):
        pass

    class Anew(Base):
        def run(self):
            return 4, self.branch
    """


@pytest.fixture
def task(project):
    def write(says):
        return project.write({"flat.py": TASK.replace("SAYS", says)})

    return write


def test_a_version_replaces_the_code(task) -> None:
    folder = task("version = 2")
    before = folder.code("flat:T")
    assert [(each.name, each.kind) for each in before.components] == [("T.version", "version")]
    assert folder.edit("flat.py", "return 2", "return 20").code("flat:T").digest == before.digest
    assert folder.edit("flat.py", "version = 2", "version = 3").code("flat:T").digest != before.digest
    assert folder.edit("flat.py", "version = 3", "version = '3'").code("flat:T").digest != before.digest


def test_a_version_leaves_what_is_read(task) -> None:
    assert task("version = 2").code("flat:T").reads == {"branch"}


def test_a_version_is_not_believed_for_a_run_that_was_written_anew(task) -> None:
    folder = task("version = 2")
    before = folder.code("flat:Anew").digest
    assert folder.edit("flat.py", "return 4", "return 5").code("flat:Anew").digest != before


def test_classes_of_one_version_are_still_told_apart(project) -> None:
    project.write({"flat.py": "class A:\n    version = 1\n    def run(self): pass\nclass B(A):\n    pass\n"})
    assert project.code("flat:A").digest != project.code("flat:B").digest


def test_a_parameter_named_version_replaces_nothing(project) -> None:
    project.write(
        {
            "flat.py": """
                import law, luigi

                class T(law.Task):
                    version = luigi.IntParameter(default=1)
                    def run(self):
                        return 1
                """
        }
    )
    before = project.code("flat:T").digest
    assert project.edit("flat.py", "return 1", "return 2").code("flat:T").digest != before


def test_code_can_be_left_out(task) -> None:
    folder = task("track_code = False")
    before = folder.code("flat:T")
    assert before.reads == {"branch"}
    assert folder.edit("flat.py", "return 2", "return 20").code("flat:T").digest == before.digest
    assert (
        folder.edit("flat.py", "track_code = False", "track_code = True").code("flat:T").digest
        != before.digest
    )


@pytest.mark.parametrize("with_version", [False, True])
def test_sources_are_added(task, with_version) -> None:
    folder = task("sources = [extra, 'table.csv', 'folder']" + ("; version = 1" if with_version else ""))
    folder.write({"table.csv": "1,2\n", "folder/a.txt": "a", "folder/b/c.txt": "c"})
    before = folder.code("flat:T")
    names = {each.name for each in before.components}
    assert {"flat.extra", "table.csv", "folder"} <= names
    assert before.warnings == ()
    assert folder.edit("flat.py", "return 3", "return 30").code("flat:T").digest != before.digest
    assert folder.edit("flat.py", "return 30", "return 3").code("flat:T").digest == before.digest
    assert folder.edit("table.csv", "2", "3").code("flat:T").digest != before.digest
    assert folder.edit("table.csv", "3", "2").code("flat:T").digest == before.digest
    assert folder.edit("folder/b/c.txt", "c", "d").code("flat:T").digest != before.digest


def test_a_source_that_is_not_there_is_said(task) -> None:
    folder = task("sources = ['table.csv']")
    before = folder.code("flat:T")
    assert ("table.csv", "missing") in {(each.name, each.kind) for each in before.components}
    assert "table.csv" in before.warnings[0]
    assert folder.write({"table.csv": "1"}).code("flat:T").digest != before.digest


VALUES = {
    "a number": ("3", "4"),
    "a string": ("'a'", "'b'"),
    "a tuple": ("(1, 2)", "(1, 3)"),
    "a list": ("[1]", "[2]"),
    "a dictionary": ("{'a': 1}", "{'a': 2}"),
    "a set": ("{1}", "{2}"),
    "a function": ("lambda: 1", "lambda: 2"),
    "a class": ("type('A', (), {'a': 1})", "type('A', (), {'a': 2})"),
    "an instance": ("law.util.DotDict(a=1)", "law.util.DotDict(a=2)"),
}


@pytest.mark.parametrize(("one", "other"), VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("use", ["VALUE", "VALUE.attribute", "[VALUE, TABLE, helper(), self.branch]"])
def test_what_is_untracked_does_not_count(project, one, other, use) -> None:
    text = TASK.replace("VALUE = 1", f"VALUE = untracked({one})\n    TABLE = [1, VALUE]").replace(
        "SAYS", "x = 1"
    )
    project.write({"flat.py": text.replace("return helper(), self.branch", f"return {use}")})
    before = project.code("flat:T")
    assert before.warnings == ()
    assert "untracked" in {each.kind for each in before.components}
    assert (
        project.edit("flat.py", f"untracked({one})", f"untracked({other})").code("flat:T").digest
        == before.digest
    )
    assert project.edit("flat.py", f"untracked({other})", other).code("flat:T").digest != before.digest


def test_functions_and_methods_are_untracked_by_decoration(task) -> None:
    folder = task("@untracked\n        def draw(self):\n            return 7")
    folder.edit("flat.py", "def helper", "@untracked\ndef helper")
    folder.edit("flat.py", "helper(), self.branch", "helper(), self.draw()")
    before = folder.code("flat:T").digest
    assert folder.edit("flat.py", "return 2", "return 20").code("flat:T").digest == before
    assert folder.edit("flat.py", "return 7", "return 70").code("flat:T").digest == before


@pytest.mark.parametrize("value", [3, 2.5, "a", b"a", (1, 2), 1j])
def test_an_untracked_value_is_equal_to_what_it_was(value) -> None:
    assert untracked(value) == value
    assert isinstance(untracked(value), type(value))
    assert hash(untracked(value)) == hash(value)
    assert repr(untracked(value)) == repr(value)


def test_an_untracked_thing_is_itself() -> None:
    value = {"a": 1}
    assert untracked(value) is value


@pytest.mark.parametrize("value", [None, True])
def test_what_is_one_and_the_same_everywhere_cannot_be_untracked(value) -> None:
    with pytest.raises(UntrackableError, match=r"lawnix\.untracked\(\)"):
        untracked(value)


def test_marks_do_not_outlive_what_they_mark() -> None:
    from lawnix.task.code.untracked import is_untracked

    things = [untracked({number}) for number in range(100)]
    assert all(map(is_untracked, things))
    things.clear()
    assert not any(is_untracked({number}) for number in range(100))


def test_a_class_that_runs_nothing_is_an_error_that_names_it(project) -> None:
    project.write({"flat.py": "class T:\n    run = 3\n"})
    with pytest.raises(NoSourceError, match=r"T\.run"):
        project.code("flat:T")


def test_another_method_may_be_the_root(task) -> None:
    folder = task("\n        def load(self):\n            return 8")
    before = folder.code("flat:T", root="load").digest
    assert folder.edit("flat.py", "return 2", "return 20").code("flat:T", root="load").digest == before
    assert folder.edit("flat.py", "return 8", "return 80").code("flat:T", root="load").digest != before
