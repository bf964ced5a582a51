"""Modules that functions import themselves, read as they are written."""

import sys
from importlib.metadata import version

import pytest

FILES = {
    "late/__init__.py": "",
    "late/tasks.py": """
        class T:
            def run(self):
                IMPORT
                return USE
        """,
    "late/plots/__init__.py": "from .style import COLOUR as COLOUR\n",
    "late/plots/style.py": """
        COLOUR = "red"
        UNUSED = 1
        """,
    "late/physics.py": '''
        """Physics, heavy to load."""
        import json
        import heavy_library_that_is_not_there as heavy
        from . import numbers
        from .numbers import *
        from late.numbers import Z

        SCALE = 2 * Z
        SCALE += 1
        TABLE = {}
        TABLE["a"] = numbers.FACTOR
        try:
            import other_library_that_is_not_there as fast
        except ImportError:
            fast = None

        def decorate(f):
            return f

        @decorate
        def fit(x, scale=SCALE):
            """Fit."""
            return heavy.fit(x, _start(x), scale, STARRED, TABLE, fast)

        def _start(x: int) -> int:
            from .plots.style import COLOUR
            return x + 1 if x else fit(0), COLOUR

        def unused():
            return 3

        class Model:
            weight: float = numbers.FACTOR
            def energy(self):
                return self.weight
        ''',
    "late/numbers.py": """
        Z = 91
        FACTOR = 3
        STARRED = 4
        UNUSED = 5
        """,
}


def _write(project, import_, use):
    files = {**FILES, "late/tasks.py": FILES["late/tasks.py"].replace("IMPORT", import_).replace("USE", use)}
    return project.write(files)


WAYS = {
    "from module": ("from late.physics import fit", "fit(3)"),
    "from module under another name": ("from late.physics import fit as do", "do(3)"),
    "from package": ("from late import physics", "physics.fit(3)"),
    "relative": ("from .physics import fit", "fit(3)"),
    "relative package": ("from . import physics as p", "p.fit(3)"),
    "module": ("import late.physics", "late.physics.fit(3)"),
    "module under another name": ("import late.physics as p", "p.fit(3)"),
    "in an expression": ("from late import physics", "[physics.fit(x) for x in (1, 2)]"),
    "by importlib": ("import importlib; from late.physics import fit", "fit(importlib)"),
}
REACHED = {
    "the function": ("late/physics.py", "heavy.fit(x", "heavy.fit(-x"),
    "what it calls": ("late/physics.py", "return x + 1", "return x + 2"),
    "its decorator": ("late/physics.py", "    return f\n", "    return f or 1\n"),
    "what its default is made of": ("late/numbers.py", "Z = 91", "Z = 92"),
    "what changes a constant": ("late/physics.py", "SCALE += 1", "SCALE += 2"),
    "what fills a table": ("late/numbers.py", "FACTOR = 3", "FACTOR = 30"),
    "what comes with a star": ("late/numbers.py", "STARRED = 4", "STARRED = 40"),
    "what is imported on the way": ("late/plots/style.py", '"red"', '"blue"'),
    "the library": ("late/physics.py", "import heavy_library_that_is_not_there", "import another_library"),
}
NOT_REACHED = {
    "another function": ("late/physics.py", "return 3", "return 4"),
    "another constant": ("late/numbers.py", "UNUSED = 5", "UNUSED = 6"),
    "a docstring": ("late/physics.py", '"""Fit."""', '"""Fit it."""'),
    "an annotation": ("late/physics.py", "x: int", "x: float"),
    "a class": ("late/physics.py", "return self.weight", "return -self.weight"),
    "lines above": ("late/physics.py", "import json", "import json\n\n\n"),
}


@pytest.mark.parametrize(("import_", "use"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("edit", REACHED.values(), ids=REACHED)
def test_what_a_late_import_reaches_counts(project, import_, use, edit) -> None:
    before = _write(project, import_, use).code("late.tasks:T")
    assert before.warnings == ()
    assert project.edit(*edit).code("late.tasks:T").digest != before.digest


@pytest.mark.parametrize("edit", NOT_REACHED.values(), ids=NOT_REACHED)
def test_what_a_late_import_does_not_reach_does_not_count(project, edit) -> None:
    before = _write(project, "from late.physics import fit", "fit(3)").code("late.tasks:T").digest
    assert project.edit(*edit).code("late.tasks:T").digest == before


def test_nothing_is_imported_to_look_at_it(project) -> None:
    code = _write(project, "from late.physics import fit", "fit(3)").code("late.tasks:T")
    assert not {"late.physics", "late.plots", "late.numbers"} & sys.modules.keys()
    assert {"late.physics.fit", "late.physics._start", "late.numbers.Z"} <= {
        each.name for each in code.components
    }


def test_a_late_import_counts_the_same_once_it_was_loaded(project) -> None:
    import importlib

    from lawnix.task.code.code import code_of

    _write(project, "from late.plots import COLOUR", "COLOUR")
    before = project.code("late.tasks:T")
    cls = project.load("late.tasks").T
    importlib.import_module("late.plots.style")
    assert code_of(cls) == before
    assert project.edit("late/plots/style.py", '"red"', '"blue"').code("late.tasks:T").digest != before.digest


def test_a_late_import_is_seen_to_change_while_the_process_lives(project) -> None:
    from lawnix.task.code.code import code_of

    _write(project, "from late.physics import fit", "fit(3)")
    cls = project.load("late.tasks").T
    before = code_of(cls)
    project.edit("late/numbers.py", "Z = 91", "Z = 92")
    after = code_of(cls)
    assert after.digest != before.digest
    project.edit("late/numbers.py", "UNUSED = 5", "UNUSED = 6")
    assert code_of(cls).digest == after.digest


def test_a_class_in_a_late_import_counts_whole(project) -> None:
    before = _write(project, "from late.physics import Model", "Model().energy()").code("late.tasks:T").digest
    assert (
        project.edit("late/physics.py", "return self.weight", "return 1").code("late.tasks:T").digest
        != before
    )
    project.edit("late/physics.py", "return 1", "return self.weight")
    assert project.code("late.tasks:T").digest == before
    assert project.edit("late/numbers.py", "FACTOR = 3", "FACTOR = 4").code("late.tasks:T").digest != before


def test_a_library_in_a_late_import_counts_by_its_name_and_version(project) -> None:
    code = _write(project, "import numpy as np; from json import dumps", "dumps(np.sqrt(2))").code(
        "late.tasks:T"
    )
    assert {(f"numpy {version('numpy')}", "distribution"), ("json", "builtin")} <= {
        (each.name, each.kind) for each in code.components
    }


def test_a_module_that_is_not_there_is_missing(project) -> None:
    code = _write(project, "from late.nowhere import f", "f()").code("late.tasks:T")
    assert ("late.nowhere.f", "missing") in {(each.name, each.kind) for each in code.components}


def test_a_task_in_a_late_import_counts_by_its_name(project) -> None:
    _write(
        project, "from late.more import Other; from late import more", "Other.req(self), more.Third, Other.K"
    )
    project.write(
        {
            "late/more.py": """
                import law as l
                from late.base import Base

                class Other(Base, l.LocalWorkflow):
                    K = 1

                    def run(self):
                        return 2

                class Third(Other):
                    def run(self):
                        return 3
                """,
            "late/base.py": """
                import lawnix

                class Base(lawnix.Task):
                    pass
                """,
        }
    )
    before = project.code("late.tasks:T")
    assert before.warnings == ()
    assert project.edit("late/more.py", "return 2", "return 20").code("late.tasks:T").digest == before.digest
    assert project.edit("late/more.py", "return 3", "return 30").code("late.tasks:T").digest == before.digest
    assert project.edit("late/more.py", "K = 1", "K = 10").code("late.tasks:T").digest != before.digest
