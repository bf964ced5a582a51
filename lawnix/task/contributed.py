"""Kinds of sandboxes that law has, and loads on request."""

from typing import Final

import law

_CONTRIBUTED: Final = ("docker", "singularity")


def load_kind(kind: str) -> None:
    """Have law know a kind of sandbox, so that nobody has to ask for it."""
    if kind in _CONTRIBUTED:
        law.contrib.load(kind)
