"""How programs of this machine are started as sandboxes: in a clean environment, and closed in where that is asked."""

# ruff: noqa: PTH110, PTH114, PTH115
# Places are strings here, as bubblewrap takes them.

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from lawnix.errors import IsolationError
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import Surroundings

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT: Final = ("HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "KRB5CCNAME", "SSL_CERT_FILE", "SSL_CERT_DIR")
_KEPT_BEGIN: Final = ("LAW_", "LAW__", "LUIGI_", "X509_")
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt")
_OF_ETC: Final = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "nsswitch.conf",
    "ssl",
)


def base_environment() -> dict[str, str]:
    """What of the caller's environment a sandbox gets: who and where it is, and credentials, nothing that computes."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if (name in _KEPT or name.startswith(_KEPT_BEGIN)) and not name.startswith("LAW_SANDBOX")
    }
    return {"PATH": PATH, "LANG": "C.UTF-8", **kept}


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
    more = {**(variables or {}), **surroundings.variables}
    if not surroundings.closed:
        return PipeProcess(sandbox, command, {**base_environment(), **more}, surroundings.directory)
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise IsolationError(
            sandbox,
            "there is no bwrap on PATH",
            "install it (Debian: apt install bubblewrap), or use a container",
        )
    closed = [bubblewrap, *_walls(surroundings, own), "--", *command]
    return PipeProcess(
        sandbox, closed, {"PATH": PATH, "HOME": "/home", "LANG": "C.UTF-8", "TZ": "UTC", **more}
    )


def _walls(surroundings: Surroundings, own: Iterable[str]) -> Iterator[str]:
    """The options of bubblewrap, in order: what comes later lies above what came before."""
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--hostname", "sandbox")
    yield from ("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home", "--dir", "/run")  # noqa: S108  # its own
    for place in (*_SYSTEM, *(f"/etc/{name}" for name in _OF_ETC)):
        yield from _system(place)
    # what lies above comes first, else it would hide what lies in it
    seen = {*own, *surroundings.read}
    for place in sorted({*seen, *surroundings.write}):
        yield from ("--bind" if place in surroundings.write else "--ro-bind", place, place)
    yield from ("--chdir", "/tmp")  # noqa: S108  # its own


def _system(place: str) -> Iterator[str]:
    if os.path.islink(place) and not place.startswith("/etc"):
        yield from ("--symlink", os.readlink(place), place)
    elif os.path.exists(place):
        yield from ("--ro-bind", place, place)
