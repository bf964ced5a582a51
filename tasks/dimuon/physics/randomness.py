"""Random numbers that belong to a key, and so to nothing else: no order, no process, no number of workers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def generator(*key: str | float) -> np.random.Generator:
    """The random numbers of `key`: the same ones in the same order, always."""
    import numpy as np

    digest = hashlib.sha256(repr(key).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
