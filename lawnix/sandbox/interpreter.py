"""Interpreters: which Python an environment is made with, and what is installed for one."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, DistributionFinder, MetadataPathFinder
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from lawnix.errors import SandboxError
from lawnix.sandbox import probe

_PROBE: Final = Path(probe.__file__)
_PATIENCE: Final = 60.0  # s that a Python may take to say what it is
_PLAIN: Final = re.compile(r"\d+(\.\d+){0,2}")
_MINORS: Final = range(40, 9, -1)  # of Python 3, the latest first


@dataclass(frozen=True)
class Interpreter:
    """A Python.

    Attributes:
        executable: Where it lies.
        markers: What decides which packages fit to it, by the names of PEP 508.
        base_prefix: Where its standard library lies.
        platform: What compiled modules for it are made for.
        packages: Where packages are installed for it.
    """

    executable: str
    markers: Mapping[str, str]
    base_prefix: str
    platform: Sequence[str | None]
    packages: Sequence[str]

    @property
    def what(self) -> tuple[str, str]:
        """Its implementation and version."""
        return self.markers["platform_python_implementation"], self.markers["python_full_version"]

    def distributions(self) -> Iterator[tuple[str, Distribution]]:
        """What is installed for it, by name; the one of several that it finds first."""
        seen: set[str] = set()
        # whatever else finds some in this process, such as the backport `importlib_metadata`, reads them otherwise
        context = DistributionFinder.Context(path=list(self.packages))
        for each in MetadataPathFinder.find_distributions(context):
            try:
                name = canonicalize_name(each.metadata["Name"] or "")
            except FileNotFoundError:  # as of later versions of Python
                continue
            if name and name not in seen:  # without one it is half gone
                seen.add(name)
                yield name, each

    def versions(self) -> dict[str, str]:
        """The versions of what is installed for it, and its own."""
        found = dict(sorted((name, each.version) for name, each in self.distributions()))
        return {"python": self.what[1], **found}


def host() -> Interpreter:
    """The Python that runs this."""
    return _interpreter(probe.described())


def interpreter_at(executable: Path, sandbox: str) -> Interpreter:
    """The Python at a place.

    Raises:
        SandboxError: There is none, or it does not work.
    """
    try:
        run = subprocess.run(
            [executable, "-I", _PROBE], capture_output=True, text=True, check=True, timeout=_PATIENCE
        )
        return _interpreter(json.loads(run.stdout))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise SandboxError(sandbox, f"its Python {executable} does not work: {''.join(said)}") from error


def _interpreter(said: Mapping[str, Any]) -> Interpreter:
    return Interpreter(**said)


# --------------------------------------------------------------------------------------- choosing


def interpreter_for(sandbox: str, directory: Path, requires: str | None) -> Interpreter:
    """The Python that an environment is made with.

    Args:
        sandbox: Its sandbox, for messages.
        directory: Where its lock file lies, and `.python-version`, if there is one.
        requires: The versions that it works with, as in `>=3.11`, if that is said.

    Raises:
        SandboxError: There is none that fits.
    """
    ours = host()
    pinned = directory / ".python-version"
    if pinned.is_file():
        lines = (line.partition("#")[0].strip() for line in pinned.read_text("utf-8").splitlines())
        wanted = next(filter(None, lines), "")
        if not wanted or _is_version(ours, wanted):
            return ours
        return _found(sandbox, wanted, str(pinned))
    if requires is None or _fits(ours.what[1], requires):
        return ours
    return _found(sandbox, requires, "its lock file")


def _is_version(interpreter: Interpreter, wanted: str) -> bool:
    implementation, version = interpreter.what
    if not _PLAIN.fullmatch(wanted) or implementation != "CPython":
        return False
    return f"{version}.".startswith(f"{wanted}.")


def _fits(version: str, requires: str) -> bool:
    return SpecifierSet(requires).contains(Version(version), prereleases=True)


def _found(sandbox: str, wanted: str, who: str) -> Interpreter:
    """A Python of this machine that is wanted."""
    uv = find_uv()
    if uv is not None:
        command = [uv, "python", "find", "--system", "--no-project", "--no-python-downloads", wanted]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return interpreter_at(Path(run.stdout.strip()), sandbox)
    else:
        names = [f"python{wanted}"] if _PLAIN.fullmatch(wanted) else [f"python3.{n}" for n in _MINORS]
        for place in filter(None, map(shutil.which, names)):
            interpreter = interpreter_at(Path(place), sandbox)
            if _PLAIN.fullmatch(wanted) or _fits(interpreter.what[1], wanted):
                return interpreter
    raise SandboxError(
        sandbox,
        f"{who} wants Python {wanted}, and there is none here; install it (`uv python install {wanted!r}`), or ask for "
        "another",
    )


def find_uv() -> str | None:
    """Where the program uv lies: on `PATH`, or beside the Python that runs this."""
    beside = Path(sys.executable).with_name("uv")
    return shutil.which("uv") or (str(beside) if beside.exists() else None)
