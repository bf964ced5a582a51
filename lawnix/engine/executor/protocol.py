"""What every executor does."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lawnix.core.realization import Outputs
from lawnix.engine.graph import GroupNode
from lawnix.engine.messages import BuildRequest, BuildResult
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Realized, Settled


@dataclass(frozen=True, slots=True)
class Output:
    """What a build that is going on has printed since the last look."""

    number: int
    text: bytes


def news(request: BuildRequest, plan: Plan, told: MutableMapping[int, Settled]) -> dict[int, Outputs]:
    """The chosen outputs that a build may look at, less what was told before; brings `told` up to date."""
    node = plan.graph.nodes[request.number]
    stack = [*node.reads, *node.after, *(number for _, number in request.found)]
    outputs: dict[int, Outputs] = {}
    while stack:
        number = stack.pop()
        settled = plan.settled.get(number)
        if settled is None or told.get(number) is settled:
            continue
        told[number] = settled
        if isinstance(settled, Realized):
            outputs[number] = settled.kept.outputs
        group = plan.graph.nodes[number]
        if isinstance(group, GroupNode):
            stack.extend(group.reads)
    return outputs


def reach(request: BuildRequest, plan: Plan) -> int:
    """The largest number among the nodes that a build may look at."""
    node = plan.graph.nodes[request.number]
    stack = [request.number, *node.reads, *node.after, *(number for _, number in request.found)]
    seen: set[int] = set()
    while stack:
        number = stack.pop()
        if number not in seen:
            seen.add(number)
            group = plan.graph.nodes[number]
            if isinstance(group, GroupNode):
                stack.extend(group.reads)
    return max(seen)


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
