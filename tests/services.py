"""Real services that tests use, which `site/up` brings up: a fixture each.

A test that asks for a service which is not there is skipped, with the command that brings it up; with `SITE_REQUIRED=1`, as in CI, it
fails. A fixture only asks whether the service answers and starts nothing, so that any number of test processes may use it at once.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from docker import DockerClient

BUSYBOX = "busybox"
PYTHONS = ("python3.11", "python3.13")


@dataclass(frozen=True)
class Docker:
    """An engine that asks no registry, and whose containers have the network `none` or `host`.

    Attributes:
        client: The engine's client.
        busybox: An image with a shell and nothing else.
        pythons: Images with a Python of Debian each, without packages.
    """

    client: "DockerClient"
    busybox: str
    pythons: tuple[str, ...]


@dataclass(frozen=True)
class Apptainer:
    """Apptainer, with the images `BUSYBOX` and `PYTHONS`, which a test must leave as they are."""

    program: Path
    images: Path

    def directory(self, name: str) -> Path:
        """An image as a directory."""
        return self.images / name

    def file(self, name: str) -> Path:
        """The same image as a file."""
        return self.images / f"{name}.sif"


@dataclass(frozen=True)
class OrdinaryUser:
    """A user who may no more than others: who runs the tests, unless that is root.

    Attributes:
        directory: An empty one of their own, which nobody else can enter.
    """

    uid: int
    gid: int
    home: Path
    directory: Path

    def run(self, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `command` as that user, in their directory, with `more` in an otherwise small environment."""
        drop: Mapping[str, object] = {}
        if os.getuid() != self.uid:
            drop = {"user": self.uid, "group": self.gid, "extra_groups": []}
        kept = {name: os.environ[name] for name in ("PATH", "DOCKER_HOST") if name in os.environ}
        return subprocess.run(
            command, env={"HOME": str(self.home), "LC_ALL": "C.UTF-8", **kept, **more}, cwd=self.directory,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120, **drop,
        )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Take over what site/up says that a test run has to know."""
    told = Path(os.environ.get("SITE_DIR", "/var/lib/lawnix-site"), "env.sh")
    if told.is_file():
        command = ["bash", "-c", '. "$1" && env -0', "-", told]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        pairs = dict(pair.split("=", 1) for pair in found.split("\0") if pair)
        os.environ.update({name: pairs[name] for name in pairs.keys() - {"_", "SHLVL", "PWD", "OLDPWD"}})


def _absent(service: str, why: str) -> NoReturn:
    sentence = f"{why}; bring it up with: sudo site/up {service}"
    if os.environ.get("SITE_REQUIRED") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """The Docker engine of site/up."""
    name = os.environ.get("SITE_DOCKER")
    if name is None:
        _absent("docker", "there is no Docker engine for tests")
    images = [f"{name}/busybox:1", *(f"{name}/python:{python.removeprefix('python')}" for python in PYTHONS)]
    why = ""
    try:
        import docker

        client = docker.from_env(timeout=120)
        for image in images:
            client.images.get(image)
    except ImportError:
        why = 'there is no Docker SDK (pip install ".[docker]")'
    except docker.errors.DockerException as error:
        why = f"the Docker engine for tests does not answer as it should: {error}"
    if why:  # told here, where no other exception is under way
        _absent("docker", why)
    yield Docker(client, images[0], tuple(images[1:]))
    client.close()


@pytest.fixture(scope="session")
def registry() -> str:
    """The address of a registry that the Docker engine may push to and pull from."""
    address = os.environ.get("SITE_REGISTRY")
    if address is None:
        _absent("registry", "there is no Docker registry for tests")
    try:
        with urlopen(f"http://{address}/v2/", timeout=10):
            return address
    except OSError as error:
        why = f"the Docker registry for tests does not answer: {error}"
    _absent("registry", why)


@pytest.fixture(scope="session")
def apptainer() -> Apptainer:
    """The Apptainer of site/up, with images."""
    program = shutil.which("apptainer")
    if program is None or "SITE_APPTAINER" not in os.environ:
        _absent("apptainer", "there is no Apptainer for tests")
    found = Apptainer(Path(program), Path(os.environ["SITE_APPTAINER"]))
    missing = [name for name in (BUSYBOX, *PYTHONS) if not found.file(name).exists()]
    if missing:
        _absent("apptainer", f"the images {', '.join(missing)} are missing in {found.images}")
    return found


@pytest.fixture(scope="session")
def bubblewrap() -> Path:
    """The program `bwrap`, which may make namespaces."""
    program = shutil.which("bwrap")
    if program is None:
        _absent("bubblewrap", "there is no bubblewrap")
    tried = subprocess.run(
        [program, "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        _absent("bubblewrap", f"bubblewrap cannot make namespaces here: {tried.stderr.strip()}")
    return Path(program)


@pytest.fixture
def ordinary_user() -> Iterator[OrdinaryUser]:
    """Somebody who is not root."""
    if os.getuid() != 0:
        who = pwd.getpwuid(os.getuid())
    else:
        try:
            who = pwd.getpwnam(os.environ.get("SITE_USER", ""))
        except KeyError:
            _absent("user", "there is no ordinary user for tests that root runs")
    # not below pytest's own directory, which nobody else can enter
    with tempfile.TemporaryDirectory(prefix="lawnix-", dir="/tmp") as directory:
        os.chown(directory, who.pw_uid, who.pw_gid)
        yield OrdinaryUser(who.pw_uid, who.pw_gid, Path(who.pw_dir), Path(directory))
