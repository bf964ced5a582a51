"""The session of this process: settings, store and what is known of tasks between runs."""

import logging
import os
from collections.abc import Sequence
from multiprocessing.util import Finalize
from pathlib import Path

import law
import luigi

from lawnix.core.matcher import BY_NAME
from lawnix.core.realization import Realization
from lawnix.engine.environment import build_environment
from lawnix.engine.graph import DerivedNode
from lawnix.engine.observe.surroundings import Surroundings
from lawnix.engine.plan import Plan
from lawnix.engine.session import Session
from lawnix.settings import Settings, read_settings
from lawnix.store.local import LocalStore
from lawnix.store.memo import StatMemo
from lawnix.task.code.kept import kept
from lawnix.task.walk import Walker

logger = logging.getLogger(__name__)


class TaskSession:
    """What the tasks of one process share.

    Attributes:
        settings: What the user set.
        engine: What the engine works with.
        memo: Digests of files from outside.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        store = LocalStore.open(settings.store, index=settings.index, durability=settings.durability)
        self.engine = Session(
            store,
            matcher=BY_NAME[settings.matcher],
            environment=build_environment() if settings.build_environment else {},
            keep_failed=settings.keep_failed,
            surroundings=_surroundings(settings) if settings.isolation == "observe" else None,
        )
        self.memo = StatMemo(_files_memo(settings))
        kept.memo = self.memo
        self._view: tuple[Walker, Plan] | None = None
        self._changes = 0
        self.pid = os.getpid()

    @property
    def store(self) -> LocalStore:
        """Where realizations are found and kept."""
        store = self.engine.store
        assert isinstance(store, LocalStore)
        return store

    def renew(self) -> None:
        """Forget what is known of tasks: code, files or the store may have changed."""
        self._view = None

    def view(self, tasks: Sequence[luigi.Task]) -> tuple[Walker, Plan, list[int]]:
        """What is known of `tasks` now, outside of a run: the walker, the plan, and their nodes."""
        if self.store.refresh() or self._changes != self.store.changes:
            self.renew()
            self._changes = self.store.changes
        if self._view is None:
            walker = Walker(self.settings, self.memo, self.store)
            self._view = walker, Plan(walker.graph, self.engine, walker)
        walker, plan = self._view
        known = len(walker.graph)
        numbers = walker.walk(tasks)
        if len(walker.graph) > known:  # targets ask one by one, mostly about what is known already
            try:
                plan.extend()
            except Exception:  # next time, it is to be told again
                self.renew()
                raise
            plan.settle()
            plan.settle_partly(lambda number: False)
        plan.demand(numbers)
        return walker, plan, numbers

    def realization(self, task: luigi.Task) -> tuple[DerivedNode, Realization | None]:
        """The node of a task, and the realization that is chosen for it."""
        walker, plan, (number,) = self.view([task])
        node = walker.graph.nodes[number]
        assert isinstance(node, DerivedNode)
        settled = plan.settled.get(number)
        return node, settled.realization if settled else None

    def is_complete(self, task: luigi.Task) -> bool:
        """Whether nothing would have to run for `task`."""
        _, plan, (number,) = self.view([task])
        return number in plan.settled

    def forget(self, tasks: Sequence[luigi.Task], reason: str) -> None:
        """Forget what was realized for `tasks`, so that the next run builds them again."""
        _, plan, numbers = self.view(tasks)
        keys = {plan.keys[number] for number in numbers if number in plan.keys}
        nodes = [plan.graph.nodes[number] for number in numbers]
        # the key of a task is not known while something that it needs has to be built
        derivations = [
            n.derivation.digest for n in nodes if isinstance(n, DerivedNode) and n.derivation is not None
        ]
        found = [*self.store.realizations(keys).values(), *self.store.by_derivation(derivations).values()]
        realizations = list({r.digest: r for several in found for r in several}.values())
        if realizations:
            self.store.forget(realizations, reason)
            self.renew()

    def close(self) -> None:
        """Let go of the store."""
        self.engine.store.close()
        kept.memo = None
        self.memo.close()


def _files_memo(settings: Settings) -> Path:
    return (settings.index or settings.store / "index.sqlite").with_name("files.sqlite")


def _surroundings(settings: Settings) -> Surroundings:
    """What builds may touch undeclared: beside the environment's own, what law and lawnix keep for themselves."""
    databases = [settings.index, _files_memo(settings)] if settings.index is not None else []
    files = [
        path.with_name(path.name + end) for path in databases for end in ("", "-wal", "-shm", "-journal")
    ]
    tools = [Path(path) for package in (law, luigi) for path in package.__path__]
    return Surroundings(settings.store, build_environment(), [*files, *tools])


_current: TaskSession | None = None


def session() -> TaskSession:
    """The session of this process; it is opened at first use, and anew in a forked one."""
    global _current  # noqa: PLW0603  # the one place where a process keeps its session
    if _current is None or _current.pid != os.getpid():
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
