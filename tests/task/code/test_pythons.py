"""One digest on every Python: the golden digests of the corpus, and all interpreters that are on this machine.

`corpus.json` holds what `dump.py` says. Whoever changes it rebuilds the world of every user, unless the earlier method
stays beside the new one (`lawnix/task/upgrade.py`). `nox -s pythons -- <interpreter> ...` looks at further interpreters.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.table import scenario

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "corpus.json").read_text())


def _interpreters() -> list[str]:
    """Those on the path, of pyenv, and in the environment variable PYTHONS."""
    names = [f"python3.{minor}" for minor in range(11, 20)]
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = [sys.executable, *os.environ.get("PYTHONS", "").split(os.pathsep), *map(shutil.which, names)]
    found += [str(path) for name in names for path in versions.glob(f"*/bin/{name}")]
    return sorted({each for each in found if each and _is_there(each)})


def _is_there(python: str) -> bool:
    """Whether it starts; a launcher whose Python is not installed does not."""
    return subprocess.run([python, "-V"], capture_output=True, check=False).returncode == 0


@scenario(
    85, "the code of A", "read by each Python that is installed, from 3.11 on", runs="nothing: it is one form"
)
@pytest.mark.parametrize("python", _interpreters())
@pytest.mark.parametrize("seed", ["0", "1"])
def test_every_python_gives_the_golden_digests(python, seed):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [python, str(HERE / "dump.py")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**environment, "PYTHONHASHSEED": seed}
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    for kind, golden in GOLDEN.items():
        assert said[kind] == golden


def test_no_two_of_the_corpus_share_a_digest():
    for kind in ("forms", "codes"):
        assert len(set(GOLDEN[kind].values())) == len(GOLDEN[kind])
    assert len(GOLDEN["forms"]) > 80
    assert len(GOLDEN["codes"]) > 8
