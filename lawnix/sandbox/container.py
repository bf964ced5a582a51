"""What containers share: what they see of the host, what is set in them, and what runs first in them."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from lawnix.errors import IsolationError
from lawnix.sandbox.launch import MUTE, exports
from lawnix.sandbox.placeless import placeless
from lawnix.sandbox.spec import SandboxSpec, Surroundings

HOME: Final = "/sandbox"
"""An empty directory that nobody keeps: what a user has there is not in a container."""

_FORWARD: Final = {
    "PY": "/law_forward/py",
    "BIN": "/law_forward/bin",
}  # law's words in a volume, and its places
_FORWARDED: Final = {"PY": "PYTHONPATH", "BIN": "PATH"}
_OF_IMAGES: Final = ("/usr/", "/lib", "/bin/", "/sbin/", "/etc/", "/dev/", "/proc/", "/sys/", "/run/")
_MODES: Final = re.compile(r":(ro|rw|z|Z|,)+\Z")


class Mount(NamedTuple):
    """A place of the host as it appears in a container."""

    source: str
    target: str
    writable: bool


def mounts(spec: SandboxSpec, volumes: Sequence[tuple[str, str]], surroundings: Surroundings) -> list[Mount]:
    """What is mounted, what lies above first, since it would hide what lies in it.

    Raises:
        IsolationError: It is to see nothing but what it is given, and volumes are set for it.
    """
    if volumes and surroundings.closed:
        named = ", ".join(host for host, _ in volumes)
        raise IsolationError(
            str(spec),
            f"its volumes ({named}) would show it what no task declares",
            "leave them out, and require what is in them as an ExternalTask",
        )
    found = {place: Mount(place, place, writable=False) for place in surroundings.read}
    for host, inside in volumes:
        if not Path(host).exists():  # as law does
            Path(host).mkdir(parents=True)
        target, writable = _volume(host, inside)
        found[target] = Mount(os.path.abspath(host), target, writable)  # noqa: PTH100  # links stay
    found |= {place: Mount(place, place, writable=True) for place in surroundings.write}
    return [found[target] for target in sorted(found)]


def around(place: str) -> list[str]:
    """What of the host has to be there for `place` to be read: its directory, so that a neighbour is there, too.

    A directory that would hide what an image has is not taken.
    """
    found = []
    for each in dict.fromkeys([place, os.path.realpath(place)]):
        above = each if Path(each).is_dir() else str(Path(each).parent)
        found.append(each if above.count(os.sep) < 2 or above.startswith(_OF_IMAGES) else above)
    return found


def environment(surroundings: Surroundings) -> dict[str, str]:
    """What is set in a container from the start, beside what its image says."""
    if surroundings.closed:
        ours = {"LANG": "C.UTF-8", "TZ": "UTC"}
    else:  # what law and luigi are told by
        ours = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("LAW_", "LUIGI_")) and not name.startswith("LAW_SANDBOX")
        }
    return {"PYTHONNOUSERSITE": "1", **ours, **surroundings.variables}


def command(spec: SandboxSpec, run: Sequence[str]) -> list[str]:
    """The command that sets up what `spec` says, with what the image has, and then runs `run`.

    What the set-up prints is no part of what that says, and it reads nothing of what that is told.
    """
    lines = [*spec.before, *exports([*spec.variables, *_forwarding(spec)]), *spec.after]
    if not lines and not spec.login:
        return list(run)
    # law's commands are for bash, which not every image has
    shell = (
        ["bash", *(["-l"] if spec.login else [])] if spec.before or spec.after or spec.login else ["/bin/sh"]
    )
    return [*shell, "-c", f'{{ {" && ".join(lines) or ":"}\n}} {MUTE} && exec "$0" "$@"', *run]


def said(spec: SandboxSpec) -> Any:
    """What `spec` adds to what an image is."""
    return [
        {name: placeless(value) for name, value in spec.variables},
        [spec.before, spec.after],
        spec.login,
    ]


def directory(places: Iterable[Mount], surroundings: Surroundings) -> str | None:
    """Where it starts, if that is there."""
    here = surroundings.directory
    if here is None or not any(Path(here).is_relative_to(mount.target) for mount in places):
        return None
    return here


def _volume(host: str, inside: str) -> tuple[str, bool]:
    """Where a volume appears, and whether it can be written."""
    mode = _MODES.search(inside)
    target = inside[: mode.start()] if mode else inside
    for name, place in _FORWARD.items():
        target = target.replace(f"{{{{LAW_FORWARD_{name}}}}}", place)
    return target or os.path.abspath(host), mode is None or "ro" not in mode[0]  # noqa: PTH100  # links stay


def _forwarding(spec: SandboxSpec) -> list[tuple[str, str]]:
    """The paths that law's words in volumes ask for."""
    wanted = "".join(inside for _, inside in spec.volumes)
    return [
        (_FORWARDED[name], f"{place}:${{{_FORWARDED[name]}-}}")
        for name, place in _FORWARD.items()
        if f"{{{{LAW_FORWARD_{name}}}}}" in wanted
    ]
