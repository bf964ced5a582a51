"""How programs of this machine are started as sandboxes: in a clean environment, within walls where that is asked."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import Surroundings
from lawnix.sandbox.walls import HOME, walled

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT: Final = ("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "KRB5CCNAME", "SSL_CERT_FILE", "SSL_CERT_DIR")
_UNQUOTED: Final = re.compile(r'(?<!\\)(["`])')
_ESCAPED: Final = r"\\\1"
_KEPT_BEGIN: Final = ("LAW_", "LUIGI_", "X509_")
CLOSED_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": PATH,
    "HOME": HOME,
    "USER": "sandbox",
    "LOGNAME": "sandbox",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
"""What a closed process has of an environment, beside what it is given."""


MUTE: Final = ">&2 </dev/null"
"""What stands behind commands of a shell that set up: stdin and stdout are the line of the worker that comes after."""


def base_environment() -> dict[str, str]:
    """What of the caller's environment a sandbox gets: who and where it is, and credentials, nothing that computes."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if (name in _KEPT or name.startswith(_KEPT_BEGIN)) and not name.startswith("LAW_SANDBOX")
    }
    return {"PATH": PATH, "LANG": "C.UTF-8", **kept}


def exports(variables: Iterable[tuple[str, str]]) -> list[str]:
    """Commands of a shell that set variables; those that stand in a value are the sandbox's own, as law has it."""
    return [f'export {name}="{_UNQUOTED.sub(_ESCAPED, value)}"' for name, value in variables]


def started(
    sandbox: str,
    command: Sequence[str],
    surroundings: Surroundings,
    variables: Mapping[str, str] | None = None,
    own: Iterable[str] = (),
) -> PipeProcess:
    """Start a program of this machine.

    Args:
        sandbox: What it is a sandbox of, for messages.
        command: The program with its arguments.
        surroundings: What it sees of the host.
        variables: Those of the sandbox.
        own: Where the sandbox itself lies, beside the system's directories.

    Raises:
        IsolationError: It is to be closed in, and nothing here can do that.
        SandboxError: It cannot be started.
    """
    place = None if surroundings.closed else surroundings.directory  # walls are entered first
    base = CLOSED_ENVIRONMENT if surroundings.closed else base_environment()
    environment = {**base, **(variables or {}), **surroundings.variables}
    words = walled(sandbox, command, surroundings, own) if surroundings.closed else command
    return PipeProcess(sandbox, words, environment, place, walled=surroundings.closed)
