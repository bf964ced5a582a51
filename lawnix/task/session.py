"""The session of this process: settings, store and what is known of tasks between runs."""

from __future__ import annotations  # a task class is loaded without what its session works with

import functools
import os
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lawnix.engine.session import Session
    from lawnix.settings import Settings
    from lawnix.task.view import View


class TaskSession:
    """What the tasks of one process share.

    What it works with is loaded when it is opened, and what plans when somebody asks for that: a task class does
    without the one, a run of what stands without the other.

    Attributes:
        settings: What the user set.
        store: Where realizations are found and kept.
        memo: Digests of files from outside.
    """

    def __init__(self, settings: Settings) -> None:
        from lawnix.store.local import LocalStore
        from lawnix.store.memo import StatMemo
        from lawnix.task.code.kept import kept

        self.settings = settings
        self.store = LocalStore.open(settings.store, index=settings.index, durability=settings.durability)
        self.memo = StatMemo(_files_memo(settings))
        self._kept = kept
        self._kept.memo = self.memo
        self._view: View | None = None
        self._changes = 0
        self.pid = os.getpid()

    @functools.cached_property
    def engine(self) -> Session:
        """What the engine works with."""
        from lawnix.task.view import engine_session

        return engine_session(self.settings, self.store, _files_memo(self.settings))

    @property
    def view(self) -> View:
        """What is known of tasks now, outside of a run."""
        from lawnix.task.view import View

        if self.store.refresh() or self._changes != self.store.changes:
            self.renew()
            self._changes = self.store.changes
        if self._view is None or self._view.is_broken:
            self._view = View(self.settings, self.engine, self.store, self.memo)
        return self._view

    def renew(self) -> None:
        """Forget what is known of tasks: code, files or the store may have changed."""
        self._view = None

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()
        self._kept.memo = None
        self.memo.close()


def _files_memo(settings: Settings) -> Path:
    return (settings.index or settings.store / "index.sqlite").with_name("files.sqlite")


_current: TaskSession | None = None


def session() -> TaskSession:
    """The session of this process; it is opened at first use, and anew in a forked one."""
    global _current  # noqa: PLW0603  # the one place where a process keeps its session
    if _current is None or _current.pid != os.getpid():
        from lawnix.settings import read_settings

        # not atexit: luigi's own worker runs a task in a process of multiprocessing, which does not ask that
        Finalize(None, close_session, exitpriority=100)
        _current = TaskSession(read_settings())
    return _current


def renew_session() -> None:
    """Let the session of this process, if there is one, find out anew what is known of tasks."""
    if _current is not None and _current.pid == os.getpid():
        _current.renew()


def close_session() -> None:
    """Close the session of this process; the next use opens another, with the settings of then."""
    global _current  # noqa: PLW0603  # see above
    if _current is not None and _current.pid == os.getpid():
        _current.close()
    _current = None
