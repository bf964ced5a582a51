"""Containers whose process is gone: of one that was killed between making and starting one, nothing else would tell."""

import os
import socket
from pathlib import Path
from typing import Any, Final

_LABEL: Final = "lawnix"
_OWNER: Final = "lawnix.owner"
_HOME: Final = "lawnix.home"


def label(sandbox: str, home: Path) -> dict[str, str]:
    """What a container of this process is marked with."""
    return {_LABEL: sandbox, _HOME: str(home), _OWNER: f"{_here()} {_process(os.getpid())}"}


def remove_orphans(client: Any, home: Path) -> list[str]:
    """Remove the containers of `home` whose process is gone; their ids.

    Of a process on another host, or that is seen elsewhere by another number, nothing can be told.
    """
    import docker

    removed = []
    for each in client.containers(all=True, filters={"label": [f"{_HOME}={home}"]}):
        where, _, process = each["Labels"].get(_OWNER, "").rpartition(" ")
        number = process.partition(":")[0]
        if where != _here() or (number.isdigit() and _process(int(number)) == process):
            continue
        try:
            client.remove_container(each["Id"], force=True)
        except docker.errors.APIError:  # it is being removed, by itself or by another
            continue
        removed.append(str(each["Id"]))
    return removed


def _here() -> str:
    """Where the numbers of processes mean what they mean here."""
    return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').readlink()}"


def _process(number: int) -> str:
    """A process by its number and when it started, since numbers come again."""
    try:
        said = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{number}:{said[19]}"
