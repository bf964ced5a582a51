"""What a node of a graph stands for, as far as the engine has to know: tasks with results of their own, and others."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lawnix.core.derivation import Derivation, Input
from lawnix.core.digest import Digest
from lawnix.core.realization import Read
from lawnix.engine.current import Build


class Work(Protocol):
    """What a node stands for, as far as the engine has to know."""

    @property
    def label(self) -> str:
        """The name that it shares with others of its kind."""
        ...

    def title(self) -> str:
        """The task as people read it, with its parameters."""
        ...

    @property
    def priority(self) -> int:
        """Among ready nodes, larger goes first."""
        ...

    @property
    def resources(self) -> Mapping[str, int]:
        """What is used up while it runs."""
        ...

    @property
    def attempts(self) -> int:
        """How many times it is tried, at least 1."""
        ...

    @property
    def timeout(self) -> float:
        """After how many seconds a build is ended; 0 for never."""
        ...


class DerivedWork(Work, Protocol):
    """A task whose outputs are store targets."""

    def derive(self, inputs: Mapping[str, Input]) -> Derivation:
        """What decides the result, its inputs being named `inputs`."""
        ...

    def run(self, build: Build) -> None:
        """Run the author's code to its end; see `Build`."""
        ...

    def digest_functions(self) -> Mapping[str, Callable[[Path], object]]:
        """The author's functions that say what an output means, by its name."""
        ...

    def changed(self, reads: Sequence[Read]) -> Sequence[str]:
        """What of this would be read otherwise now, in words; nothing if all still holds."""
        ...

    @property
    def components(self) -> Mapping[str, str]:
        """The digests of the parts of its code, by their names."""
        ...

    @property
    def sandbox_parts(self) -> Mapping[str, str]:
        """What it is built in, as far as that decides the result, in words."""
        ...

    @property
    def places(self) -> Mapping[str, str]:
        """Where these parts stand, as `file:line`, by their names."""
        ...

    def wordings(self) -> Mapping[Digest, str]:
        """How these parts are written, by their digests, as far as that can be told."""
        ...

    @property
    def files(self) -> Collection[str]:
        """The files of these parts."""
        ...

    @property
    def variables(self) -> Collection[str]:
        """The environment variables that it declares."""
        ...

    @property
    def derives_again(self) -> bool:
        """Whether it derives the same whenever it is asked."""
        ...

    @property
    def assumed_complete(self) -> bool:
        """Whether the author says, by a `complete()` of his own, that there is nothing to build."""
        ...


class ForeignWork(Work, Protocol):
    """A task that is no lawnix task: its outputs lie at their own place."""

    @property
    def external(self) -> bool:
        """Whether nobody here can run it."""
        ...

    @property
    def identity(self) -> Digest:
        """What it is, before its content is known."""
        ...

    def run(self, build: Build) -> None:
        """Run the author's code to its end; see `Build`."""
        ...

    def complete(self) -> bool:
        """Whether its outputs exist."""
        ...

    def content(self) -> Digest:
        """The digest of what its outputs hold now."""
        ...

    def missing(self) -> str:
        """Where the first output that does not exist should be."""
        ...

    def locations(self) -> Collection[str]:
        """Where its outputs lie, as far as they are files and directories of this machine."""
        ...
