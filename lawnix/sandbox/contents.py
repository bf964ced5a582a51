"""What lies in images, recipes, environments, which may be large: read once, and again when stat says something else.

Counted is what a container can see of it: names, kinds, bytes, whether a file is executable, and where links lead; no
owner, no time, and not the place.
"""

# ruff: noqa: PTH115, PTH118
# Places are strings here, since an image may have very many files.

import contextlib
import json
import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from blake3 import blake3

from lawnix.core.canonical import canonical
from lawnix.core.digest import SIZE, Digest, digest, written_digest

_BLOCK: Final = 1 << 20  # bytes
_MARGIN: Final = 2_000_000_000  # ns; what was written so lately might be written once more without a trace


def content_of(place: Path, home: Path, *, is_image: bool = False) -> Digest:
    """The digest of the file, or the directory with all below it, at `place`; `home` keeps it.

    Of an image that is a file the bytes alone count.

    Raises:
        OSError: It cannot be read.
    """
    if place.is_dir():
        return content_of_these(place, sorted(_below(str(place))), home)
    real = Path(os.path.realpath(place))
    return _remembered(real.parent, [real.name], home, counted=2 if is_image else 1)


def content_of_these(root: Path, names: Sequence[str], home: Path) -> Digest:
    """The digest of the files, directories and links with these names below `root`; `home` keeps it.

    Raises:
        OSError: One cannot be read.
    """
    return _remembered(root, names, home, counted=0)


def bytes_of(places: Sequence[str], home: Path) -> Digest:
    """The digest of what these files hold, in this order, wherever they lie; `home` keeps it.

    Raises:
        OSError: One cannot be read.
    """
    return _remembered(Path("/"), places, home, counted=2)


def _remembered(root: Path, names: Sequence[str], home: Path, counted: int) -> Digest:
    """The digest of what has these names; of name, kind and bytes of each, those from `counted` on."""
    begin = time.time_ns()
    found = [(name, os.lstat(os.path.join(root, name))) for name in names]
    stamp = _stamp(found)
    kept = home / "contents" / digest("place", canonical((counted, os.fsencode(root), list(names))))
    try:
        known = json.loads(kept.read_text())
    except (OSError, ValueError):
        known = {}
    if known.get("stamp") == stamp:
        return Digest(known["digest"])
    parts = [(name, *_part(root / name, status))[counted:] for name, status in found]
    result = digest("contents", canonical(parts))
    settled = all(max(status.st_mtime_ns, status.st_ctime_ns) < begin - _MARGIN for _, status in found)
    # the same stat afterwards, and long enough before: no write can have gone unnoticed
    if settled and _stamp([(name, os.lstat(os.path.join(root, name))) for name in names]) == stamp:
        with contextlib.suppress(OSError):  # a store that is only read
            _keep(kept, {"stamp": stamp, "digest": result})
    return result


def _below(directory: str) -> Iterator[str]:
    """The names of all below a directory, relative to it."""
    pending = [""]
    while pending:
        above = pending.pop()
        with os.scandir(os.path.join(directory, above)) as entries:
            for entry in entries:
                name = f"{above}{entry.name}"
                yield name
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{name}/")


def _stamp(found: Sequence[tuple[str, os.stat_result]]) -> Digest:
    """What stat says of all of them."""
    said = [
        (name, each.st_size, each.st_mode, each.st_mtime_ns, each.st_ctime_ns, each.st_ino)
        for name, each in found
    ]
    return digest("stamp", repr(said).encode())  # it is kept here alone


def _part(place: Path, status: os.stat_result) -> tuple[str, str]:
    """The kind of one, and what it holds."""
    if stat.S_ISLNK(status.st_mode):
        return "l", os.readlink(place)
    if stat.S_ISREG(status.st_mode):
        return "x" if status.st_mode & 0o111 else "f", _file(place)
    return "d" if stat.S_ISDIR(status.st_mode) else "o", ""


def _file(place: Path) -> Digest:
    state = blake3(b"file\0")
    with place.open("rb") as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return written_digest(state.digest(length=SIZE))


def _keep(place: Path, known: object) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    beside.write_text(json.dumps(known))
    beside.replace(place)
