"""Layout: what lies where in the directory of a store, and that it is a store at all."""

import contextlib
import os
from pathlib import Path
from typing import Final

from lawnix.errors import StoreFormatError
from lawnix.store.access import writing

FORMAT: Final = "lawnix store 1"

_DIRECTORIES: Final = ("objects", "journal", "builds", "logs", "claims", "roots")
LOCK: Final = "claims/gc.lock"
_DRAFT: Final = ".format-"
_NO_STORE: Final = "none (it is no store)"


def prepare(root: Path, *, create: bool) -> None:
    """Make sure that there is a store at `root`; make one if there is nothing and `create` is set.

    Raises:
        StoreFormatError: There is something else, or a store of another format.
        StoreAccessError: It cannot be made.
    """
    try:
        found = (root / "format").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        if not create or not _is_empty(root):
            raise StoreFormatError(root, _NO_STORE, FORMAT) from None
        _make(root)
        return
    if found != FORMAT:
        raise StoreFormatError(root, found[:80], FORMAT)
    if create and not all(
        (root / name).is_dir() for name in _DIRECTORIES
    ):  # a copy without its empty directories
        with contextlib.suppress(OSError):  # a store that is only read needs none of them
            for name in _DIRECTORIES:
                (root / name).mkdir(exist_ok=True)


def _is_empty(root: Path) -> bool:
    """Whether nothing is in `root`, or what is left of an attempt to make a store there, or a store by now."""
    try:
        found = list(root.iterdir())
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        return False
    names = {path.name for path in found}
    begun = {
        name for name in names & {*_DIRECTORIES} if {*map(str, (root / name).glob("*"))} <= {str(root / LOCK)}
    }
    drafts = {name for name in names if name.startswith(_DRAFT)}
    return "format" in names or names <= {*begun, *drafts, "lost+found"}


def _make(root: Path) -> None:
    with writing(root):
        for name in _DIRECTORIES:
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / LOCK).touch()
        draft = root / f"{_DRAFT}{os.getpid()}"
        draft.write_text(f"{FORMAT}\n", encoding="utf-8")
        draft.replace(root / "format")  # last: what has a format has all the rest
