"""Projects that uv has locked: what their `uv.lock` pins."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lawnix.errors import SandboxError
from lawnix.sandbox.interpreter import find_uv
from lawnix.sandbox.virtualenv.installing import installers
from lawnix.sandbox.virtualenv.requirements import Requirements, requirements_of

_EXPORT: Final = (
    "export", "--frozen", "--no-dev", "--no-emit-project", "--no-header", "--no-annotate", "--quiet",
    "--no-python-downloads", "--format", "requirements.txt",
)  # fmt: skip


def locked_requirements(directory: Path, sandbox: str) -> Requirements:
    """What the `uv.lock` in `directory` pins: what the project depends on, without itself and without its group `dev`.

    Raises:
        SandboxError: There is none, or it is not that of the project any more, or nothing here can read it.
    """
    lock, project = directory / "uv.lock", directory / "pyproject.toml"
    for file in (project, lock):
        if not file.is_file():
            way = f"; make it: (cd {directory} && uv lock)" if file is lock else ""
            raise SandboxError(sandbox, f"there is no {file}{way}")
    _check(directory, _read(project, sandbox), _read(lock, sandbox), sandbox)
    uv = find_uv()
    if uv is None:
        raise SandboxError(
            sandbox,
            "a uv.lock is read by uv, which is not here; install it (`pip install uv`), or have a list written where "
            "it is: uv export --no-dev --no-emit-project -o requirements.txt",
        )
    run = subprocess.run(
        [uv, *_EXPORT], cwd=directory, env=installers(), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SandboxError(sandbox, f"uv cannot read {lock}: {run.stderr.strip()}")
    return requirements_of(run.stdout, directory, sandbox)


def required_python(directory: Path, sandbox: str) -> str | None:
    """The versions of Python that the project in `directory` works with."""
    said = _read(directory / "uv.lock", sandbox).get("requires-python")
    return None if said is None else str(said)


def _read(file: Path, sandbox: str) -> Any:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SandboxError(sandbox, f"{file} cannot be read: {error}") from error


def _check(directory: Path, project: Any, lock: Any, sandbox: str) -> None:
    """See that a lock was made of what the project asks for now.

    Raises:
        SandboxError: It was not.
    """
    said = project.get("project", {})
    (mine,) = [
        each
        for each in lock.get("package", [])
        if canonicalize_name(each["name"]) == canonicalize_name(said.get("name", ""))
        and {"virtual", "editable"} & each.get("source", {}).keys()
    ] or [{}]
    known = {
        (canonicalize_name(each["name"]), SpecifierSet(each.get("specifier", "")))
        for each in mine.get("metadata", {}).get("requires-dist", [])
    }
    for needed in map(Requirement, said.get("dependencies", [])):
        if (canonicalize_name(needed.name), needed.specifier) not in known:
            raise SandboxError(
                sandbox,
                f"{directory / 'uv.lock'} was made before pyproject.toml asked for {needed}; make it anew: "
                f"(cd {directory} && uv lock)",
            )
