"""What the nodes of a graph stand for: tasks, as the engine sees them."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import luigi

from lawnix.core.canonical import canonical
from lawnix.core.derivation import Derivation, Input
from lawnix.core.digest import Digest, digest
from lawnix.core.realization import Read
from lawnix.engine.current import Build
from lawnix.engine.graph import Graph
from lawnix.store.memo import StatMemo
from lawnix.task.code.views import Log
from lawnix.task.copies import own, state_of
from lawnix.task.foreign import contents_of, locations_of, missing_of
from lawnix.task.identity import Family, Siblings
from lawnix.task.instances import Examples
from lawnix.task.kept import keep_name
from lawnix.task.registered import title_of
from lawnix.task.remembered import Known
from lawnix.task.steps import run_to_end, task_name
from lawnix.task.structure import leaves

if TYPE_CHECKING:
    from lawnix.task.enclosure import Enclosure


class Walk(Protocol):
    """The walk that made the graph."""

    graph: Graph

    def number_of(self, task: luigi.Task) -> int | None:
        """The node of a task of the graph."""
        ...

    def task_of(self, number: int) -> luigi.Task:
        """The task of a node."""
        ...

    @property
    def examples(self) -> Examples:
        """How tasks of the classes that were met are made."""
        ...

    @property
    def known(self) -> Known:
        """What nobody gave for their parameters."""
        ...

    @property
    def fetched(self) -> dict[str, Digest]:
        """Contents of targets that are elsewhere, by their URIs, as far as they were fetched."""
        ...

    @property
    def default_timeout(self) -> float:
        """After how many seconds a build is ended that says nothing of it; 0 for never."""
        ...


class TaskWork:
    """A task as the engine sees it: what it is called, and what luigi says about running it.

    Attributes:
        walk: Where the nodes of other tasks are found.
        is_luigis: Whether luigi's own worker runs it, which then calls `on_success()` and `on_failure()` itself.
    """

    __slots__ = ("_required", "_task", "is_luigis", "walk")

    def __init__(self, task: luigi.Task | None, requirements: Any, walk: Walk) -> None:
        self._task = task
        self._required = requirements
        self.walk = walk
        self.is_luigis = False

    @property
    def task(self) -> Any:
        """The task."""
        return self._task

    @property
    def speaker(self) -> Any:
        """Who tells what luigi says about running it."""
        return self.task

    @property
    def requirements(self) -> Any:
        """What its `requires()` returned when the graph was made; None of what is not built itself."""
        return self._required

    @property
    def label(self) -> str:
        """The task family."""
        return str(self.task.get_task_family())

    def title(self) -> str:
        """The task with its parameters."""
        return title_of(self.task)

    @property
    def priority(self) -> int:
        """As luigi's."""
        return int(self.speaker.priority)

    @property
    def resources(self) -> Mapping[str, int]:
        """As luigi's."""
        return dict(self.speaker.process_resources())

    @property
    def attempts(self) -> int:
        """As many as luigi's `retry_count` of the task, if it has one; else it is not tried again."""
        return max(1, int(self.speaker.retry_count or 1))

    @property
    def timeout(self) -> float:
        """As luigi's `worker_timeout`."""
        own = self.speaker.worker_timeout
        return self.walk.default_timeout if own is None else float(own)

    def run(self, build: Build) -> None:
        """Run the author's `run()` to its end."""
        run_to_end(self.task, build, self.walk.task_of, with_hooks=not self.is_luigis)


class DerivedTaskWork(TaskWork):
    """A lawnix task."""

    __slots__ = ("_siblings",)

    def __init__(
        self, task: luigi.Task | None, requirements: Any, walk: Walk, siblings: Siblings | None
    ) -> None:
        super().__init__(task, requirements, walk)
        self._siblings = siblings

    @property
    def siblings(self) -> Siblings:
        """What it shares with other branches, if it is one."""
        assert self._siblings is not None
        return self._siblings

    @property
    def enclosure(self) -> "Enclosure | None":
        """What it is built in; None for the process of the run."""
        return self.siblings.enclosure

    @property
    def kind(self) -> object:
        """What is the same for tasks of which one tells class and workflow of all."""
        return self.siblings

    @property
    def family(self) -> Family:
        """What all tasks of its class share."""
        return self.siblings.family

    @property
    def label(self) -> str:
        """The task family."""
        return self.family.label

    @property
    def branch(self) -> int | None:
        """The number of the branch, if it is one."""
        return state_of(self.task)["branch"] if self.siblings.are_branches else None

    def derive(self, inputs: Mapping[str, Input]) -> Derivation:
        """What decides the result."""
        return self.siblings.derive(self.task, inputs)

    def run(self, build: Build) -> None:
        """Run the author's `run()` to its end.

        Raises:
            ChangedMeanwhileError: It imported code that is not what was digested.
        """
        if build.session.keep_failed:
            keep_name(build, task_name(self.task))
        tracked, state = self.family.code.tracked, state_of(self.task)
        assert build.directory is not None
        log = Log(f"{os.path.dirname(build.directory)}/reads", tracked.look)
        with log:
            if (enclosure := self.enclosure) is None:
                super().run(build)
            else:
                enclosure.run(self, build)
        build.reads = tracked.reads(log, self.title, state)
        self.family.late.check(self.label)

    def changed(self, reads: Sequence[Read]) -> Sequence[str]:
        """What of this would be read otherwise now, in words; nothing if all still holds."""
        return self.family.code.tracked.changed(reads, state_of(self.task)) if reads else ()

    def digest_functions(self) -> Mapping[str, Callable[[Path], object]]:
        """The author's functions that say what an output means, by its name."""
        targets = (target for _, target in leaves(own(self.task, "output")()))
        return {target.name: target.digest for target in targets if callable(target.digest)}

    @property
    def components(self) -> Mapping[str, str]:
        """The digests of the parts of its code."""
        return {component.name: component.digest for component in self.family.code.components}

    @property
    def sandbox_parts(self) -> Mapping[str, str]:
        """What it is built in, as far as that decides the result, in words."""
        enclosure, hosted = self.enclosure, self.family.hosted
        if enclosure is not None and enclosure.digest is not None:
            return {"sandbox": str(enclosure.sandbox.spec), **enclosure.sandbox.parts()}
        return {} if hosted is None else hosted.parts

    @property
    def places(self) -> Mapping[str, str]:
        """Where these parts stand, as seen from the working directory if they lie below it."""
        here = os.getcwd() + os.sep
        return {
            each.name: f"{each.file.removeprefix(here)}:{each.line}"
            if each.line
            else each.file.removeprefix(here)
            for each in self.family.code.components
            if each.file is not None
        }

    def wordings(self) -> Mapping[Digest, str]:
        """How these parts are written, by their digests."""
        found: dict[Digest, str] = {}
        for each in self.family.code.components:
            if each.words is not None:
                with suppress(OSError):  # a file that is gone by now
                    found[each.digest] = each.words()
        return found

    @property
    def files(self) -> Collection[str]:
        """The files of these parts."""
        return {each.file for each in self.family.code.components if each.file is not None}

    @property
    def variables(self) -> Collection[str]:
        """The environment variables that it declares."""
        return self.family.environment.keys()

    @property
    def derives_again(self) -> bool:
        """No: what the author's code says may have changed."""
        return False

    @property
    def assumed_complete(self) -> bool:
        """Whether a `complete()` of the author says that there is nothing to do."""
        own = type(self.speaker).complete
        return getattr(own, "__module__", "").split(".")[0] not in ("law", "luigi", "lawnix") and bool(
            self.task.complete()
        )


class ForeignTaskWork(TaskWork):
    """A task of plain law or luigi, whose outputs lie at their own place."""

    __slots__ = ("_identity", "_memo")

    def __init__(self, task: luigi.Task, requirements: Any, walk: Walk, memo: StatMemo) -> None:
        super().__init__(task, requirements, walk)
        self._memo = memo
        self._identity: Digest | None = None

    @property
    def external(self) -> bool:
        """Whether it has no run()."""
        run: Any = self.task.run
        return run is None or run is NotImplemented

    @property
    def identity(self) -> Digest:
        """The family and the significant parameters."""
        if self._identity is None:
            parameters = self.task.to_str_params(only_significant=True)
            self._identity = digest("foreign", canonical((self.label, parameters)))
        return self._identity

    def complete(self) -> bool:
        """As the task says."""
        return bool(self.task.complete())

    def content(self) -> Digest:
        """What its outputs hold: contents and file names by role, never their places.

        Raises:
            MissingInputError: An output is not there.
        """
        return contents_of([self.task], self._memo, self.walk.fetched)[0]

    def locations(self) -> Collection[str]:
        """Where its outputs lie, as far as they are files and directories of this machine."""
        return locations_of(self.task)

    def missing(self) -> str:
        """Where the first output that does not exist should be."""
        return missing_of(self.task)
