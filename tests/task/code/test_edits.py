"""Which edits of a project change the digest of a task's code."""

import pytest

TASKS, CUTS, CONSTANTS = "analysis/tasks.py", "analysis/cuts.py", "analysis/constants.py"

CHANGES = {
    "a constant in run": (TASKS, "helper(3)", "helper(4)"),
    "a constant of another type": (TASKS, "helper(3)", "helper(3.0)"),
    "an operator in run": (TASKS, "if each]", "if not each]"),
    "the format of an f-string": (TASKS, ":.2f", ":.3f"),
    "a helper in the same module": (TASKS, "return x + k", "return x - k"),
    "the value of a default": (TASKS, "K = 1", "K = 2"),
    "a global list": (TASKS, "WINDOW = [80, 100]", "WINDOW = [80, 101]"),
    "a global list that becomes a tuple": (TASKS, "WINDOW = [80, 100]", "WINDOW = (80, 100)"),
    "a method of the base class": (TASKS, "return x + self.threshold", "return x * self.threshold"),
    "an attribute of the base class": (TASKS, "threshold = 20", "threshold = 21"),
    "a helper two calls deep in another module": (CUTS, "return x + 1", "return x + 2"),
    "a helper in another module": (CUTS, "return inner(x) *", "return inner(x) +"),
    "an imported constant": (CUTS, "Z_MASS = 91.2", "Z_MASS = 91.1876"),
    "an attribute of an imported module": (CONSTANTS, "SCALE = 2.5", "SCALE = 2.6"),
    "the function of a library that is called": (CUTS, "math.sqrt", "math.log"),
    "a decorator": (
        CUTS,
        "        return function(*args, **kwargs)",
        "        return -function(*args, **kwargs)",
    ),
    "a decorated body": (CUTS, "return x * 3", "return x * 4"),
    "a closure variable": (CUTS, "power(2)", "power(3)"),
    "a function held in a closure": (CUTS, "applied(inner)", "applied(unused)"),
    "a decorator taken away": (CUTS, "@timed\n", ""),
    "a name bound to another function": (CUTS, "applied_inner = applied(inner)", "applied_inner = unused"),
}

NOTHING = {
    "a comment": (TASKS, "# the cut", "# the cut, as in the paper"),
    "a docstring": (TASKS, '"""Select."""', '"""Select events."""'),
    "no docstring": (TASKS, '        """Select."""\n', ""),
    "the docstring of a helper": (CUTS, '"""Two calls deep."""', '"""Deep."""'),
    "lines above": (TASKS, "K = 1", "\n\ndef new():\n    return 3\n\n\nK = 1"),
    "wrapped lines and parentheses": (
        TASKS,
        "low, high = WINDOW",
        "(\n            low,\n            high,\n        ) = (WINDOW)",
    ),
    "quotes": (TASKS, '"a.txt"', "'a.txt'"),
    "strings side by side": (TASKS, '" "more"', 'more"'),
    "annotations of arguments and results": (
        TASKS,
        "def helper(x, k=K):",
        "def helper(x: int, k: 'float' = K) -> float:",
    ),
    "annotations of locals": (TASKS, "x = self.prepared", "x: float = self.prepared"),
    "a local that is only declared": (TASKS, "low, high = WINDOW", "low: int\n        low, high = WINDOW"),
    "a function that is not used": (CUTS, "return x - 1", "return x - 2"),
    "a method that is not used": (TASKS, "return 1", "return 2"),
    "a constant that is not used": (TASKS, "UNUSED = 5", "UNUSED = 6"),
    "another attribute of a module": (CONSTANTS, '"red"', '"blue"'),
    "a constant computed otherwise": (TASKS, "K = 1", "K = 2 - 1"),
    "a new import": (CUTS, "import math", "import json\nimport math"),
    "output(), which is in the derivation": (TASKS, "a.txt", "b.txt"),
    "requires(), which is in the derivation": (TASKS, "return []", "return [3]"),
    "the name of the class": (TASKS, "class Select(", "class Selection("),
    "a new method": (
        TASKS,
        "    def output(self):",
        "    def more(self):\n        return 3\n\n    def output(self):",
    ),
    "a new base without what run reaches": (
        TASKS,
        "class Select(Base)",
        "class More:\n    pass\n\nclass Select(Base, More)",
    ),
    "pass beside other statements": (TASKS, "# the cut", "pass"),
    "line ends of Windows": (TASKS, "\n", "\r\n"),
    "tabs": (TASKS, "    ", "\t"),
}


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES)
def test_what_run_reaches_changes_the_digest(analysis, edit) -> None:
    before = analysis.code().digest
    assert analysis.edit(*edit).code().digest != before


@pytest.mark.parametrize("edit", NOTHING.values(), ids=NOTHING)
def test_what_does_not_matter_leaves_the_digest(analysis, edit) -> None:
    before = analysis.code()
    after = analysis.edit(*edit).code(
        "analysis.tasks:Selection" if "class Selection(" in edit else "analysis.tasks:Select"
    )
    assert after.digest == before.digest
    assert before.warnings == after.warnings == ()


def test_a_change_taken_back_gives_the_digest_that_was(analysis) -> None:
    before = analysis.code()
    analysis.edit(CUTS, "return x + 1", "return x + 2").code()
    assert analysis.edit(CUTS, "return x + 2", "return x + 1").code() == before


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES)
def test_a_change_is_named(analysis, edit) -> None:
    before = {each.name: each.digest for each in analysis.code().components}
    after = {each.name: each.digest for each in analysis.edit(*edit).code().components}
    assert before != after


def test_the_component_that_changed_is_the_only_one_that_differs(analysis) -> None:
    before = {each.name: each.digest for each in analysis.code().components}
    after = {
        each.name: each.digest
        for each in analysis.edit(CUTS, "return x + 1", "return x + 2").code().components
    }
    assert {name for name in before if before[name] != after[name]} == {"analysis.cuts.inner"}


def test_components_say_what_and_where(analysis) -> None:
    found = {(each.name, each.kind) for each in analysis.code().components}
    assert found >= {
        ("Select.run", "method"),
        ("Base.prepared", "method"),
        ("Base.threshold", "value"),
        ("analysis.tasks.helper", "function"),
        ("analysis.tasks.helper(k)", "value"),
        ("analysis.cuts.inner", "function"),
        ("analysis.cuts.constants.SCALE", "value"),
        ("math", "builtin"),
    }
    run = next(each for each in analysis.code().components if each.name == "Select.run")
    assert run.file == str(analysis.root / TASKS)
    assert "def run" in (analysis.root / TASKS).read_text().splitlines()[run.line - 1]


def test_the_order_of_definitions_does_not_matter(analysis) -> None:
    before = analysis.code().digest
    text = (analysis.root / TASKS).read_text()
    start, end = text.index("def helper"), text.index("class Select")
    analysis.write({TASKS: text[:start] + text[end:] + "\n\n" + text[start:end]})
    assert analysis.code().digest == before


def test_a_project_may_move(analysis, tmp_path) -> None:
    here = '\nfrom pathlib import Path\n\nHERE = Path(__file__).parent / "table.csv"\nTEXT = str(HERE)\n'
    analysis.write({TASKS: (analysis.root / TASKS).read_text() + here})
    analysis.edit(TASKS, "low, high = WINDOW", "low, high = WINDOW, HERE, TEXT, __file__")
    before = analysis.code().digest
    assert analysis.edit(TASKS, "table.csv", "other.csv").code().digest != before
    analysis.edit(TASKS, "other.csv", "table.csv")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (analysis.root / "analysis").rename(moved / "analysis")
    analysis.forget()
    import sys

    sys.path.insert(0, str(moved))
    try:
        assert analysis.code().digest == before
    finally:
        sys.path.remove(str(moved))
