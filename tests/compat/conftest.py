"""A process of its own for what can only be seen from outside, or without lawnix."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import lawnix

Run = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = "[luigi_core]\nlocal_scheduler: True\n[logging]\nluigi-interface: INFO\n"


def environment(directory: Path, **more: str) -> dict[str, str]:
    """The caller's, with law's files in `directory`, where modules are found, too."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAW")}
    paths = [str(directory), str(Path(lawnix.__file__).parents[1]), inherited.get("PYTHONPATH", "")]
    return {
        **inherited,
        "LAW_HOME": str(directory / ".law"),
        "LAW_CONFIG_FILE": str(directory / "law.cfg"),
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]),
        **more,
    }


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in a directory with a law.cfg; `code` is run by a fresh Python in which lawnix is not imported."""
    (tmp_path / "law.cfg").write_text(CONFIG)

    def go(*command: str, code: str = "", expect: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        if code:
            command = (sys.executable, "-c", textwrap.dedent(code))
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment(tmp_path, **more),
            timeout=120,
        )
        assert done.returncode == expect, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return go
