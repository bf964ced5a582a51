"""The dimuon analysis, run once from end to end in a copy of the project, where tests may edit it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Analysis:
    """A copy of the analysis with a store of its own."""

    place: Path
    said: list[str] = field(default_factory=list)  # by the run from end to end

    def law(self, *arguments):
        """What `law` says to these arguments; it has to succeed."""
        environment = {
            **os.environ,
            "LAW_HOME": str(self.place / "home"),
            "LAW_CONFIG_FILE": str(ROOT / "law.cfg"),
            "LAW__lawnix__store": str(self.place / "store"),
            "LAW__lawnix__isolation": "observe",
            "LAW__lawnix__results": str(self.place / "results"),
            "PYTHONPATH": os.pathsep.join([str(self.place), str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "PYTHONDONTWRITEBYTECODE": "1",  # an edit within a second must be seen
        }
        done = subprocess.run(
            [str(Path(sys.executable).with_name("law")), *arguments],
            env=environment,
            cwd=self.place,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said[-10_000:]
        return said

    def restore(self):
        """Undo all edits."""
        shutil.rmtree(self.place / "tasks", ignore_errors=True)
        shutil.copytree(ROOT / "tasks", self.place / "tasks", ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, file, old, new):
        """Replace `old`, which must stand there once, in a file of the physics."""
        path = self.place / "tasks" / "dimuon" / "physics" / file
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))


@pytest.fixture(scope="session")
def analysis(tmp_path_factory):
    made = Analysis(tmp_path_factory.mktemp("dimuon"))
    (made.place / "home").mkdir()
    made.restore()
    made.law("index")
    made.said.append(made.law("run", "dimuon.Report", "--workers", "2"))
    return made
