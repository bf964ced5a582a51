"""Layout: what lies where in the directory of a store, and that it is a store at all."""

import os
from pathlib import Path
from typing import Final

from lawnix.errors import StoreFormatError
from lawnix.store.access import writing

FORMAT: Final = "lawnix store 1"

_DIRECTORIES: Final = ("objects", "journal", "builds", "logs", "claims", "roots")
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


def _is_empty(root: Path) -> bool:
    """Whether nothing is in `root`, but what another process that makes a store there has begun."""
    try:
        names = [path.name for path in root.iterdir()]
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        return False
    return all(name.startswith(_DRAFT) or name in {"format", "lost+found"} for name in names)


def _make(root: Path) -> None:
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        draft = root / f"{_DRAFT}{os.getpid()}"
        draft.write_text(f"{FORMAT}\n", encoding="utf-8")
        draft.replace(root / "format")  # at once, so that no one sees a part of it
        for name in _DIRECTORIES:
            (root / name).mkdir(exist_ok=True)
        (root / "claims" / "gc.lock").touch()
