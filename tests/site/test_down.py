"""site/down ends what site/up has started, and nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

DOWN = Path(__file__).parents[2] / "site" / "down"

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="site/ is for root")


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def note(directory: Path, name: str, pid: int, since: str | None = None) -> Path:
    """What site/up writes down of a daemon."""
    started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    (directory / "run").mkdir(exist_ok=True)
    file = directory / "run" / f"{name}.pid"
    file.write_text(f"{pid} {since or started}\n")
    return file


def down(directory: Path, *names: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SITE_")}
    subprocess.run([DOWN, *names], env={**inherited, "SITE_DIR": str(directory)}, check=True, timeout=60)


def test_a_daemon_that_was_noted_is_ended(sleeper, tmp_path):
    noted = note(tmp_path, "sleeper", sleeper.pid)
    down(tmp_path)
    assert sleeper.wait() == -15
    assert not noted.exists()


def test_a_later_process_of_the_same_number_is_left_alone(sleeper, tmp_path):
    noted = note(tmp_path, "sleeper", sleeper.pid, since="1")
    down(tmp_path)
    assert sleeper.poll() is None
    assert not noted.exists()


def test_by_name_only_that_daemon_is_ended(sleeper, tmp_path):
    noted = note(tmp_path, "sleeper", sleeper.pid)
    down(tmp_path, "another")
    assert sleeper.poll() is None
    assert noted.exists()
