"""No sandbox: the environment of the run itself, for tasks without one that are to be closed in."""

import os
import site
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lawnix.core.digest import Digest, digest
from lawnix.sandbox.launch import PATH, started
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.walls import checked_bubblewrap


class HostSandbox:
    """The Python that runs this."""

    walled = False

    def __init__(self, spec: SandboxSpec, home: Path) -> None:
        self.spec = spec

    def identity(self) -> Digest:
        """The same for all: what the host is, is said elsewhere."""
        return digest("sandbox", b"host")

    def parts(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def ready(self) -> None:
        """Nothing has to be made."""

    def check(self, *, closed: bool) -> None:
        """Whether it can be closed in."""
        if closed:
            checked_bubblewrap(str(self.spec))

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start this Python once more."""
        return started(str(self.spec), [sys.executable, *arguments], surroundings, {"PATH": _path()}, _own())


def _path() -> str:
    """Where programs are found that are installed beside this Python."""
    return f"{Path(sys.executable).parent}{os.pathsep}{PATH}"


def _own() -> set[str]:
    """Where this Python and its packages lie."""
    places = {
        sys.prefix,
        sys.base_prefix,
        os.path.realpath(sys.executable),
        sys.executable,
        *site.getsitepackages(),
    }
    return {place for place in places if Path(place).exists()}
