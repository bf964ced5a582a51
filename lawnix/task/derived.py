"""What makes a task a lawnix task: what the rest of the layer asks of it, without knowing the class itself."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar


class DerivedTask:
    """A task whose outputs are store targets; `lawnix.Task` is the one.

    Attributes:
        exclude_params_identity: Names of significant parameters that do not decide the result.
        environment: Names of the environment variables that `run()` reads.
        version: If set, stands for the code of the task, which is then not looked at; it is believed.
        sources: Functions, and paths of files, that belong to the code beside what `run()` reaches.
        track_code: Whether the code is part of the identity.
    """

    exclude_params_identity: ClassVar[Collection[str]] = frozenset()
    environment: ClassVar[Sequence[str]] = ()
    version: Any = None
    sources: ClassVar[Sequence[Any]] = ()
    track_code: ClassVar[bool] = True

    @property
    def fixed_output(self) -> str | None:
        """The digest that the output must have, if it is known beforehand."""
        return None

    @classmethod
    @abstractmethod
    def wrap_run(cls) -> None:
        """Let `run()`, called from outside a build, realize the task; again, if it was replaced since."""

    @abstractmethod
    def location_of(self, name: str) -> str:
        """Where the output `name` lies: in the build directory, in the store, or nowhere yet."""

    @abstractmethod
    def is_realized(self) -> bool:
        """Whether there are outputs to read: of a build that ended, chosen for whoever asks."""

    @abstractmethod
    def is_building(self) -> bool:
        """Whether the build of this task is what goes on here."""

    @abstractmethod
    def forget(self, reason: str) -> None:
        """Forget the realization that is chosen now."""


class PartOfTask:
    """A task that stands for some outputs of another; `lawnix.only()` makes it.

    Attributes:
        task: Whose outputs they are.
        outputs: Their roles.
    """

    task: Any
    outputs: Sequence[str]
