"""Roots: what is kept from being collected, by name."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from lawnix.core.digest import Digest, parse_digest
from lawnix.errors import InvalidDigestError, StoreError
from lawnix.store.access import writing


class Roots:
    """The roots of the store at `root`: a file each, a JSON list of the names of realizations."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, name: str, realizations: Sequence[Digest]) -> None:
        """Keep `realizations` under `name`; replaces what had that name."""
        place = self._place(name)
        text = json.dumps(list(realizations))
        if _said(place) == text:
            return
        draft = place.with_name(f".{os.getpid()}.draft")
        with writing(self._root):
            draft.write_text(text, encoding="utf-8")
            draft.replace(place)

    def all(self) -> dict[str, list[Digest]]:
        """All roots.

        Raises:
            StoreError: A root cannot be read. What it keeps is not known then, so nothing may be collected.
        """
        found = {}
        for place in sorted((self._root / "roots").iterdir()):
            if place.name.startswith("."):
                continue
            try:
                found[unquote(place.name)] = [parse_digest(text) for text in json.loads(place.read_bytes())]
            except FileNotFoundError:  # removed in this moment
                continue
            except (ValueError, TypeError, InvalidDigestError) as error:
                raise StoreError(f"{place} is no root ({error}); remove it if what it kept may go") from error
        return found

    def remove(self, name: str) -> None:
        """Let go what is kept under `name`; it is fine if nothing is."""
        with writing(self._root):
            self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        quoted = quote(name, safe=" +,=@")
        return self._root / "roots" / (quoted if not quoted.startswith(".") else "%2E" + quoted[1:])


def _said(place: Path) -> str | None:
    try:
        return place.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
