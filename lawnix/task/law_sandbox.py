"""Sandboxes of classes that somebody derived from law's: they are entered by the command that the class gives."""

import logging
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import IsolationError, SandboxError
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import python

logger = logging.getLogger("luigi-interface")  # where luigi's users look


class LawSandbox:
    """A sandbox that law knows and lawnix does not.

    What it is, its class can tell by a method `digest()`: a value that is another when the environment is. Else it is
    known by its name.
    """

    walled = False  # what it sees is its own matter

    def __init__(self, spec: SandboxSpec, sandbox: Any) -> None:
        """Take law's own object."""
        self.spec = spec
        self._sandbox = sandbox

    def identity(self) -> Digest:
        """The digest of what its class says that it is, or of its name."""
        told = getattr(self._sandbox, "digest", None)
        if not callable(told):
            logger.warning(
                "the sandbox %s is known by its name alone, so that another environment under this name rebuilds "
                "nothing; give its class %s a method digest() that returns what it is",
                self.spec,
                type(self._sandbox).__name__,
            )
        said = told() if callable(told) else None
        return digest("sandbox", canonical((self.spec.kind, self.spec.name, said, dict(self.spec.variables))))

    def parts(self) -> Mapping[str, str]:
        """What of it is known."""
        told = getattr(self._sandbox, "digest", None)
        return {"name": str(self.spec), **({"digest": str(told())} if callable(told) else {})}

    def ready(self) -> Path | None:
        """Nothing has to be made that is known of."""
        return None

    def check(self, *, closed: bool) -> None:
        """Check that it need not be closed.

        Raises:
            IsolationError: It has to be.
        """
        if closed:
            raise IsolationError(
                str(self.spec),
                f"nothing is known of what {type(self._sandbox).__name__} lets in",
                "use a sandbox of law's own kinds",
            )

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start its Python, by the command that its class makes of one that law would run in it.

        Raises:
            SandboxError: Its class gives none.
        """
        try:
            command = self._sandbox.cmd(_Command(arguments))
            environment = self._sandbox.env
        except Exception as error:  # whatever the author's class raises
            raise SandboxError(str(self.spec), f"{type(error).__name__}: {error}") from error
        return PipeProcess(
            str(self.spec),
            ["/bin/bash", "-c", command],
            {**environment, **surroundings.variables},
            surroundings.directory,
        )


class _Command:
    """What law's sandboxes ask of the command that they are to run."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments

    def build(self, *args: object, **kwargs: object) -> str:
        """The command as a shell takes it."""
        return shlex.join(python(self._arguments))

    def add_arg(self, *args: object, **kwargs: object) -> None:
        """None of law's own arguments means anything here."""

    def remove_arg(self, key: str) -> None:
        """As `add_arg`."""
