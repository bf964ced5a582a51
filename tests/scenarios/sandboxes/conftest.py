"""The kinds of sandboxes, each as a user's project would have it. What holds for all is told once, for each of them."""

import base64
import hashlib
import shutil
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Kind:
    """A kind of sandbox.

    Attributes:
        name: As law calls it.
        make: Puts a sandbox into a project; its key, `type::name`.
        change: Makes another environment of it, under the same key.
        move: Changes what the environment does not depend on.
    """

    name: str
    make: Callable
    change: Callable
    move: Callable


def _wheel(directory: Path, name: str, version: str, text: str, *needs: str) -> str:
    """Put a wheel with one module into a directory, as no index has it; its digest, as lists write it."""
    directory.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
        *(f"Requires-Dist: {need}" for need in needs),
    ]
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{place},sha256={_digest(said)},{len(said)}" for place, said in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = directory / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, said in files.items():
            archive.writestr(zipfile.ZipInfo(place, (1980, 1, 1, 0, 0, 0)), said)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _make_bash(project) -> str:
    project.write("setup.sh", "export COLOUR=red\nsource more.sh\n")
    project.write("more.sh", "export SHAPE=round\n")
    return "bash::setup.sh"


BASH = Kind(
    "bash",
    make=_make_bash,
    change=lambda project: project.edit("round", "square", "more.sh"),
    move=lambda project: project.root.joinpath("more.sh").touch(),
)


def _make_venv(project) -> str:
    _wheel(project.root / "wheels", "colours", "1.0", "NAME = 'red'")
    _wheel(project.root / "wheels", "colours", "2.0", "NAME = 'blue'")
    project.write("requirements.txt", "--no-index\n--find-links wheels\ncolours==1.0\n")
    return "venv::requirements.txt"


VENV = Kind(
    "venv",
    make=_make_venv,
    change=lambda project: project.edit("==1.0", "==2.0", "requirements.txt"),
    move=lambda project: project.edit("colours==1.0", "# as red\n  Colours == 1.0  # is", "requirements.txt"),
)


@pytest.fixture
def wheel() -> Callable[..., str]:
    """Puts a wheel into a directory."""
    return _wheel


def shared(project, kind: str) -> None:
    """Let tasks in containers write where the tests count what ran."""
    project.write("ran.txt", "")
    with (project.root / "law.cfg").open("a") as file:
        file.write(f"[{kind}_sandbox_volumes]\n{project.root}/ran.txt\n")


def _docker(request) -> Kind:
    docker = request.getfixturevalue("docker")
    name = f"lawnix-test/{uuid.uuid4().hex}"

    def tag(number: int) -> None:
        docker.client.images.get(docker.pythons[number]).tag(name, "1")

    def make(project) -> str:
        tag(0)
        request.addfinalizer(lambda: docker.client.images.remove(f"{name}:1", noprune=True))
        shared(project, "docker")
        return f"docker::{name}:1"

    return Kind("docker", make, change=lambda project: tag(1), move=lambda project: tag(0))


def _singularity(request) -> Kind:
    apptainer = request.getfixturevalue("apptainer")

    def make(project) -> str:
        shutil.copyfile(apptainer.file("python3.11"), project.root / "image.sif")
        shared(project, "singularity")
        return "singularity::image.sif"

    def change(project) -> None:
        shutil.copyfile(apptainer.file("python3.13"), project.root / "image.sif")

    return Kind("singularity", make, change, move=lambda project: (project.root / "image.sif").touch())


KINDS = {
    "bash": lambda request: BASH,
    "docker": _docker,
    "singularity": _singularity,
    "venv": lambda request: VENV,
}


@pytest.fixture
def kinds() -> Mapping[str, Callable[..., Kind]]:
    """What makes each of the kinds, of the request of a test."""
    return KINDS


@pytest.fixture(params=sorted(KINDS))
def kind(request) -> Kind:
    """Each of the kinds; what one needs is had, or the test is skipped."""
    return KINDS[request.param](request)


@pytest.fixture
def key(kind, project) -> str:
    """A sandbox in the project."""
    return kind.make(project)
