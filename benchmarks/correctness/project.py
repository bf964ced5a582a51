"""The project, and its edits as data.

Its one step is written for each system as that system's tutorial does (`systems.py`); the body, and all that it uses,
are the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STEPS, CUTS, CONSTANTS = "analysis/steps.py", "analysis/cuts.py", "analysis/constants.py"

USED_BY_THE_STEP = """
from analysis import constants
from analysis.cuts import Z_MASS, Selection, corrected, shifted, squared
from counting import ran

K = 1
WINDOW = [80, 100]
UNUSED = 5


def helper(x, k=K):
    return x + k


def unused(x):
    return x - 1
"""

BODY = '''
"""Select."""
ran("select")
low, high = WINDOW
total = helper(3) * 2  # the cut
total += shifted(total) + corrected(low) + squared(high)
total += Selection().prepared(total) + Z_MASS * constants.SCALE
text = 'total'
result = f"{text} {total:.2f}"
'''

FILES = {
    "analysis/__init__.py": "",
    CONSTANTS: """
SCALE = 2.5
COLOUR = "red"
""",
    CUTS: '''
import functools

Z_MASS = 91.2


def inner(x):
    return x + 1


def shifted(x):
    """Shift."""
    return inner(x) * 10


def doubled(function):
    @functools.wraps(function)
    def wrapper(x):
        return function(x) * 2

    return wrapper


@doubled
def corrected(x):
    return x / 3


def power(n):
    def raised(x):
        return x**n

    return raised


squared = power(2)


class Base:
    threshold = 20

    def prepared(self, x):
        return x + self.threshold


class Selection(Base):
    pass
''',
    # beside the project: how the body says that it runs, in no system part of the project's code
    "counting.py": """
import os


def ran(name):
    with open(os.environ["RAN"], "a") as file:
        file.write(name + chr(10))
""",
}


@dataclass(frozen=True)
class Edit:
    """Something that somebody changes, in one place.

    Attributes:
        name: For the table.
        matters: Whether the result may be another.
        file: Where.
        old: What stands there, once.
        new: What stands there afterwards.
    """

    name: str
    matters: bool
    file: str
    old: str
    new: str


_HELPERS = ("def helper(x, k=K):\n    return x + k", "def unused(x):\n    return x - 1")

EDITS = (
    Edit("a constant in the body", True, STEPS, "helper(3)", "helper(4)"),
    Edit("a constant of another type", True, STEPS, "helper(3)", "helper(3.5)"),
    Edit("an operator in the body", True, STEPS, "helper(3) * 2", "helper(3) / 2"),
    Edit("the format of an f-string", True, STEPS, ":.2f", ":.3f"),
    Edit("a helper in the same module", True, STEPS, "return x + k", "return x - k"),
    Edit("the value of a default argument", True, STEPS, "K = 1", "K = 2"),
    Edit("a global list", True, STEPS, "[80, 100]", "[80, 101]"),
    Edit("a helper in another module", True, CUTS, "inner(x) * 10", "inner(x) * 11"),
    Edit("a helper two calls deep", True, CUTS, "return x + 1\n", "return x + 2\n"),
    Edit("an imported constant", True, CUTS, "Z_MASS = 91.2", "Z_MASS = 91.1876"),
    Edit("an attribute of an imported module", True, CONSTANTS, "2.5", "2.6"),
    Edit("a method of a base class", True, CUTS, "x + self.threshold", "x - self.threshold"),
    Edit("an attribute of a base class", True, CUTS, "threshold = 20", "threshold = 21"),
    Edit("the code of a decorator", True, CUTS, "function(x) * 2", "function(x) * 3"),
    Edit("a decorated body", True, CUTS, "x / 3", "x / 4"),
    Edit("a closure's variable", True, CUTS, "power(2)", "power(3)"),
    Edit("a comment in the body", False, STEPS, "# the cut", "# the cut, as in the paper"),
    Edit("the docstring", False, STEPS, '"""Select."""', '"""Select events."""'),
    Edit("the docstring of a helper", False, CUTS, '"""Shift."""', '"""Shift it."""'),
    Edit("lines above", False, STEPS, "K = 1", "\n\nNEW = 3\n\n\nK = 1"),
    Edit("parentheses and wrapped lines", False, STEPS, "low, high = WINDOW", "(low,\n  high) = (WINDOW)"),
    Edit("quotes", False, STEPS, "'total'", '"total"'),
    Edit("annotations of a helper", False, STEPS, "(x, k=K):", "(x: float, k: float = K) -> float:"),
    Edit("the annotation of a local", False, STEPS, "text = 'total'", "text: str = 'total'"),
    Edit("a function that is not used", False, STEPS, "return x - 1", "return x - 2"),
    Edit("a constant that is not used", False, STEPS, "UNUSED = 5", "UNUSED = 6"),
    Edit("another attribute of a module", False, CONSTANTS, '"red"', '"blue"'),
    Edit("the order of definitions", False, STEPS, "\n\n\n".join(_HELPERS), "\n\n\n".join(_HELPERS[::-1])),
    Edit(
        "the name of a local",
        False,
        STEPS,
        "text = 'total'\nresult = f\"{text}",
        "word = 'total'\nresult = f\"{word}",
    ),
)


def edited(files: Mapping[str, str], edit: Edit) -> dict[str, str]:
    """The files after an edit, whose lines stand as deep as the body does."""
    text = files[edit.file]
    for indent in ("", " " * 4, " " * 8):
        old, new = (each.replace("\n", f"\n{indent}") for each in (edit.old, edit.new))
        if text.count(old) == 1:
            return {**files, edit.file: text.replace(old, new)}
    raise ValueError(f"{edit.old!r} does not occur once in {edit.file}")
