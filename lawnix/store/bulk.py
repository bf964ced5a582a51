"""Bulk: what helps when many small values are made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
    if gc.get_freeze_count():  # somebody else has done so, and ends it
        gc.freeze()
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
