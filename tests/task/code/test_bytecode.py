"""Code without source, as `exec` leaves it: known by its bytecode."""

import os
import subprocess
import sys

import pytest

from lawnix.task.code.bytecode import bytecode_form
from lawnix.task.code.code import code_of

TASK = """
K = 1
def helper(x):
    'Doc.'
    return x + K in {'a', 'b', 'c', 'd'}
class T:
    def run(self):
        'Doc.'
        return [helper(y) for y in (1, 2, frozenset((1, 'x')))], 1.0
"""


def made(text):
    space = {"__name__": "made"}
    exec(text, space)
    return space["T"]


EDITS = {
    "a constant": ("1.0", "1"),
    "a name": ("helper(y)", "abs(y)"),
    "an operator": ("x + K", "x - K"),
    "a global": ("K = 1", "K = 2"),
    "a set": ("'d'}", "'e'}"),
    "a set that becomes a tuple": ("{'a', 'b', 'c', 'd'}", "('a', 'b', 'c', 'd')"),
}


@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_what_the_interpreter_acts_on_counts(old, new):
    assert old in TASK
    assert code_of(made(TASK)).digest != code_of(made(TASK.replace(old, new))).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'Doc.'", "'Another text.'"),
        ("\ndef", "\n\n\ndef"),
        ("K = 1", "K = 1  # a comment"),
        ("helper(x)", "helper(x: int)"),
    ],
)
def test_what_it_does_not_act_on_does_not_count(old, new):
    assert old in TASK
    assert code_of(made(TASK)).digest == code_of(made(TASK.replace(old, new))).digest


def test_it_is_said():
    assert any("known by its bytecode" in each for each in code_of(made(TASK)).warnings)


def test_bytecode_is_never_taken_for_source(project):
    module = project.write({"flat.py": TASK}).load("flat")
    assert code_of(module.T).digest != code_of(made(TASK)).digest


def test_another_minor_version_of_python_is_other_code(monkeypatch):
    before = bytecode_form(made.__code__)
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert bytecode_form(made.__code__) != before


def test_the_order_of_sets_does_not_count():
    command = f"space = {{'__name__': 'made'}}\nexec({TASK!r}, space)\nfrom lawnix.task.code.code import code_of\nprint(code_of(space['T']).digest)"
    said = {
        subprocess.run(
            [sys.executable, "-c", command],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "0123"
    }
    assert len(said) == 1
