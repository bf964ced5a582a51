"""Installing: an environment is made of pinned packages, with uv, or with pip where there is none.

Where packages come from is the user's business: variables and configuration files of uv and pip are heeded.
"""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lawnix.errors import SandboxError
from lawnix.sandbox.interpreter import Interpreter, find_uv, interpreter_at
from lawnix.sandbox.records import Altered, altered
from lawnix.sandbox.virtualenv.requirements import Pin, written
from lawnix.sandbox.workshop import Workshop

logger = logging.getLogger("luigi-interface")  # where people look while a run goes on

_OF_OTHERS: Final = (  # would lead an installer to another environment
    "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_SYSTEM_PYTHON",
    "VIRTUAL_ENV",
)  # fmt: skip


class Packages:
    """What is to be installed.

    Attributes:
        pins: The packages.
        options: How, and from where.
        interpreter: The Python that they are for.
        directory: Where the lock file lies; configuration files are looked for from there.
    """

    def __init__(
        self, pins: Sequence[Pin], options: Sequence[str], interpreter: Interpreter, directory: Path
    ) -> None:
        self.pins, self.options = pins, options
        self.interpreter, self.directory = interpreter, directory

    def install(self, workshop: Workshop) -> Mapping[str, str]:
        """Make an environment with them in the place of a workshop; the versions of what is in it.

        Raises:
            SandboxError: It cannot be made.
        """
        made = self._make(workshop, "venv", self.pins)
        self._check(workshop, altered(made))
        for name, needed in _missing(made):
            logger.warning("%s needs %s, which %s does not name", name, needed, workshop.sandbox)
        return made.versions()

    def _make(self, workshop: Workshop, name: str, pins: Sequence[Pin], *options: str) -> Interpreter:
        """The Python of an environment that is made of some of the packages."""
        venv = workshop.place / name
        uv = find_uv()
        make, add = _with_pip(self.interpreter, venv) if uv is None else _with_uv(uv, self.interpreter, venv)
        workshop.run(make, installers(), self.directory)
        with tempfile.TemporaryDirectory() as private:  # options may have passwords
            listed = Path(private, "packages.txt")
            listed.write_text(written(pins, self.options), "utf-8")
            if pins:
                workshop.run([*add, *options, "-r", str(listed)], installers(), self.directory)
        return interpreter_at(venv / "bin" / "python", workshop.sandbox)

    def _check(self, workshop: Workshop, strange: Sequence[Altered]) -> None:
        """See that what was installed is what was packed: caches of installers may have been written to.

        Raises:
            SandboxError: It is not.
        """
        if not strange:
            return
        packages = {each.package for each in strange}
        pins = [pin for pin in self.pins if pin.name in packages]
        try:
            packed_so = altered(self._make(workshop, "again", pins, "--no-cache-dir"))
        except SandboxError:  # nothing can be fetched now
            packed_so = []
        shutil.rmtree(workshop.place / "again", ignore_errors=True)
        if changed := [each for each in strange if each not in packed_so]:
            raise SandboxError(workshop.sandbox, _told(changed))
        logger.warning(
            "the archives of %s do not hold what they say, %s for one; they are taken as they are",
            ", ".join(sorted(packages)),
            strange[0].file,
        )


def _told(changed: Sequence[Altered]) -> str:
    """That a cache has been written to, and the way out."""
    first, packages = changed[0], sorted({each.package for each in changed})
    pip, uv = f"{sys.executable} -m pip cache purge", f"uv cache clean {' '.join(packages)}"
    how = "changed" if first.found else "removed"
    return (
        f"what was installed of {', '.join(packages)} is not what was packed: {first.file} of {first.package} was "
        f"{how} in the installer's cache, as by an edit in an environment that shares its files; have it fetched anew: "
        f"{uv if find_uv() else pip}"
    )


def installers() -> dict[str, str]:
    """The variables that uv and pip are started with."""
    own = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
    return {"UV_SYSTEM_CERTS": "true", **own}  # many institutes have certificates of their own


def _with_uv(uv: str, interpreter: Interpreter, venv: Path) -> tuple[list[str], list[str]]:
    """The commands that make an empty environment, and that add to it what a list says."""
    place = ["--python", str(venv / "bin/python")]
    # whatever uv's settings say: what is linked to its cache can be changed from there, and the cache from here
    copied = ["--link-mode", "copy"]
    return (
        [uv, "venv", "--no-project", "--relocatable", "--python", interpreter.executable, str(venv)],
        [uv, "pip", "install", "--no-deps", "--compile-bytecode", *copied, *place],
    )


def _with_pip(interpreter: Interpreter, venv: Path) -> tuple[list[str], list[str]]:
    """The same, without uv."""
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin/python")]
    return (
        [interpreter.executable, "-m", "venv", "--without-pip", str(venv)],
        [*pip, "install", "--no-deps", "--no-input", "--disable-pip-version-check"],
    )


def _missing(interpreter: Interpreter) -> Iterator[tuple[str, str]]:
    """What packages need that is not installed: a list may leave it out on purpose."""
    found = dict(interpreter.distributions())
    environment = {**interpreter.markers, "extra": ""}
    for name, each in found.items():
        for needed in map(Requirement, each.requires or ()):
            if needed.marker and not needed.marker.evaluate(environment):
                continue
            if canonicalize_name(needed.name) not in found:
                yield name, needed.name
