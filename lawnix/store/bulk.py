"""Bulk: what helps when many small values are made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the garbage collector wait; it would look at all that is being made again and again, and find nothing."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def frozen() -> Iterator[None]:
    """Let the garbage collector leave alone what lives by now, here and in processes that are forked meanwhile.

    Not to look at it saves time, and the pages that a forked process shares stay shared.
    """
    is_within = bool(_within) or bool(gc.get_freeze_count())  # then somebody else ends it
    gc.freeze()
    _within.append(None)
    try:
        yield
    finally:
        _within.pop()
        if not is_within:
            gc.unfreeze()


_within: Final[list[None]] = []  # for each that goes on; to have what is frozen counted each time takes long
