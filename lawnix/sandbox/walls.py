"""Walls: what a closed process sees of this machine, as options of bubblewrap.

It has a root directory of its own, in memory and read-only, in which nothing is but what it is given, each at the place
where it lies here. Links on the way are made again, so that a file has the names in there that it has here. It has no
rights, no network, no descriptor that is not handed to it, and sees no process but its own, which all end when the
first of them does.
"""

# ruff: noqa: PTH100, PTH114, PTH118, PTH206
# Places are strings here, as bubblewrap takes them.

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from lawnix.errors import IsolationError
from lawnix.sandbox.spec import Surroundings

OF_KERNEL: Final = tuple(
    f"/proc/{name}" for name in ("sys", "irq", "bus", "fs", "acpi", "scsi", "sysrq-trigger")
)
"""Settings of the kernel: of the whole machine, and root may write them, also one that has no rights."""

HOME: Final = "/sandbox"  # no place of this machine, so nothing else lies there
_WAY_OUT: Final = (
    "install it (Debian: apt install bubblewrap) where namespaces are allowed, or use a container"
)
_TEMPORARY: Final = "/tmp"  # noqa: S108  # its own
_NAMESPACES: Final = (
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
)
_MADE: Final = ("--proc", "/proc", "--dev", "/dev")
_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_OF_ETC: Final = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "ssl",
)


def walled(sandbox: str, command: Sequence[str], surroundings: Surroundings, own: Iterable[str]) -> list[str]:
    """`command`, as it is started within walls.

    Args:
        sandbox: What it is a sandbox of, for messages.
        command: The program with its arguments.
        surroundings: What it sees of the host.
        own: Where the sandbox itself lies, beside the system's directories.

    Raises:
        IsolationError: Nothing here can do that.
    """
    return [
        checked_bubblewrap(sandbox),
        *_NAMESPACES,
        *_MADE,
        *_places(surroundings, own),
        "--",
        *command,
    ]


def checked_bubblewrap(sandbox: str) -> str:
    """The program, which was seen to work here.

    Raises:
        IsolationError: There is none, or it may not do what it has to.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise IsolationError(sandbox, "there is no bwrap on PATH", _WAY_OUT)
    reason = _reason_against(program)
    if reason:
        raise IsolationError(sandbox, f"{program} cannot do it: {reason}", _WAY_OUT)
    return program


@cache
def _reason_against(program: str) -> str:
    """Why walls cannot be had with it, if so: namespaces may be forbidden, as in many containers."""
    tried = subprocess.run(
        [program, *_NAMESPACES, *_MADE, "--ro-bind", "/", "/", "true"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return (tried.stderr.strip() or f"exit code {tried.returncode}") if tried.returncode else ""


def _places(surroundings: Surroundings, own: Iterable[str]) -> Iterator[str]:
    """What is there, in order: what comes later lies above what came before."""
    links: dict[str, str] = {}
    there = filter(
        os.path.exists, (*_SYSTEM, *(f"/etc/{name}" for name in _OF_ETC), *own, *surroundings.read)
    )
    write = {_real(place, links) for place in surroundings.write}
    read = {_real(place, links) for place in there} - write
    temporary = _real(_TEMPORARY, links)
    yield from ("--tmpfs", temporary, "--tmpfs", HOME)
    for place in filter(os.path.exists, OF_KERNEL):
        yield from ("--ro-bind", place, place)
    directory = surroundings.directory and _real(surroundings.directory, links)
    if directory in (os.sep, temporary) or (directory and _lies_in(directory, {*read, *write})):
        directory = None
    if directory is not None:  # else what is written there would be lost without a word
        yield from ("--tmpfs", directory)
    bound: list[str] = []
    # what lies above comes first, else it would hide what lies in it
    for place in sorted({*read, *write}, key=_parts):
        is_written = place in write
        if is_written or not _lies_in(place, [each for each in bound if each not in write]):
            yield from ("--bind" if is_written else "--ro-bind", place, place)
            bound.append(place)
    for link, target in links.items():
        if not _lies_in(link, bound):
            yield from ("--symlink", target, link)
    if directory is not None:
        yield from ("--remount-ro", directory)
    yield from ("--remount-ro", "/", "--chdir", surroundings.directory or HOME)


def _real(place: str, links: dict[str, str]) -> str:
    """Where `place` really lies; the links on the way there join `links`."""
    done = os.sep
    for part in os.path.abspath(place).split(os.sep):
        done = os.path.join(done, part)
        if os.path.islink(done):
            links[done] = target = os.path.realpath(done)
            done = target
    return done


def _lies_in(place: str, others: Iterable[str]) -> bool:
    return any(place == other or place.startswith(f"{other.rstrip(os.sep)}{os.sep}") for other in others)


def _parts(place: str) -> list[str]:
    return place.split(os.sep)
