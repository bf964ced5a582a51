"""A notebook: a real Jupyter kernel, in a directory with a law.cfg and a store of its own."""

import os
import queue
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupyter_client
import pytest

import lawnix

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LONG = 120.0  # s; a cell that takes longer is stuck

CONFIG = """\
[modules]
shop
[luigi_core]
local_scheduler: True
[lawnix]
store: store
results: results
"""

FIRST_CELL = """\
import law, luigi, lawnix
law.contrib.load("ipython")
law.ipython.register_magics()

def ran():
    with open("ran.txt") as lines:
        return sorted(line.strip() for line in lines)

def note(name):
    with open("ran.txt", "a") as lines:
        print(name, file=lines)

import pathlib
pathlib.Path("ran.txt").touch()
"""


@dataclass
class Cell:
    """What came out of a cell.

    Attributes:
        text: What it printed, to stdout and stderr, or displayed.
        value: What its last expression is, as text.
        error: The name and the message of the exception that it ended with.
        traceback: Of that exception.
    """

    text: str = ""
    value: str | None = None
    error: tuple[str, str] | None = None
    traceback: str = ""
    seen: list[str] = field(default_factory=list)


class Notebook:
    """Runs cells in a kernel."""

    def __init__(self, directory: Path, manager: Any, client: Any) -> None:
        self.directory = directory
        self._manager = manager
        self._client = client

    def cell(self, code: str, meanwhile: Callable[[Cell], object] = lambda cell: None) -> Cell:
        """Run `code` to its end.

        Args:
            code: The cell.
            meanwhile: Called with what has come out so far, whenever more has.
        """
        cell = Cell()
        request = self._client.execute(code)
        end = time.monotonic() + _LONG
        while time.monotonic() < end:
            try:
                message = self._client.get_iopub_msg(timeout=1)
            except queue.Empty:
                assert self._manager.is_alive(), f"the kernel died in\n{code}\nhaving printed\n{cell.text}"
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    cell.text += _ANSI.sub("", content["text"])
                case "display_data":
                    cell.text += content["data"]["text/plain"]
                case "execute_result":
                    cell.value = content["data"]["text/plain"]
                case "error":
                    cell.error = content["ename"], content["evalue"]
                    cell.traceback = _ANSI.sub("", "\n".join(content["traceback"]))
                case "status" if content["execution_state"] == "idle":
                    return cell
            meanwhile(cell)
        pytest.fail(f"a cell did not end within {_LONG:g} s:\n{code}\nhaving printed\n{cell.text}")

    def value(self, code: str) -> str:
        """What the last expression of `code` is, as text."""
        cell = self.cell(code)
        assert cell.error is None, f"{code}\n{cell.text}\n{cell.traceback}"
        assert cell.value is not None, f"{code} has no value"
        return cell.value

    def define(self, code: str) -> None:
        """Run a cell that prints and returns nothing."""
        cell = self.cell(code)
        assert (cell.error, cell.text) == (None, ""), f"{code}\n{cell.text}\n{cell.traceback}"

    def ran(self) -> list[str]:
        """What note() was called with since the last call."""
        lines = (self.directory / "ran.txt").read_text().split()
        (self.directory / "ran.txt").write_text("")
        return sorted(lines)

    def interrupt(self) -> None:
        """As the button does."""
        self._manager.interrupt_kernel()


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook whose first cell has registered law's magics."""
    (tmp_path / "law.cfg").write_text(CONFIG)
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "LAW_CONFIG_FILE": str(tmp_path / "law.cfg"),
        "LAW_HOME": str(tmp_path / ".law"),
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(
            [str(tmp_path), str(Path(lawnix.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        ).rstrip(os.pathsep),
        "IPYTHONDIR": str(tmp_path / ".ipython"),
    }
    for name in [name for name in environment if name.startswith("LAW__")]:
        del environment[name]
    manager, client = jupyter_client.manager.start_new_kernel(
        kernel_name="python3", startup_timeout=_LONG, env=environment, cwd=str(tmp_path)
    )
    try:
        notebook = Notebook(tmp_path, manager, client)
        first = notebook.cell(FIRST_CELL)
        assert first.error is None, first.traceback
        yield notebook
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
