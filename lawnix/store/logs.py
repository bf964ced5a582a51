"""Logs: what builds printed, by the realization that they left."""

import os
from pathlib import Path

from lawnix.core.digest import Digest
from lawnix.store.access import writing


class Logs:
    """The logs of the store at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, realization: Digest, log: Path) -> None:
        """Keep the text file `log`; it replaces one that was kept before."""
        import zstandard  # only where something was printed

        place = self.location(realization)
        draft = place.with_name(f"{place.name}.{os.getpid()}.draft")
        with writing(self._root):
            place.parent.mkdir(exist_ok=True)
            with log.open("rb") as source, draft.open("wb") as target:
                zstandard.ZstdCompressor(level=3).copy_stream(source, target)
            draft.replace(place)

    def read(self, realization: Digest) -> str | None:
        """The text that was kept; None if none was."""
        import zstandard

        try:
            with self.location(realization).open("rb") as file:
                return (
                    zstandard.ZstdDecompressor().stream_reader(file).read().decode("utf-8", errors="replace")
                )
        except FileNotFoundError:
            return None

    def location(self, realization: Digest) -> Path:
        """Where a log lies, or would lie."""
        return self._root / "logs" / realization[:2] / f"{realization}.zst"
