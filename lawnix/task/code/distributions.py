"""Distributions: which installed package a module comes from, told from the names of what pip left beside it.

Only what is asked for is looked at, as `importlib.metadata.packages_distributions` reads thousands of files.
"""

import functools
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_Folder = tuple[str, int]  # a place on sys.path, and when it last changed
_STANDARD: Final = os.path.dirname(os.__file__)
_METADATA: Final = (".dist-info", ".egg-info")


def distribution_of(top: str) -> str | None:
    """Name and version of the distribution that brings the top-level module `top`, as `numpy 2.1.0`.

    Several, separated by commas, of a namespace that they share; None if it was not installed.
    """
    return _distribution_of(top, _folders())


def editable_roots() -> tuple[str, ...]:
    """The folders of what was installed to be edited in place (`pip install -e`), but law, luigi and lawnix."""
    return _editable_roots(_folders())


def _folders() -> tuple[_Folder, ...]:
    folders = []
    for path in sys.path:
        if path != _STANDARD:
            try:
                folders.append((path, os.stat(path or ".").st_mtime_ns))
            except OSError:
                continue
    return tuple(dict.fromkeys(folders))


@functools.lru_cache(maxsize=1000)
def _distribution_of(top: str, folders: tuple[_Folder, ...]) -> str | None:
    found = []
    for folder in folders:
        names = _installed(folder)
        direct = names.get(_normal(top))
        is_whole = any(os.path.exists(os.path.join(folder[0], top + end)) for end in (".py", "/__init__.py"))
        if direct is not None and is_whole:
            return direct[0]
        found += [shown for shown, place in names.values() if _provides(place, top)]
        if found and is_whole:
            break
    return ", ".join(sorted(set(found))) or None


@functools.lru_cache(maxsize=1000)
def _installed(folder: _Folder) -> dict[str, tuple[str, str]]:
    """The distributions in a folder, by normal name: name with version, and where that is written."""
    found = {}
    try:
        entries = [entry for entry in os.scandir(folder[0] or ".") if entry.name.endswith(_METADATA)]
    except OSError:
        return {}
    for entry in entries:
        name, _, version = entry.name.rpartition(".")[0].partition("-")
        version = version.partition("-py")[0] if entry.name.endswith(".egg-info") else version
        found[_normal(name)] = (f"{_normal(name)} {version}".strip(), entry.path)
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _provides(place: str, top: str) -> bool:
    """Whether the distribution that is described at `place` brings the module `top`."""
    names = _read(os.path.join(place, "top_level.txt"))
    if names is not None:
        return top.encode() in names.split()
    files = b"\n" + (_read(os.path.join(place, "RECORD")) or b"")
    return any(b"\n" + top.encode() + end in files for end in (b"/", b".py,", b".cpython", b".abi3", b".so,"))


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:  # most are not there: a Path takes as long as the look
            return file.read()
    except OSError:
        return None


@functools.lru_cache(maxsize=1000)
def _editable_roots(folders: tuple[_Folder, ...]) -> tuple[str, ...]:
    roots = {root for folder in folders for name, root in _editable_in(folder) if name not in _TOOLS}
    return tuple(
        sorted({each for root in roots for each in (root, os.path.realpath(root)) if each.strip(os.sep)})
    )


_TOOLS: Final = frozenset({"law", "luigi", "lawnix"})


def _editable_in(folder: _Folder) -> Iterator[tuple[str, str]]:
    for name, (_, place) in _installed(folder).items():
        text = _read(os.path.join(place, "direct_url.json"))
        if text is not None:
            said = json.loads(text)
            url = urlsplit(said.get("url", ""))
            if said.get("dir_info", {}).get("editable") and url.scheme == "file":
                yield name, os.path.abspath(unquote(url.path))
    for link in Path(folder[0]).glob("*.egg-link"):  # as setuptools did once
        lines = (_read(str(link)) or b"").decode(errors="replace").split("\n")
        yield _normal(link.stem), os.path.abspath(lines[0].strip())
