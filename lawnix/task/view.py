"""The view: what is known of tasks outside of a run, and what the engine works with to find it out."""

from collections.abc import Sequence
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
from lawnix.settings import Settings
from lawnix.store.local import LocalStore
from lawnix.store.memo import StatMemo
from lawnix.task.walk import Walker


def engine_session(settings: Settings, store: LocalStore, memo: Path) -> Session:
    """What the engine works with, in a process whose stat memo lies at `memo`."""
    return Session(
        store,
        matcher=BY_NAME[settings.matcher],
        environment=build_environment() if settings.build_environment else {},
        keep_failed=settings.keep_failed,
        surroundings=_surroundings(settings, memo) if settings.isolation == "observe" else None,
    )


def _surroundings(settings: Settings, memo: Path) -> Surroundings:
    """What builds may touch undeclared: beside the environment's own, what law and lawnix keep for themselves."""
    databases = [settings.index, memo] if settings.index is not None else []
    files = [
        path.with_name(path.name + end) for path in databases for end in ("", "-wal", "-shm", "-journal")
    ]
    tools = [Path(path) for package in (law, luigi) for path in package.__path__]
    return Surroundings(settings.store, build_environment(), [*files, *tools])


class View:
    """What is known of the tasks that were asked about.

    Attributes:
        is_broken: Whether something failed meanwhile, so that it is of no use any more.
    """

    def __init__(self, settings: Settings, engine: Session, store: LocalStore, memo: StatMemo) -> None:
        self._store = store
        self._walker = Walker(settings, memo, store)
        self._plan = Plan(self._walker.graph, engine, self._walker)
        self.is_broken = False

    def numbers(self, tasks: Sequence[luigi.Task]) -> list[int]:
        """The nodes of `tasks`, about which all is known now."""
        known = len(self._walker.graph)
        try:
            numbers = self._walker.walk(tasks)
            if len(self._walker.graph) > known:  # targets ask one by one, mostly about what is known already
                self._plan.extend()
                self._plan.settle()
                self._plan.settle_partly(lambda number: False)
        except Exception:
            self.is_broken = True
            raise
        self._plan.demand(numbers)
        return numbers

    def realization(self, task: luigi.Task) -> Realization | None:
        """The realization that is chosen for a task."""
        (number,) = self.numbers([task])
        settled = self._plan.settled.get(number)
        return settled.realization if settled else None

    def is_complete(self, task: luigi.Task) -> bool:
        """Whether nothing would have to run for `task`."""
        (number,) = self.numbers([task])
        return number in self._plan.settled

    def forget(self, tasks: Sequence[luigi.Task], reason: str) -> None:
        """Forget what was realized for `tasks`, so that the next run builds them again."""
        numbers, plan = self.numbers(tasks), self._plan
        keys = {plan.keys[number] for number in numbers if number in plan.keys}
        nodes = [plan.graph.nodes[number] for number in numbers]
        # the key of a task is not known while something that it needs has to be built
        derivations = [
            n.derivation.digest for n in nodes if isinstance(n, DerivedNode) and n.derivation is not None
        ]
        found = [*self._store.realizations(keys).values(), *self._store.by_derivation(derivations).values()]
        realizations = list({r.digest: r for several in found for r in several}.values())
        if realizations:
            self._store.forget(realizations, reason)
