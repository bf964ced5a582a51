"""Realization of a plan: what has to be built is built, each as soon as what it needs is there.

A failure stops what depends on it and nothing else. What another process is building is waited for, not built twice.
"""

import heapq
import logging
import time
from array import array
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from lawnix.core.digest import Digest
from lawnix.core.realization import Found, Realization, TaskName
from lawnix.engine.executor.protocol import Executor
from lawnix.engine.facts import FactsOfRun
from lawnix.engine.graph import GroupNode
from lawnix.engine.inputs import Inputs
from lawnix.engine.messages import BuildRequest, BuildResult, Built, Failed, Suspended, failure
from lawnix.engine.plan import Plan
from lawnix.engine.queue import Queue
from lawnix.engine.rehash import rehash_used
from lawnix.engine.report import Reporter
from lawnix.store.bulk import frozen

logger = logging.getLogger(__name__)

_BEAT: Final = 10.0  # s between signs of life to other hosts; far less than a claim lasts without
_TICK: Final = 0.1  # s between looks at what others build, at logs and at time-outs


@dataclass(slots=True)
class Outcome:
    """What a run did.

    Attributes:
        built: Nodes that were run, in the order in which they ended.
        failed: Nodes that failed for good.
        blocked: Nodes that could not run because of these.
        retried: Nodes that failed at first.
    """

    built: MutableSequence[int] = field(default_factory=partial(array, "i"))
    failed: dict[int, Failed] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    retried: set[int] = field(default_factory=set)


def realize(
    plan: Plan,
    executor: Executor,
    reporter: Reporter,
    *,
    limits: Mapping[str, int] | None = None,
    retry_delay: float = 0,
) -> Outcome:
    """Build all that the roots of `plan` need.

    Args:
        plan: What is to be done; it is kept up to date.
        executor: Where it is done.
        reporter: Who is told.
        limits: How much of each resource there is; 1 of those not named.
        retry_delay: Seconds between a failure and the next attempt.
    """
    run = _Run(plan, executor, reporter, limits or {}, retry_delay)
    try:
        reporter.planned(plan)
        with frozen():  # the plan, which is large
            run.go()
        rehash_used(plan)
    finally:
        executor.close()
        plan.session.store.release(run.claimed)
        plan.session.store.flush()  # last: who is told of success finds it after a power cut
        reporter.ended()
    return run.outcome


class _Run:
    def __init__(
        self,
        plan: Plan,
        executor: Executor,
        reporter: Reporter,
        limits: Mapping[str, int],
        retry_delay: float,
    ) -> None:
        self.plan, self.executor, self.reporter = plan, executor, reporter
        self.retry_delay = retry_delay
        self.outcome = Outcome()
        self.claimed: set[Digest] = set()
        self._queue = Queue(plan.graph, limits)
        self._running: dict[int, Digest | None] = {}
        self._busy: set[Digest] = set()  # the keys of what runs
        self._holding: set[int] = set()  # what runs and has resources
        self._parked: list[int] = []  # someone else builds their keys
        self._delayed: list[tuple[float, int]] = []
        self._failures: dict[int, int] = {}
        self._found: dict[int, list[tuple[int, TaskName]]] = {}
        self._looked = 0.0
        self._inputs = Inputs(plan)
        self._facts = FactsOfRun(plan)
        self._beaten = time.monotonic()
        self._others_build = False
        self._broken = 0  # how many of the broken nodes were looked at
        self._seen = 0  # nodes that were searched for workflows whose branches are not known yet
        self._lazy: list[int] = []

    def go(self) -> None:
        """Until nothing is left to do."""
        while True:
            self._expand()
            self._fail_broken()
            self._enqueue(self.plan.take_ready())
            self._wake()
            if self._dispatch():
                continue
            if not (self._running or self._parked or self._delayed):
                if not self._queue:
                    if self.plan.recheck():
                        continue
                    break
                # nothing runs, so nothing will give back what the queue waits for
                for number, error in self._queue.hopeless(self.plan.is_ready):
                    self._fail(number, failure(number, error))
                continue
            self._beat()
            results, printed = self.executor.wait(_TICK if self._running else 0)
            if not self._running:
                time.sleep(_TICK)
            for output in printed:
                self.reporter.printed(output.number, output.text)
            if results:
                self._take_in(results)

    def _beat(self) -> None:
        """Tell other hosts, now and then, that what is claimed here is still being built."""
        now = time.monotonic()
        if self.claimed and now - self._beaten >= _BEAT:
            self._beaten = now
            self.plan.session.store.heartbeat()

    # --------------------------------------------------------------------------------- what begins

    def _expand(self) -> None:
        """Workflows whose branches were not known before."""
        expandable = [n for n in self._unexpanded() if self.plan.is_expandable(n)]
        for number in expandable:
            node = self.plan.graph.nodes[number]
            assert isinstance(node, GroupNode)
            assert node.expand is not None
            try:
                members = node.expand()
            except Exception as error:  # the author's create_branch_map() or requires()
                self._fail(number, failure(number, error))
            else:
                self.plan.expanded(number, members)
                self.plan.settle()
                self.plan.demand([number])

    def _unexpanded(self) -> list[int]:
        nodes = self.plan.graph.nodes
        self._lazy += range(self._seen, len(nodes))
        self._seen = len(nodes)
        self._lazy = [
            number
            for number in self._lazy
            if isinstance(node := nodes[number], GroupNode)
            and node.expand is not None
            and not self._is_over(number)
        ]
        return self._lazy

    def _enqueue(self, numbers: Iterable[int]) -> None:
        self._queue.push(n for n in numbers if n not in self._running and n not in self.outcome.failed)

    def _wake(self) -> None:
        """What waited for its time, or for what others build."""
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            _, number = heapq.heappop(self._delayed)
            self._enqueue([number])
        if self._parked and now - self._looked >= _TICK:
            self._looked = now
            parked, self._parked = self._parked, []
            self._enqueue(parked)

    def _dispatch(self) -> bool:
        """Hand out what can be built now; whether some of it was there already, so that more may have become ready."""
        before = len(self.plan.settled)
        while self._queue and self.executor.free:
            batch = self._queue.pick(self.executor.free, self._holding, self.plan.is_ready)
            if not batch:
                break
            for number in self._claim(batch):
                self._submit(number)
        return len(self.plan.settled) > before

    def _claim(self, numbers: Sequence[int]) -> list[int]:
        """Those that this process may build now: nobody else does, and nobody has done it meanwhile."""
        keys = {number: self.plan.keys[number] for number in numbers if number in self.plan.keys}
        ours: dict[Digest, int] = {}
        for number, key in keys.items():
            if key not in self._busy:
                ours.setdefault(key, number)
        taken = self.plan.session.store.claim(list(ours)) if ours else set()
        self.claimed |= taken
        mine = [number for key, number in ours.items() if key in taken]
        taken_for = set(mine)
        self._parked.extend(number for number in keys if number not in taken_for)
        if mine:
            self._others_build |= self.plan.session.store.refresh()
        if mine and self._others_build:  # also if the news came with an earlier look
            self.plan.reconsider(mine)
            mine = [number for number in mine if self.plan.is_ready(number)]
            self._release([keys[number] for number in taken_for.difference(mine)])
        return mine + [number for number in numbers if number not in keys]

    def _release(self, keys: Sequence[Digest]) -> None:
        self.plan.session.store.release(keys)
        self.claimed.difference_update(keys)

    def _submit(self, number: int) -> None:
        key = self.plan.keys.get(number)
        self._running[number] = key
        if key is not None:
            self._busy.add(key)
        found = [
            (Found(task, self.plan.settled[other].content), other)
            for other, task in self._found.get(number, ())
        ]
        work = self.plan.graph.nodes[number].work
        if work.resources:
            self._holding.add(number)
        self.reporter.started(number)
        self.executor.submit(BuildRequest(number, key, found), self.plan, work.timeout)

    # ----------------------------------------------------------------------------------- what ends

    def _take_in(self, results: Sequence[BuildResult]) -> None:
        """Enter what ended: first in the store, then in the plan."""
        keys = [key for result in results if (key := self._running.pop(result.number)) is not None]
        self._busy.difference_update(keys)
        self._holding.difference_update([result.number for result in results])
        results = [self._inputs.looked_after(result) for result in results]
        built = [result for result in results if isinstance(result, Built) and result.realization is not None]
        if built:
            self.plan.session.store.record(self._facts.of(built))
        self._release(keys)  # after the record: who gets the claim next finds the realization
        for result in results:
            if result.printed.text:
                self.reporter.printed(result.number, result.printed.text)
            match result:
                case Built(number, realization):
                    self._built(number, realization)
                case Suspended(number, tasks):
                    self._suspended(number, tasks)
                case Failed(number):
                    self._failed(number, result)
        self._settle()

    def _built(self, number: int, realization: Realization | None) -> None:
        try:
            self.plan.accept(number, realization)
        except Exception as error:  # a foreign task that did not write what it declares
            self._failed(number, failure(number, error))
            return
        self.outcome.built.append(number)
        self.reporter.built(number, realization)

    def _suspended(self, number: int, tasks: Sequence[TaskName]) -> None:
        self.reporter.suspended(number)
        try:
            found = self.plan.find(number, tasks)
        except Exception as error:  # a task that cannot be found, or a circle
            self._failed(number, failure(number, error))
            return
        self._found.setdefault(number, []).extend(zip(found, tasks, strict=True))
        if any(other in self.outcome.failed or other in self.outcome.blocked for other in found):
            self._block(number, itself=True)
        self._fail_broken()
        if self.plan.is_ready(number):
            self._enqueue([number])

    def _failed(self, number: int, result: Failed) -> None:
        self._failures[number] = self._failures.get(number, 0) + 1
        if self._failures[number] < self.plan.graph.nodes[number].work.attempts:
            self.outcome.retried.add(number)
            self.reporter.failed(number, result, again=True)
            heapq.heappush(self._delayed, (time.monotonic() + self.retry_delay, number))
        else:
            self._fail(number, result)

    def _fail(self, number: int, result: Failed) -> None:
        """A failure for good: what depends on it will not run."""
        self.outcome.failed[number] = result
        self._queue.drop(number)
        self.reporter.failed(number, result, again=False)
        self._block(number)
        self._settle()

    def _settle(self) -> None:
        if self.outcome.failed:
            self.plan.settle_partly(lambda member: not self._is_over(member))
        else:
            self.plan.settle()

    def _fail_broken(self) -> None:
        """What could not even be decided."""
        if len(self.plan.broken) == self._broken:
            return
        self._broken = len(self.plan.broken)
        for number, error in list(self.plan.broken.items()):
            if number not in self.outcome.failed:
                self._fail(number, failure(number, error))

    def _block(self, number: int, *, itself: bool = False) -> None:
        """What needs the node will not run; nor will the node `itself`."""
        graph = self.plan.graph
        stack = [number] if itself else [*graph.consumers[number], *graph.followers[number]]
        while stack:
            current = stack.pop()
            node = graph.nodes[current]
            if current in self.outcome.blocked or current in self.plan.settled:
                continue
            if isinstance(node, GroupNode) and node.expand is None and not self._is_hopeless(node):
                continue
            self.outcome.blocked.add(current)
            stack += [*graph.consumers[current], *graph.followers[current]]

    def _is_hopeless(self, node: GroupNode) -> bool:
        """Whether a group cannot get the members that it needs any more."""
        members = set(node.reads)
        lost = sum(member in self.outcome.failed or member in self.outcome.blocked for member in members)
        return len(members) - lost < min(node.threshold, len(members))

    def _is_over(self, number: int) -> bool:
        outcome = self.outcome
        return number in self.plan.settled or number in outcome.failed or number in outcome.blocked
