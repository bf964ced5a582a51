"""What the environment of the run itself is, for tasks without a sandbox, as far as it counts for them."""

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from law.config import Config

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError, SettingsError
from lawnix.sandbox.interpreter import host
from lawnix.sandbox.virtualenv.requirements import requirements_in
from lawnix.sandbox.virtualenv.uvlock import locked_requirements

_LOCKS: Final = ("uv.lock", "requirements.lock")


class Hosted(NamedTuple):
    """The environment of the run.

    Attributes:
        digest: What it is.
        parts: What that is made of, in words.
    """

    digest: Digest
    parts: Mapping[str, str]


def hosted(host_identity: str) -> Hosted:
    """The environment of this process, as far as it counts: `python`, `packages` or `lock`.

    Raises:
        SettingsError: It is to be known by a lock file, and there is none that says what is in it.
    """
    lock = _lock() if host_identity == "lock" else None
    places = [*host().packages, *([] if lock is None else [str(lock)])]
    return _hosted(host_identity, lock, tuple(map(_stamp, places)))


@functools.lru_cache(4)  # asked for every class
def _hosted(host_identity: str, lock: Path | None, stamps: Sequence[Any]) -> Hosted:
    here = host()
    form: Any = None
    versions: Mapping[str, str] = {}
    if lock is not None:
        form, versions = _locked(lock, here.markers)
    elif host_identity == "packages":
        form = versions = here.versions()
    parts = {"host": host_identity, **versions, "python": " ".join(here.what)}
    return Hosted(digest("host", canonical((host_identity, here.what, form))), parts)


def _stamp(place: str) -> tuple[str, int, int]:
    """What changes when something is installed, or a lock is written."""
    try:
        status = os.stat(place)
    except FileNotFoundError:
        return place, 0, 0
    return place, status.st_mtime_ns, status.st_size


def _lock() -> Path:
    config = Config.instance().config_file
    directory = Path(config).resolve().parent if config else Path.cwd()
    lock = next((directory / name for name in _LOCKS if (directory / name).is_file()), None)
    if lock is None:
        raise SettingsError(
            f"[lawnix] host_identity is lock, but there is neither {' nor '.join(_LOCKS)} in {directory}; write "
            "one, or let it be packages, python or none"
        )
    return lock


def _locked(lock: Path, markers: Mapping[str, str]) -> tuple[Any, Mapping[str, str]]:
    """What a lock pins for this machine."""
    try:
        listed = (
            locked_requirements(lock.parent, "host")
            if lock.name == "uv.lock"
            else requirements_in(lock, "host")
        )
    except SandboxError as error:
        raise SettingsError(f"[lawnix] host_identity is lock, but {error.reason}") from error
    pins = listed.here(markers)
    return ([pin.form for pin in pins], listed.loose), {pin.name: pin.version for pin in pins}
