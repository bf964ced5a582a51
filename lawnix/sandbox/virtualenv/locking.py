"""Locking: what a list leaves open is decided once, and written down."""

import subprocess
from pathlib import Path
from typing import Final

from lawnix.errors import SandboxError
from lawnix.sandbox.interpreter import find_uv, interpreter_for
from lawnix.sandbox.virtualenv.installing import installers
from lawnix.sandbox.virtualenv.requirements import requirements_in

_COMPILE: Final = (
    "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
)  # fmt: skip


def lock(file: Path, output: Path | None = None, *, upgrade: bool = False) -> Path:
    """Write down what a list of requirements, or a project, needs, with versions and digests; where that is.

    Args:
        file: A list such as `requirements.in`, or a `pyproject.toml`, for which uv writes its `uv.lock`.
        output: Where it is written; else beside the file: `name.in` becomes `name.txt`, and others `name.lock`.
        upgrade: Whether versions that were written down before may become newer ones.

    Raises:
        SandboxError: That cannot be known.
    """
    name = f"venv::{file}"
    uv = find_uv()
    if uv is None:
        raise SandboxError(
            name, "what it needs is found out by uv, which is not here; install it (`pip install uv`)"
        )
    if not file.is_file():
        raise SandboxError(name, f"there is no file {file}")
    more = ["--upgrade"] if upgrade else []
    if file.name in ("pyproject.toml", "uv.lock"):
        _run([uv, "lock", "--quiet", *more], file, name)
        return file.with_name("uv.lock")
    output = output or file.with_suffix(".txt" if file.suffix == ".in" else ".lock")
    python = interpreter_for(name, file.absolute().parent, None).markers["python_version"]
    by = ["--custom-compile-command", f"lawnix sandbox lock {file.name}", "--python-version", python]
    _run([uv, *_COMPILE, *more, *by, "--output-file", str(output.absolute()), file.name], file, name)
    where = "".join(f"{option}\n" for option in requirements_in(file, name).where)
    if where and not (text := output.read_text("utf-8")).startswith(where):
        output.write_text(where + text, "utf-8")  # who installs it has to find the packages
    return output


def _run(command: list[str], file: Path, name: str) -> None:
    directory = file.absolute().parent
    run = subprocess.run(
        command, cwd=directory, env=installers(), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SandboxError(name, f"uv cannot lock it:\n{run.stderr.strip()}")
