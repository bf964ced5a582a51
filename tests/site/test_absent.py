"""What happens where a service is not there: a skip that says the way out, or, where it is required, a failure."""

import os
import subprocess
import sys

import pytest


def outcome(directory, file: str, **more: str) -> tuple[int, str]:
    """The exit code and the words of a pytest that finds no site in `directory`."""
    names = ("SITE_", "DOCKER_HOST", "PYTEST")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    options = ["-n", "0", "-rsfE", "-p", "no:cacheprovider", f"--basetemp={directory / 'temporary'}"]
    command = [sys.executable, "-m", "pytest", *options, f"tests/site/{file}"]
    done = subprocess.run(
        command, env={**inherited, "SITE_DIR": str(directory), **more}, capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("service", ["docker", "apptainer"])
def test_an_absent_service_is_a_skip_that_tells_how_to_bring_it_up(service, tmp_path):
    code, said = outcome(tmp_path, f"test_{service}.py")
    assert code == 0
    assert f"bring it up with: sudo site/up {service}" in said
    assert "failed" not in said


@pytest.mark.parametrize("service", ["docker", "apptainer"])
def test_where_it_is_required_an_absent_service_is_a_failure(service, tmp_path):
    code, said = outcome(tmp_path, f"test_{service}.py", SITE_REQUIRED="1")
    assert code == 1
    assert f"bring it up with: sudo site/up {service}" in said
    assert "skipped" not in said
