"""What every executor does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lawnix.engine.messages import BuildRequest, BuildResult
from lawnix.engine.plan import Plan


@dataclass(frozen=True, slots=True)
class Output:
    """What a build that is going on has printed since the last look."""

    number: int
    text: bytes


def reads(request: BuildRequest, plan: Plan) -> list[int]:
    """The nodes whose outputs a build may look at."""
    node = plan.graph.nodes[request.number]
    return [*node.inputs.values(), *node.after, *(number for _, number in request.found)]


class Executor(Protocol):
    """Builds what it is given, some at a time."""

    @property
    def free(self) -> int:
        """How many more builds it takes now."""
        ...

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Start a build of a node of `plan`; it is ended after `timeout` seconds if that is not 0."""
        ...

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed, within at most `seconds`."""
        ...

    def close(self) -> None:
        """End all that is going on, with its child processes."""
        ...
