"""What the sandbox workloads need: a setup script, sections of law.cfg, and an image with what law calls in it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import psutil

from benchmarks.commands import PROGRAMS

DOCKER: Final = "docker-sandbox"
SERVICES: Final = {DOCKER: "SITE_DOCKER", "singularity-sandbox": "SITE_APPTAINER"}
IMAGE: Final = "lawnix-benchmark/python:1"
_ENGINE: Final = ("dockerd", "containerd")
_TREE: Final = "python3.11"  # of the site's images
_WHEREIS: Final = '#!/bin/sh\nshift\nfor name; do echo "$name: $(command -v "$name")"; done\n'

SETUP: Final = "export PATH={folder}:$PATH\n"

SECTIONS: Final = """
[bash_sandbox_env]
BENCHMARK_TALLY: {tally}

[venv_sandbox_env]
BENCHMARK_TALLY: {tally}

# law calls the programs of containers in the environment inside
[docker_sandbox_env]
BENCHMARK_TALLY: {tally}
DOCKER_HOST: {engine}

[docker_sandbox_volumes]
{directory}: {directory}
{programs}/work_law.py: {{{{LAW_FORWARD_PY}}}}/work_law.py
{programs}/bodies.py: {{{{LAW_FORWARD_PY}}}}/bodies.py

[singularity_sandbox_env]
BENCHMARK_TALLY: {tally}
PATH: {singularity}:/usr/local/bin:/usr/bin:/bin

[singularity_sandbox_volumes]
{directory}: {directory}
{programs}/work_law.py: {{{{LAW_FORWARD_PY}}}}/work_law.py
{programs}/bodies.py: {{{{LAW_FORWARD_PY}}}}/bodies.py
"""


def missing(workload: str) -> str | None:
    """Why the sandboxes of a workload are not to be had here, if so."""
    variable = SERVICES.get(workload)
    if variable is None or variable in os.environ:
        return None
    service = variable.removeprefix("SITE_").lower()
    return f"`sudo site/up {service}` brings it up, and its env.sh tells where it is"


def variables(folder: Path) -> Mapping[str, str]:
    """What the tasks ask for where their sandboxes are, and what law has to be told to find all that it needs."""
    told = {
        "BENCHMARK_VENV": str(folder.parent),
        # law 0.1 knows of no more than the first five, and luigi 3.8 imports the others
        "LAW_SOFTWARE_DEPS": "six,luigi,law,tenacity,dateutil,typing_extensions,tornado",
    }
    environments = folder.parents[1]
    if not missing("singularity-sandbox"):
        told["BENCHMARK_TREE"] = str(_tree(environments))
    if not missing(DOCKER) and "BENCHMARK_TREE" in told:
        told["BENCHMARK_IMAGE"] = _image(environments)
    return told


def furnish(folder: Path, directory: Path) -> None:
    """Put what the sandboxes need into the directory of a measurement."""
    (directory / "setup.sh").write_text(SETUP.format(folder=folder), "utf-8")
    told = {
        "directory": directory,
        "tally": directory / "tally",
        "programs": PROGRAMS,
        "engine": os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"),
        "singularity": Path(shutil.which("singularity") or "/usr/bin/singularity").parent,
    }
    with (directory / "law.cfg").open("a") as file:
        file.write(SECTIONS.format_map(told))


def engines_time() -> float:
    """CPU seconds of the engine so far, and of all in its containers, which come of no command; 0 where there is none.

    The control groups tell it: https://docs.kernel.org/admin-guide/cgroup-v1/cpuacct.html (nanoseconds) and
    https://docs.kernel.org/admin-guide/cgroup-v2.html (microseconds).
    """
    found = 0.0
    groups = Path("/sys/fs/cgroup")
    first, second = groups / "cpuacct/docker/cpuacct.usage", groups / "docker/cpu.stat"
    if first.exists():
        found += int(first.read_text()) * 1e-9
    elif second.exists():
        found += int(second.read_text().split()[1]) * 1e-6  # usage_usec comes first
    for process in psutil.process_iter(["name", "cpu_times"]):
        if process.info["name"] in _ENGINE:
            times = process.info["cpu_times"]
            found += times.user + times.system + times.children_user + times.children_system
    return found


@cache
def _tree(environments: Path) -> Path:
    """The site's image as a directory, with `python` and `whereis`, which law calls in containers."""
    tree = environments / "images" / _TREE
    if not tree.exists():
        made = tree.with_name(f"{_TREE}.made")
        shutil.rmtree(made, ignore_errors=True)
        shutil.copytree(Path(os.environ["SITE_APPTAINER"], _TREE), made, symlinks=True)
        (made / "usr/bin/python").symlink_to("python3")
        whereis = made / "usr/bin/whereis"
        whereis.write_text(_WHEREIS, "utf-8")
        whereis.chmod(0o755)
        made.rename(tree)  # last: whoever sees it finds it whole
    return tree


@cache
def _image(environments: Path) -> str:
    """The same as an image of the engine."""
    program = shutil.which("docker") or "docker"
    known = subprocess.run([program, "image", "inspect", IMAGE], capture_output=True, check=False)
    if known.returncode:
        tree = subprocess.Popen(["tar", "-C", _tree(environments), "-c", "."], stdout=subprocess.PIPE)
        subprocess.run([program, "import", "-", IMAGE], stdin=tree.stdout, check=True, capture_output=True)
    return IMAGE
