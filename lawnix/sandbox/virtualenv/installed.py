"""What is installed for a Python that somebody else looks after: the files count as they are now.

What was recorded when they were installed says nothing of an edit, nor of modules that were laid there by hand.
"""

# ruff: noqa: PTH118
# Places are strings here, since an environment may have very many files.

import json
import os
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from lawnix.core.digest import Digest
from lawnix.sandbox.contents import bytes_of
from lawnix.sandbox.interpreter import Interpreter

_OF_INSTALLERS: Final = (".dist-info/", ".egg-info/")  # which say who has installed it, when, and from where
_COUNTED_THERE: Final = "entry_points.txt"
_OF_NO_PACKAGE: Final = ("__pycache__", "_virtualenv.py", "_virtualenv.pth")  # made with any environment


def installed_form(interpreter: Interpreter, home: Path) -> tuple[list[tuple[str, str]], list[str], Digest]:
    """What is installed for a Python: packages with versions, files, and the digest of what they hold; `home` keeps it.

    Raises:
        OSError: Something cannot be read.
    """
    packages = dict(interpreter.distributions())
    files: dict[str, str] = {}
    for number, place in enumerate(filter(os.path.isdir, interpreter.packages)):
        files.update((f"{number}/{name}", path) for name, path in _files(place))
    for package, each in packages.items():
        files.update((f"{package}/{name}", path) for name, path in _sources(_edited_in_place(each)))
    names = sorted(files)
    versions = sorted((name, each.version) for name, each in packages.items())
    return versions, names, bytes_of([files[name] for name in names], home)


def _files(root: str) -> Iterator[tuple[str, str]]:
    """What lies below a directory where packages are installed, by name; links are followed, in no circle."""
    pending: list[tuple[str, tuple[str, ...]]] = [("", (os.path.realpath(root),))]
    while pending:
        above, behind = pending.pop()
        of_installer = above.endswith(_OF_INSTALLERS)
        with os.scandir(os.path.join(root, above)) as entries:
            for entry in entries:
                name = f"{above}{entry.name}"
                if entry.name in _OF_NO_PACKAGE:
                    continue
                place = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if entry.is_file() and (not of_installer or entry.name == _COUNTED_THERE):
                    yield name, place
                elif entry.is_dir() and place not in behind:
                    pending.append((f"{name}/", (*behind, place) if entry.is_symlink() else behind))


def _edited_in_place(distribution: Distribution) -> str:
    """Where the modules of a distribution lie that is edited in place; nothing if it is not."""
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    return unquote(urlsplit(origin["url"]).path) if origin.get("dir_info", {}).get("editable") else ""


def _sources(root: str) -> Iterator[tuple[str, str]]:
    """The modules below a directory, by name; environments and what is hidden are no part of it."""
    for directory, below, files in os.walk(root):
        below[:] = [
            each
            for each in below
            if not each.startswith(".") and not Path(directory, each, "pyvenv.cfg").exists()
        ]
        for name in files:
            path = Path(directory, name)
            if path.suffix in (".py", ".so") and path.is_file():
                yield str(path.relative_to(root)), os.path.realpath(path)
