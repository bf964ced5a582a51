"""setup.sh leaves the shell that sources it as it was, but for the environment."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
SHELLS = [
    pytest.param(["bash", "--norc", "--noprofile"], id="bash"),
    pytest.param(["zsh", "-f"], id="zsh", marks=pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")),
]


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose environment is there, with stand-ins for the programs that setup.sh calls."""
    top = tmp_path / "my checkout"
    (top / "tasks").mkdir(parents=True)
    (top / ".venv" / "bin").mkdir(parents=True)
    for name in ("requirements.lock", "pyproject.toml", "setup.sh", "law.cfg"):
        shutil.copy(TOP / name, top / name)
    (top / ".venv" / "bin" / "activate").write_text(
        f'export VIRTUAL_ENV="{top}/.venv"\nexport PATH="{top}/.venv/bin:$PATH"\n', encoding="utf-8"
    )
    executable(top / ".venv/bin/python", "exit 0")
    executable(
        top / ".venv/bin/law",
        f'echo indexed >> "{top}/calls"; mkdir -p "$LAW_HOME"; echo x > "$LAW_INDEX_FILE"',
    )
    wanted = subprocess.run(
        ["bash", "-c", '{ printf "%s\\n" "$1"; cat "$1/requirements.lock" "$1/pyproject.toml"; } | cksum', "-", top],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (top / ".venv" / "lawnix.stamp").write_text(wanted, encoding="utf-8")
    return top


def executable(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def source(shell: list[str], script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, "-c", script], cwd=directory, env={"PATH": "/usr/bin:/bin", "HOME": str(directory)},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_it_sets_the_environment_from_any_directory(shell, checkout, tmp_path):
    done = source(
        shell,
        f'source "{checkout}/setup.sh" && printf "%s\\n" "$LAW_HOME" "$LAW_CONFIG_FILE" "$PYTHONHASHSEED" "$PWD"',
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{checkout}/.law", f"{checkout}/law.cfg", "0", str(tmp_path)]


@pytest.mark.parametrize("shell", SHELLS)
def test_sourced_twice_it_indexes_once_and_leaves_path_alone(shell, checkout, tmp_path):
    script = (
        f'source "{checkout}/setup.sh"; first=$PATH; source "{checkout}/setup.sh"; [ "$PATH" = "$first" ]'
    )
    done = source(shell, script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (checkout / "calls").read_text(encoding="utf-8") == "indexed\n"


@pytest.mark.parametrize("options", ["", "set -eu;"])
@pytest.mark.parametrize("shell", SHELLS)
def test_options_and_functions_of_the_shell_stay(shell, options, checkout, tmp_path):
    sourced = f'set -o > before; source "{checkout}/setup.sh"; set -o > after'
    script = f"{options} {sourced}; typeset -f | grep -c _lawnix || true"
    done = source(shell, script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "before").read_text() == (tmp_path / "after").read_text()
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_changed_task_is_indexed_again(shell, checkout, tmp_path):
    source(shell, f'source "{checkout}/setup.sh"', tmp_path)
    task = checkout / "tasks" / "new.py"
    task.write_text("", encoding="utf-8")
    later = (checkout / ".law" / "index").stat().st_mtime_ns + 10**9

    os.utime(task, ns=(later, later))
    source(shell, f'source "{checkout}/setup.sh"', tmp_path)
    assert (checkout / "calls").read_text(encoding="utf-8") == "indexed\nindexed\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_tasks_that_cannot_be_indexed_are_told_and_leave_no_index(shell, checkout, tmp_path):
    executable(checkout / ".venv/bin/law", 'echo half > "$LAW_INDEX_FILE"; exit 1')
    done = source(shell, f'source "{checkout}/setup.sh"; echo "status $?" "$VIRTUAL_ENV"', tmp_path)
    assert done.stdout == f"status 1 {checkout}/.venv\n"
    assert "could not be indexed" in done.stderr
    assert list((checkout / ".law").iterdir()) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_an_installation_that_fails_is_told_and_tried_again(shell, checkout, tmp_path):
    (checkout / ".venv" / "lawnix.stamp").unlink()  # as an interrupted one leaves it
    executable(
        checkout / ".venv/bin/python",
        f'[ "$2" = pip ] && {{ echo tried >> "{checkout}/calls"; exit 1; }}; exit 0',
    )
    for _ in range(2):
        done = source(shell, f'source "{checkout}/setup.sh"', tmp_path)
        assert done.returncode == 1
        assert "failed" in done.stderr
    assert (checkout / "calls").read_text(encoding="utf-8") == "tried\ntried\n"


def test_outside_of_a_checkout_it_says_so(tmp_path):
    shutil.copy(TOP / "setup.sh", tmp_path)
    done = source(["bash"], "source ./setup.sh", tmp_path)
    assert done.returncode == 1
    assert "not a checkout" in done.stderr
