"""The systems that lawnix is compared with: their versions, and an environment for each, made where it is missing."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[1]
ENVIRONMENTS = TOP / ".nox" / "peers"
STAMP = "requirements.stamp"
LUIGI = "luigi==3.8.1"


@dataclass(frozen=True)
class Peer:
    """A system, and what is installed for it.

    Attributes:
        name: The package whose version is told.
        requirements: What `uv pip install` is given.
    """

    name: str
    requirements: Sequence[str]

    def interpreter(self, environments: Path) -> Path:
        """The Python of an environment with these requirements and no others."""
        environment = environments / self.name
        python, stamp, wanted = environment / "bin" / "python", environment / STAMP, self._wanted
        if not (stamp.exists() and stamp.read_text("utf-8") == wanted):
            shutil.rmtree(environment, ignore_errors=True)
            _call("uv", "venv", "--quiet", "--python", _base_python(), environment)
            # compiled now, so that no start pays for it
            install = ("uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", python)
            _call(*install, *self.requirements)
            stamp.write_text(wanted, "utf-8")  # last: whoever reads it finds everything installed
        return python

    @property
    def _wanted(self) -> str:
        lines = [f"Python {sys.version}", *self.requirements]
        if "-e" in self.requirements:
            lines.append((TOP / "pyproject.toml").read_text("utf-8"))
        return "\n".join(lines)


PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("lawnix", ("law==0.1.21", LUIGI, "-e", f"{TOP}[docker]")),
        Peer("law", ("law==0.1.21", LUIGI)),
        Peer("luigi", (LUIGI,)),
        Peer("pypipegraph2", ("pypipegraph2==3.4.2",)),
        Peer("redun", ("redun==0.44.1",)),
        Peer("snakemake", ("snakemake==9.27.1",)),
        Peer("pylightnix", ("pylightnix==0.3.0",)),
        Peer("noodles", ("noodles==0.3.4",)),
        Peer("joblib", ("joblib==1.6.0",)),
    )
}


@functools.cache
def version(package: str, python: Path) -> str:
    """The version of a package in an environment."""
    ask = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def b3sum(environments: Path) -> Path:
    """BLAKE3's own program: the one on the PATH, or Debian's, unpacked beside the environments.

    Raises:
        OSError: It is not to be had here.
    """
    if found := shutil.which("b3sum"):
        return Path(found)
    directory = environments / "b3sum"
    program = directory / "usr" / "bin" / "b3sum"
    if not program.exists():
        directory.mkdir(parents=True, exist_ok=True)
        try:
            _call("apt-get", "download", "--quiet", "b3sum", cwd=directory)
            _call("dpkg", "-x", *directory.glob("b3sum_*.deb"), directory)
        except (OSError, subprocess.CalledProcessError) as error:
            raise OSError(f"there is no b3sum on the PATH, and Debian's cannot be had: {error}") from error
    return program


def _base_python() -> Path:
    """The interpreter below the environment of this process."""
    return Path(getattr(sys, "_base_executable", sys.executable))


def _call(*command: str | Path, cwd: Path | None = None) -> None:
    # many institutes have certificates of their own
    environment = {"UV_SYSTEM_CERTS": "true", **os.environ}
    subprocess.run(command, check=True, cwd=cwd, env=environment, stdout=subprocess.DEVNULL)
