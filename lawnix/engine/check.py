"""Checking: what is there is built again, and compared. Nothing of what is built is recorded."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lawnix.core.realization import Realization
from lawnix.engine.compare import Difference, compare
from lawnix.engine.executor.protocol import Executor
from lawnix.engine.messages import BuildRequest, Built, Failed
from lawnix.engine.plan import Plan

_TICK: Final = 0.2  # s


@dataclass(slots=True)
class Checked:
    """How the builds of one node came out.

    Attributes:
        first: What was there.
        times: How often it was built again.
        differences: Where the first that came out otherwise differs.
        again: What the last build left.
        failure: How the first that failed did.
    """

    first: Realization
    times: int = 0
    differences: Sequence[Difference] = ()
    again: Realization | None = None
    failure: str = ""

    @property
    def is_same(self) -> bool:
        """Whether every build came out as what was there."""
        return not self.differences and not self.failure


def check(
    plan: Plan,
    executor: Executor,
    expected: Mapping[int, Realization],
    times: int,
    tell: Callable[[], None] = lambda: None,
) -> Mapping[int, Checked]:
    """Build each node whose inputs are there `times` times, and compare it with what is `expected`.

    The objects that come out otherwise stay until they are collected, so that one can look at them.

    Args:
        plan: Where the nodes stand.
        executor: Who builds; it is closed in the end.
        expected: The nodes, with what should come out.
        times: How often.
        tell: Called after each build.
    """
    found = {number: Checked(realization) for number, realization in expected.items()}
    waiting = [number for number in expected for _ in range(times)]
    running: Counter[int] = Counter()
    try:
        while waiting or running.total():
            for number in list(waiting):
                if executor.free and not running[number]:  # one after the other of each
                    waiting.remove(number)
                    running[number] += 1
                    executor.submit(_request(plan, number), plan, plan.graph.nodes[number].work.timeout)
            for result in executor.wait(_TICK)[0]:
                running[result.number] -= 1
                checked = found[result.number]
                checked.times += 1
                match result:
                    case Failed(summary=summary):
                        checked.failure = checked.failure or summary
                    case Built(realization=again) if again is not None:
                        checked.again = again
                        if checked.is_same:
                            checked.differences = compare(plan.session.store, checked.first, again)
                tell()
    finally:
        executor.close()
    return found


def sample_of(plan: Plan, realizations: Mapping[int, Realization], count: int) -> dict[int, Realization]:
    """Some of each family: the first, the last, and some evenly in between."""
    families: dict[str, list[int]] = defaultdict(list)
    for number in sorted(realizations):
        families[plan.graph.nodes[number].work.label].append(number)
    chosen: dict[int, Realization] = {}
    for numbers in families.values():
        wanted = min(count, len(numbers))
        places = {round(i * (len(numbers) - 1) / max(1, wanted - 1)) for i in range(wanted)}
        chosen |= {numbers[place]: realizations[numbers[place]] for place in sorted(places)}
    return chosen


def _request(plan: Plan, number: int) -> BuildRequest:
    trial = plan.found(number)
    found = [] if trial is None else list(zip(trial[0].found, trial[1], strict=True))
    return BuildRequest(number, plan.keys[number], found)
