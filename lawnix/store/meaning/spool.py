"""Spooling: what lies in an archive, as a file of its own for as long as it is read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

LARGEST: Final = 16 << 30  # bytes; what is larger is not spooled

_COPIED: Final = 1 << 20  # bytes at a time


class TooLargeToSpoolError(Exception):
    """A member is larger than `LARGEST`, or is said to be smaller than it is."""


@contextmanager
def spooled(stream: IO[bytes], largest: int = LARGEST) -> Iterator[Path]:
    """A temporary file with what is left in `stream`."""
    with tempfile.NamedTemporaryFile(prefix="lawnix-") as file:
        left = largest
        while block := stream.read(_COPIED):
            left -= len(block)
            if left < 0:
                raise TooLargeToSpoolError(f"more than {largest} bytes in an archive")
            file.write(block)
        file.flush()
        yield Path(file.name)
