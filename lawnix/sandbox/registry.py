"""The kinds of sandboxes, by the names that law gives them."""

import importlib
from pathlib import Path
from typing import Final

from lawnix.errors import SandboxError
from lawnix.sandbox.protocol import Sandbox
from lawnix.sandbox.spec import SandboxSpec

_KINDS: Final = {
    "bash": "lawnix.sandbox.bash:BashSandbox",
    "docker": "lawnix.sandbox.docker.sandbox:DockerSandbox",
    "host": "lawnix.sandbox.host:HostSandbox",
    "singularity": "lawnix.sandbox.singularity.sandbox:SingularitySandbox",
    "venv": "lawnix.sandbox.virtualenv.sandbox:VenvSandbox",
}


def is_known(kind: str) -> bool:
    """Whether there is such a kind."""
    return kind in _KINDS


def sandbox_of(spec: SandboxSpec, home: Path) -> Sandbox:
    """The sandbox that `spec` asks for; its kind is loaded when it is first asked for.

    Args:
        spec: Which one, with what.
        home: Where environments lie that are made for it, each under its digest; need not be there yet.

    Raises:
        SandboxError: There is no such kind.
    """
    if spec.kind not in _KINDS:
        raise SandboxError(str(spec), f"there is no kind {spec.kind!r}; there are {', '.join(_KINDS)}")
    module, _, name = _KINDS[spec.kind].partition(":")
    sandbox: Sandbox = getattr(importlib.import_module(module), name)(spec, home)
    return sandbox
