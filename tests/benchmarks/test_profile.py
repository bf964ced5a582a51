"""The profile of a trivial task: every part is found in the code, and measured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.profile import PARTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("options", [[], ["--branches"]])
def test_every_part_of_a_task_is_measured(options, tmp_path):
    command = [sys.executable, "-m", "benchmarks.profile", "--tasks", "20", *options]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    measured = {
        cells[0].strip(): float(cells[1])
        for line in done.stdout.splitlines()
        if len(cells := line.strip("│ ").split("│")) > 1
    }
    assert measured.keys() == {*(part.title for part in PARTS), "all"}
    assert [title for title, microseconds in measured.items() if not microseconds] == []
