"""What keeps the house in order: `source setup.sh && nox` runs the sessions below in that environment.

Only `compat`, `correctness` and `bench` make environments of their own: they need other versions of law and luigi, and
the systems that lawnix is compared with.
"""

import os
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "imports", "tests", "docs"]
nox.options.error_on_external_run = False

# gfal cannot be built by pip alone
LOCKED_EXTRAS = ("analysis", "dev", "docker", "docs", "hdf5", "meaning", "notebook")

# the ends of the ranges in pyproject.toml
LAW_AND_LUIGI = {
    "oldest": ("law==0.1.20", "luigi==3.2.0"),
    "newest": ("law<0.2", "luigi<4"),
}


@nox.session
def lint(session: nox.Session) -> None:
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    services = sorted(str(script) for script in Path("site", "services").glob("*.sh"))
    session.run("shellcheck", "-x", "setup.sh", ".ci/run", "site/up", "site/down", "site/as-user", *services)


@nox.session
def types(session: nox.Session) -> None:
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    session.run("pytest", *session.posargs)


@nox.session
def pythons(session: nox.Session) -> None:
    """Digest the corpus on every Python of this machine, and on the interpreters that are given: one digest for all."""
    session.run(
        "pytest", "tests/task/code/test_pythons.py", env={"PYTHONS": os.pathsep.join(session.posargs)}
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")


@nox.session(venv_backend="uv")
@nox.parametrize("pair", list(LAW_AND_LUIGI))
def compat(session: nox.Session, pair: str) -> None:
    """Run tests/compat, which pin what we lean on, with the oldest and the newest law and luigi that we claim."""
    session.env["UV_SYSTEM_CERTS"] = "true"
    session.install(
        "--upgrade", *LAW_AND_LUIGI[pair], "-e", ".", "pytest", "pytest-xdist", "hypothesis", "numpy"
    )
    session.run("uv", "pip", "show", "law", "luigi")
    session.run("pytest", "tests/compat", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Make requirements.lock anew, with the newest versions that pyproject.toml allows."""
    extras = [f"--extra={extra}" for extra in LOCKED_EXTRAS]
    written_by = ["--custom-compile-command", "nox -s lock", "--no-emit-index-url", "--no-emit-find-links"]
    session.run(
        "uv", "pip", "compile", "pyproject.toml", "--upgrade", "--universal", "--python-version=3.11",
        "--generate-hashes", *extras, *written_by, "--quiet", "--output-file=requirements.lock",
    )  # fmt: skip


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel, and see that it holds the package alone."""
    session.run("uv", "build", "--wheel", "--no-build-isolation", "--quiet", "--out-dir=dist")
    for wheel in Path("dist").glob("*.whl"):
        session.run("python", "-m", "zipfile", "--list", str(wheel))


@nox.session
def exhaustive(session: nox.Session) -> None:
    """Run every graph of up to six tasks after every single change; half an hour on two cores."""
    session.run("python", "-m", "tests.engine.every_graph", *session.posargs)


@nox.session
def correctness(session: nox.Session) -> None:
    """Make 29 edits in lawnix, law, redun, joblib and pypipegraph2, and tell what ran."""
    session.run("python", "-m", "benchmarks.correctness", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure lawnix beside all its peers, and tell what is reached; `-- --small` takes minutes, all of it hours."""
    session.run("python", "-m", "benchmarks", *session.posargs)
