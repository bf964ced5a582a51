"""Processes in sandboxes, without tasks."""

from collections.abc import Callable

import pytest

from lawnix.sandbox.spec import Surroundings

WIDE = Surroundings()
SAY = """
import json, os, struct
def say(thing):
    data = json.dumps(thing).encode()
    os.write(1, struct.pack("<4sI", b"lnx:", len(data)) + data)
"""


@pytest.fixture
def said_in() -> Callable:
    """What a program says with `say()` in a sandbox."""

    def run(sandbox, program: str, surroundings: Surroundings = WIDE):
        process = sandbox.start(["-c", SAY + program], surroundings)
        try:
            return process.line.receive()
        finally:
            process.end()

    return run
