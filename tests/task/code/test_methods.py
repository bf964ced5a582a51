"""What run() reaches of its own class."""

import pytest

TASK = """
    import law, luigi

    def use(task):
        return task.chosen(), task.branch

    class Base(law.Task):
        n = luigi.IntParameter(default=3)
        limit = 5

        def helper(self):
            return self.limit

        def chosen(self):
            return 1

        def run(self):
            return 10

        @property
        def prop(self):
            return self.deep

        deep = 7

        @classmethod
        def made(cls):
            return cls.of_class

        of_class = 8

        @staticmethod
        def static(x):
            return x + 9

        def __private(self):
            return 11

        def hidden(self):
            return self.__private()

        def computed_name(self):
            return 12

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.made_at_first = 13

    class Other(law.Task):
        constant = 14

        def run(self):
            return 15

        @staticmethod
        def tool():
            return 16

    class T(Base, law.LocalWorkflow):
        def create_branch_map(self):
            return {0: 17}

        def run(self):
            BODY
    """


@pytest.fixture
def task(project):
    def write(body):
        project.write({"flat.py": TASK.replace("BODY", body)})
        return project

    return write


REACHED = {
    "a method": ("self.helper()", "return self.limit", "return -self.limit"),
    "an attribute that a method reads": ("self.helper()", "limit = 5", "limit = 6"),
    "a property": ("self.prop", "return self.deep", "return -self.deep"),
    "what a property reads": ("self.prop", "deep = 7", "deep = 70"),
    "a class method": ("self.made()", "return cls.of_class", "return -cls.of_class"),
    "what a class method reads": ("self.made()", "of_class = 8", "of_class = 80"),
    "a static method": ("self.static(1)", "x + 9", "x + 90"),
    "super()": ("super().run()", "return 10", "return 100"),
    "super() in a comprehension": ("[super(T, self).run() for _ in 'a']", "return 10", "return 100"),
    "a private method": ("self.hidden()", "return 11", "return 110"),
    "an attribute by its type": ("type(self).deep", "deep = 7", "deep = 70"),
    "an attribute by __class__": ("self.__class__.deep", "deep = 7", "deep = 70"),
    "getattr with a name": ("getattr(self, 'deep')", "deep = 7", "deep = 70"),
    "in a lambda": ("(lambda: self.deep)()", "deep = 7", "deep = 70"),
    "in a nested function": (
        "\n            def f():\n                return self.deep\n            f()",
        "deep = 7",
        "deep = 70",
    ),
    "a computed name": ("getattr(self, 'computed' + '_name')()", "return 12", "return 120"),
    "a task that is handed on": ("use(self)", "return 1\n", "return 2\n"),
    "a task under another name": (
        "\n            other = self\n            other.chosen()",
        "return 1\n",
        "return 2\n",
    ),
    "another base by name": ("Base.run(self)", "return 10", "return 100"),
    "a constant of another task": ("Other.constant", "constant = 14", "constant = 140"),
    "a static method of another task": ("Other.tool()", "return 16", "return 160"),
}

NOT_REACHED = {
    "a method that is not used": ("self.helper()", "return 1\n", "return 2\n"),
    "the base run() that is not called": ("self.helper()", "return 10", "return 100"),
    "__init__, of which nothing is read": ("self.n", "self.made_at_first = 13", "self.made_at_first = 130"),
    "the branch map": ("self.branch_data", "{0: 17}", "{0: 170}"),
    "a parameter": ("self.n", "default=3", "default=4"),
    "the run() of another task": ("Other.req(self)", "return 15", "return 150"),
    "an attribute of another task": ("Other.req(self)", "constant = 14", "constant = 140"),
}


@pytest.mark.parametrize(("body", "old", "new"), REACHED.values(), ids=REACHED)
def test_reached_of_the_class(task, body, old, new) -> None:
    folder = task(body)
    before = folder.code("flat:T").digest
    assert folder.edit("flat.py", old, new).code("flat:T").digest != before


@pytest.mark.parametrize(("body", "old", "new"), NOT_REACHED.values(), ids=NOT_REACHED)
def test_not_reached_of_the_class(task, body, old, new) -> None:
    folder = task(body)
    before = folder.code("flat:T").digest
    assert folder.edit("flat.py", old, new).code("flat:T").digest == before


PT = """
    import law, luigi

    PT = 20

    def use(task):
        return task.pt

    def prepare(task):
        task.pt = PT

    class Base(law.Task):
        pt = None
        n = luigi.IntParameter(default=3)

        def setup(self, pt):
            self.pt = pt

    class T(Base):
        METHOD

        def run(self):
            BODY
    """
INIT = "def __init__(self, *a, **k):\n            super().__init__(*a, **k); "
SETTERS = {
    "in __init__": (INIT + "self.pt = PT", "self.pt"),
    "in requires()": ("def requires(self):\n            self.pt = PT", "self.pt"),
    "in output(), as one of several": ("def output(self):\n            self.a, self.pt = 1, PT", "self.pt"),
    "under a private name": (INIT + "self.__pt = PT", "self.__pt"),
    "with setattr": (INIT + "setattr(self, 'pt', PT)", "self.pt"),
    "with a computed name": (INIT + "setattr(self, 'p' + 'q', PT)", "self.pq"),
    "with vars()": (INIT + "vars(self).update(pq=PT)", "self.pq"),
    "by an item": (INIT + "self.cuts = {}; self.cuts['pt'] = PT", "self.cuts"),
    "in a list that is there": (INIT + "self.pt.append(PT)", "self.pt"),
    "over a parameter": (INIT + "self.n = PT", "self.n"),
    "from a property": (
        INIT + "self.x = self.y\n        @property\n        def y(self): return PT",
        "self.x",
    ),
    "from another attribute": (INIT + "self.y = PT; self.pt = self.y", "self.pt"),
    "by a method that is told what": (INIT + "self.setup(PT)", "self.pt"),
    "by a method that run() calls, too": (INIT + "self.setup(PT)", "self.pt; self.setup(4)"),
    "by a function": (INIT + "prepare(self)", "self.pq"),
    "in a class that is called": (INIT + "Base.setup(self, PT)", "self.pt"),
    "and read by getattr": (INIT + "self.pt = PT", "getattr(self, 'pt')"),
    "and read by a computed name": (INIT + "self.pt = PT", "getattr(self, 'p' + 't')"),
    "and read where the task goes": (INIT + "self.pt = PT", "use(self)"),
    "and changed in place": (INIT + "self.pt = PT", "self.pt += 1"),
}


@pytest.mark.parametrize(("method", "body"), SETTERS.values(), ids=SETTERS)
def test_what_sets_an_attribute_counts_where_that_is_read(project, method, body) -> None:
    project.write({"flat.py": PT.replace("METHOD", method).replace("BODY", body)})
    before = project.code("flat:T").digest
    assert project.code("flat:T").digest == before
    assert project.edit("flat.py", "PT = 20\n", "PT = 25\n").code("flat:T").digest != before


@pytest.mark.parametrize("body", ["self.n", "self.n = 3", "self.output()", "print(self)", "self.setup"])
def test_what_sets_attributes_does_not_count_where_none_is_read(project, body) -> None:
    method = INIT + "self.pt = PT\n        def output(self):\n            self.pt = PT"
    project.write({"flat.py": PT.replace("METHOD", method).replace("BODY", body)})
    before = project.code("flat:T").digest
    assert project.edit("flat.py", "PT = 20\n", "PT = 25\n").code("flat:T").digest == before


def test_a_constant_in_what_sets_an_attribute_counts(task) -> None:
    folder = task("self.made_at_first")
    before = folder.code("flat:T").digest
    assert folder.edit("flat.py", "made_at_first = 13", "made_at_first = 130").code("flat:T").digest != before


def test_a_base_sets_what_run_reads_with_what_it_is_given(project) -> None:
    project.write(
        {
            "flat.py": """
                import law

                class Base(law.Task):
                    def __init__(self, *args, pt=1, **kwargs):
                        super().__init__(*args, **kwargs)
                        self.pt = pt

                class T(Base):
                    def __init__(self, *args, **kwargs):
                        super().__init__(*args, pt=20, **kwargs)

                    def requires(self):
                        return 5

                    def run(self):
                        return self.pt
                """
        }
    )
    before = project.code("flat:T")
    assert {each.name for each in before.components} >= {"Base.__init__", "T.__init__", "T.run"}
    assert project.edit("flat.py", "return 5", "return 6").code("flat:T").digest == before.digest
    assert project.edit("flat.py", "pt=20", "pt=25").code("flat:T").digest != before.digest


READS = {
    "self.branch_data": {"branch_data"},
    "self.output().dump(self.input())": {"input", "output"},
    "self.helper()": {"helper", "limit"},
    "self.prop": {"prop", "deep"},
    "self.made()": {"made", "of_class"},
    "self.requires()": {"requires"},
    "self.deep = 3": set(),
    "[self.branch for _ in range(3)]": {"branch"},
    "(lambda self: self.branch)(3)": set(),
    "hasattr(self, 'branch')": {"branch"},
    "self.__class__.branch": {"branch"},
    "self.hidden()": {"hidden", "_Base__private"},
    "print(self, isinstance(self, Base), f'{self}')": set(),
    "yield Other.req(self)": set(),
}


@pytest.mark.parametrize(("body", "reads"), READS.items(), ids=READS)
def test_reads_are_the_attributes_that_run_reaches(task, body, reads) -> None:
    assert task(body).code("flat:T").reads == reads


def test_a_task_that_is_handed_on_is_read_where_it_goes(task) -> None:
    assert task("use(self)").code("flat:T").reads >= {"branch", "chosen"}


def test_a_task_handed_to_a_library_is_not_followed(task) -> None:
    assert task("law.util.flatten(self)").code("flat:T").reads == set()


@pytest.mark.parametrize(
    "body",
    [
        "getattr(self, 'a' + 'b')",
        "eval('self.branch')",
        "exec('1')",
        "vars(self)",
        "self.__dict__",
        "globals()[self.n]",
    ],
)
def test_what_cannot_be_followed_is_said(task, body) -> None:
    code = task(body).code("flat:T")
    assert "*" in code.reads
    assert any("cannot be followed" in each for each in code.warnings)


def test_a_known_name_in_globals_is_followed(task) -> None:
    folder = task("globals()['use'](3)")
    code = folder.code("flat:T")
    assert "flat.use" in {each.name for each in code.components}


def test_all_of_a_module_counts_for_eval(task) -> None:
    folder = task("eval('use')")
    before = folder.code("flat:T").digest
    assert folder.edit("flat.py", "return 15", "return 150").code("flat:T").digest != before


def test_a_library_that_calls_back_reaches_what_it_calls(project) -> None:
    """A template of a framework that is no tool of ours: its run() is not walked, what it may call is."""
    project.write(
        {
            "site-packages/framework.py": """
                class Template:
                    def run(self):
                        return self.step()

                    def other(self):
                        return self.hook()
                """,
            "mine/__init__.py": "",
            "mine/tasks.py": """
                import framework

                class A(framework.Template):
                    def step(self):
                        return 1

                class B(framework.Template):
                    def run(self):
                        return self.other()

                    def hook(self):
                        return 2

                    def unused(self):
                        return 3
                """,
        }
    )
    import sys

    sys.path.insert(0, str(project.root / "site-packages"))
    try:
        a, b = project.code("mine.tasks:A").digest, project.code("mine.tasks:B").digest
        assert project.edit("mine/tasks.py", "return 1", "return 10").code("mine.tasks:A").digest != a
        assert project.code("mine.tasks:B").digest == b
        assert project.edit("mine/tasks.py", "return 3", "return 30").code("mine.tasks:B").digest == b
        assert project.edit("mine/tasks.py", "return 2", "return 20").code("mine.tasks:B").digest != b
    finally:
        sys.path.remove(str(project.root / "site-packages"))


def test_a_base_of_law_is_not_walked(task) -> None:
    names = {each.name for each in task("self.publish_message('a')").code("flat:T").components}
    assert not any(name.startswith(("law.", "luigi.", "lawnix.")) for name in names)


def test_run_is_seen_through_the_wrapper_of_lawnix(project) -> None:
    source = """
        import functools

        def wrapped(run):
            @functools.wraps(run)
            def wrapper(self):
                return run(self) or WORD
            wrapper.__lawnix_wrapped__ = run
            return wrapper

        WORD = 1

        class T:
            def run(self):
                return 3
        """
    plain = project.write({"flat.py": source}).code("flat:T").digest
    project.edit("flat.py", "    def run", "    @wrapped\n    def run")
    assert project.code("flat:T").digest == plain
    assert project.edit("flat.py", "WORD = 1", "WORD = 2").code("flat:T").digest == plain
    assert project.edit("flat.py", "return 3", "return 4").code("flat:T").digest != plain


def test_a_decorator_that_copied_the_mark_of_the_wrapper_still_counts(project) -> None:
    project.write(
        {
            "flat.py": """
                import functools

                def deco(run):
                    @functools.wraps(run)
                    def wrapper(self):
                        return run(self) * 2
                    return wrapper

                def ours(run):
                    @functools.wraps(run)
                    def wrapper(self):
                        return run(self)
                    wrapper.__lawnix_wrapped__ = run
                    return wrapper

                class T:
                    @deco
                    @ours
                    def run(self):
                        return 3
                """
        }
    )
    before = project.code("flat:T").digest
    assert project.edit("flat.py", "* 2", "* 3").code("flat:T").digest != before


def test_a_decorated_run_is_followed_into_its_body_and_its_reads(project) -> None:
    project.write(
        {
            "flat.py": """
                import functools, law

                class T(law.Task):
                    @law.decorator.log
                    def run(self):
                        return self.branch_data, self.tool()

                    def tool(self):
                        return 1
                """
        }
    )
    code = project.code("flat:T")
    assert code.reads == {"branch_data", "tool"}
    assert code.warnings == ()
    assert project.edit("flat.py", "return 1", "return 2").code("flat:T").digest != code.digest
    assert project.edit("flat.py", "return 2", "return 1").code("flat:T").digest == code.digest
    assert project.edit("flat.py", ".log", ".safe_output").code("flat:T").digest != code.digest
