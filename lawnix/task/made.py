"""Made: tasks of a graph that are made when somebody asks for them, since there may be very many."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lawnix.core.derivation import Derivation, Input
from lawnix.engine.current import Build
from lawnix.task.branches import Branches
from lawnix.task.copies import Copies, own
from lawnix.task.identity import Family, Siblings
from lawnix.task.instances import passing
from lawnix.task.remembered import remembered
from lawnix.task.structure import held
from lawnix.task.work import DerivedTaskWork, Walk

if TYPE_CHECKING:
    from lawnix.task.enclosure import Enclosure


class MadeWork(DerivedTaskWork):
    """A task that is made when somebody asks for it, since there may be very many; a build keeps it."""

    __slots__ = ("_copies",)

    def __init__(self, copies: Copies, walk: Walk, siblings: Siblings | None) -> None:
        super().__init__(None, None, walk, siblings)
        self._copies = copies

    @abstractmethod
    def make(self) -> Any:
        """The task, each time anew."""

    @property
    def task(self) -> Any:
        """The task."""
        return self.make() if self._task is None else self._task

    @property
    def speaker(self) -> Any:
        """Who tells what luigi says about running it: one for all, if it is the same for all."""
        speaker = self._copies.speaker
        return self.task if speaker is None else speaker

    @property
    def requirements(self) -> Any:
        """What its `requires()` returns; that follows from the code and parameters alone."""
        required = self._required
        if required is None:
            with remembered(self.walk.known):  # what the walk has found out
                required = held(own(self.task, "requires")())
        if self._task is not None:  # being built
            self._required = required
        return required

    @property
    def derives_again(self) -> bool:
        """Yes: what it puts out follows from the code and parameters alone."""
        return True

    def run(self, build: Build) -> None:
        """Run the author's `run()` to its end."""
        with passing(self.walk.examples):
            self._task = self.task
            try:
                super().run(build)
            finally:
                self._task = self._required = None  # else luigi keeps what it requires


class BranchWork(MadeWork):
    """A branch."""

    __slots__ = ("_number",)

    def __init__(self, branches: Branches, number: int, walk: Walk, siblings: Siblings) -> None:
        super().__init__(branches, walk, siblings)
        self._number = number

    def make(self) -> Any:
        """The task, each time anew."""
        return self._copies.make((self._number,))

    @property
    def branch(self) -> int:
        """The number of the branch."""
        return self._number


class PlainWork(MadeWork):
    """A task that is no branch, of a class with very many."""

    __slots__ = ("_enclosure", "_family", "_values")

    def __init__(
        self,
        copies: Copies,
        values: tuple[Any, ...],
        walk: Walk,
        family: Family,
        enclosure: "Enclosure | None",
    ) -> None:
        super().__init__(copies, walk, None)
        self._values = values
        self._family = family
        self._enclosure = enclosure

    def make(self) -> Any:
        """The task, each time anew."""
        return self._copies.make(self._values)

    @property
    def family(self) -> Family:
        """What all tasks of its class share."""
        return self._family

    @property
    def kind(self) -> object:
        """What is the same for tasks of which one tells class and workflow of all."""
        return self._copies

    @property
    def branch(self) -> None:
        """It is none."""
        return

    @property
    def siblings(self) -> Siblings:
        """Itself, described each time anew."""
        return self._described(self.task)

    @property
    def enclosure(self) -> "Enclosure | None":
        """What it is built in; None for the process of the run."""
        return self._enclosure

    def derive(self, inputs: Mapping[str, Input]) -> Derivation:
        """What decides the result."""
        task = self.task
        return self._described(task).derive(task, inputs)

    def _described(self, task: Any) -> Siblings:
        return Siblings(task, self.family, enclosure=self._enclosure)
