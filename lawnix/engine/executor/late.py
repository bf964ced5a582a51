"""An executor that is made when there is something to build: most runs find everything there."""

from collections.abc import Callable, Sequence

from lawnix.engine.executor.protocol import Executor, Output
from lawnix.engine.messages import BuildRequest, BuildResult
from lawnix.engine.plan import Plan


class LateExecutor:
    """Does what the executor does that `make` makes, once."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make
        self._made: Executor | None = None

    @property
    def free(self) -> int:
        """How many more builds it takes now."""
        return self._executor().free

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Hand `request` on."""
        self._executor().submit(request, plan, timeout)

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed."""
        return ([], []) if self._made is None else self._made.wait(seconds)

    def close(self) -> None:
        """End all that is going on."""
        if self._made is not None:
            self._made.close()

    def _executor(self) -> Executor:
        if self._made is None:
            self._made = self._make()
        return self._made
