"""The store that is asked, and where answers are printed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from lawnix.errors import StoreError
from lawnix.settings import read_settings
from lawnix.store.local import LocalStore


@contextmanager
def opened_store() -> Iterator[LocalStore]:
    """The store of the settings, which has to be there."""
    settings = read_settings()
    if not settings.store.exists():
        raise StoreError(
            f"there is no store at {settings.store} yet; run a task, or see [lawnix] store in law.cfg"
        )
    store = LocalStore.open(
        settings.store, index=settings.index, durability=settings.durability, create=False
    )
    store.refresh()
    try:
        yield store
    finally:
        store.close()


def console(*, stderr: bool = False) -> Console:
    """Where people read; lines are as long as they are, so that they can be searched and copied."""
    return Console(
        file=sys.stderr if stderr else sys.stdout, soft_wrap=True, highlight=False, markup=False, emoji=False
    )
