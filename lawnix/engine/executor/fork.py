"""Forked workers that live for the whole run, from the side of the run.

A worker inherits the graph when it is forked, so a request is little more than a number. A node that joined the graph
later is unknown to older workers: such a worker is replaced by a new fork. Each worker leads a process group of its
own: Ctrl-C reaches the run alone, and ending a worker ends what it started. A worker whose parent is gone ends itself.

Builds that take no longer than a message does are handed over several at a time, so that a worker need not wait for the
run to enter what it has built. What takes longer is handed to a worker that has nothing else to do.

A worker that has had as many builds as it may is ended when it is through with them, and what its builds have left in
memory goes with it.
"""

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from lawnix.core.realization import Outputs
from lawnix.engine.executor.channel import Channel, Packed
from lawnix.engine.executor.hired import Hired, Order
from lawnix.engine.executor.protocol import Output, news, reach
from lawnix.engine.executor.worker import serve
from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.engine.messages import BuildRequest, BuildResult, Built, Failed, failure
from lawnix.engine.plan import Plan
from lawnix.engine.session import Session
from lawnix.errors import BuildTimeoutError, WorkerDiedError
from lawnix.store.bulk import frozen

_SHOW_AFTER: Final = 0.2  # s; what a build prints is shown while it goes on if it takes longer than this
_GRACE: Final = 2.0  # s between SIGTERM and SIGKILL
_QUICK: Final = 0.01  # s; tasks of a family that take less on average are handed over several at a time
_DEPTH: Final = 256  # builds that a worker has at most
_AHEAD: Final = 0.1  # s that a worker has to do at most, as far as is known
_GATHER: Final = 0.04  # s; results of workers that have plenty to do are taken in together
_LEAST: Final = 0.002  # s; for less nobody waits
_HEAVY: Final = (
    1000  # outputs that a worker with something to do is told of; it does not listen while it builds
)
_WEIGHT: Final = 0.2  # of the last build in the average of its family


class ForkExecutor:
    """`count` workers, forked when they are first needed, and anew after `max_tasks` builds if that is not 0."""

    def __init__(self, graph: Graph, session: Session, count: int, max_tasks: int = 0) -> None:
        self._graph = graph
        self._session = session
        self._count = max(1, count)
        self._max_tasks = max_tasks
        self._workers: list[Hired] = []
        self._waiting: deque[Order] = deque()  # taken in, and not handed over
        self._seconds: dict[str, float] = {}  # how long the tasks of a family take

    @property
    def free(self) -> int:
        """How many more builds it takes now."""
        depth = max(map(self._depth, self._seconds), default=1)
        return self._count * depth - len(self._waiting) - sum(len(worker.orders) for worker in self._workers)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Hand `request` to a worker, at the next `wait` or as soon as there is one for it."""
        self._waiting.append(Order(request, plan, timeout, self._graph.nodes[request.number].work.label))

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed, within at most `seconds`."""
        self._hand_over()
        results: list[BuildResult] = []
        busy = {worker.channel.fileno(): worker for worker in self._workers if worker.orders}
        time.sleep(min(map(self._moment, busy.values()), default=0))
        for channel in wait(list(busy), seconds) if busy else ():
            results += self._receive(busy[channel])  # type: ignore[index]  # gives back what it was given
        now = time.monotonic()
        late = [w for w in self._workers if w.orders and 0 < w.orders[0].timeout < now - w.since]
        results += [self._timed_out(worker) for worker in late]
        self._hand_over()
        return results, self._printed(now)

    def close(self) -> None:
        """End all workers, with what they started."""
        for worker in self._workers:
            worker.signal(signal.SIGTERM if worker.orders else signal.SIGKILL)
        deadline = time.monotonic() + _GRACE
        for worker in self._workers:
            worker.reap(deadline)
            self._discard(worker)
        self._workers.clear()

    # ----------------------------------------------------------------------------------- what goes out

    def _hand_over(self) -> None:
        batches: dict[int, tuple[Hired, list[tuple[BuildRequest, Mapping[int, Outputs]]]]] = {}
        while self._waiting:
            order = self._waiting[0]
            worker = self._worker_for(order)
            if worker is None:
                break
            self._waiting.popleft()
            if not worker.orders:
                worker.since, worker.shown = time.monotonic(), 0
            told = news(order.request, order.plan, worker.told)
            order.weight += len(told)
            worker.weight += order.weight
            worker.orders.append(order)
            worker.had += 1
            batches.setdefault(worker.pid, (worker, []))[1].append((order.request, told))
        for worker, batch in batches.values():
            with contextlib.suppress(OSError):  # died: seen by the next wait()
                worker.channel.send([((r.number, r.key, r.found), told) for r, told in batch])

    def _worker_for(self, order: Order) -> Hired | None:
        """A worker with nothing to do, or, for what is done quickly, one with little of that kind to do."""
        idle = [worker for worker in self._workers if not worker.orders]
        knowing = [worker for worker in idle if self._knows_enough(worker, order)]
        if knowing:
            return knowing[0]
        if idle and len(self._workers) >= self._count:
            self._end(idle[0])
        if len(self._workers) < self._count:
            return self._fork()
        if not self._is_quick(order):
            return None
        quick = [
            worker
            for worker in self._workers
            if self._knows_enough(worker, order)
            and not self._is_spent(worker)
            and self._has_room(worker, order)
        ]
        return min(quick, key=lambda worker: len(worker.orders), default=None)

    def _has_room(self, worker: Hired, order: Order) -> bool:
        """Whether a worker that has something to do takes what is done quickly beside it."""
        last = worker.orders[-1].label  # with the others it was so when they were handed over
        return (
            len(worker.orders) < self._depth(order.label)
            and self._depth(last) > 1
            and worker.weight + self._weight(order, worker) <= _HEAVY
        )

    def _weight(self, order: Order, worker: Hired) -> int:
        """How many outputs would be told with an order, at most; for those of a large group it is not counted."""
        nodes = self._graph.nodes
        fresh = [n for n in nodes[order.request.number].reads if n not in worker.told]
        return _HEAVY + 1 if any(isinstance(nodes[n], GroupNode) for n in fresh) else len(fresh) + 1

    def _knows_enough(self, worker: Hired, order: Order) -> bool:
        """Whether the worker was forked when all that the build may look at was in the graph."""
        return worker.knows == len(self._graph) or worker.knows > reach(order.request, order.plan)

    def _is_spent(self, worker: Hired) -> bool:
        """Whether it has had all the builds that a worker may have."""
        return 0 < self._max_tasks <= worker.had

    def _is_quick(self, order: Order) -> bool:
        return self._depth(order.label) > 1

    def _depth(self, family: str) -> int:
        """How many builds of a family a worker may have at a time."""
        seconds = self._seconds.get(family, _QUICK)
        return 1 if seconds >= _QUICK else min(_DEPTH, int(_AHEAD / max(seconds, _AHEAD / _DEPTH)))

    def _moment(self, worker: Hired) -> float:
        """For how many seconds nobody need listen to a worker, since it has enough to do."""
        enough = len(worker.orders) * self._seconds.get(worker.orders[-1].label, 0) / 2
        return min(enough, _GATHER) if enough > _LEAST else 0

    def _fork(self) -> Hired:
        ours, theirs = Channel.pair()
        for stream in (sys.stdout, sys.stderr):  # what is buffered now would be printed twice
            with contextlib.suppress(ValueError, OSError, AttributeError):
                stream.flush()
        parent = os.getpid()
        with frozen():
            pid = os.fork()
        if pid == 0:
            ours.close()
            for other in self._workers:
                other.channel.close()
            serve(theirs, self._graph, self._session, parent)
        theirs.close()
        with contextlib.suppress(OSError):  # the worker does it too; whoever is first
            os.setpgid(pid, pid)
        worker = Hired(pid, ours, len(self._graph))
        self._workers.append(worker)
        return worker

    # --------------------------------------------------------------------------------- what comes back

    def _receive(self, worker: Hired) -> list[BuildResult]:
        """All that a worker has to tell."""
        results: list[BuildResult] = []
        try:
            for message in worker.channel.receive():
                if isinstance(message, str):
                    worker.directory = Path(message) if message else None
                else:
                    results.append(self._done(worker, message))
        except (EOFError, ConnectionResetError):
            results.append(self._died(worker))
        else:
            if not worker.orders and self._is_spent(worker):
                self._end(worker)
        return results

    def _done(self, worker: Hired, packed: BuildResult | Packed) -> BuildResult:
        order = worker.orders.popleft()
        worker.weight -= order.weight
        node = self._graph.nodes[order.request.number]
        derivation = node.derivation if isinstance(node, DerivedNode) else None
        result = worker.unpacker.unpack(packed, order.request.key, derivation)
        now = time.monotonic()
        if isinstance(result, Built):
            # of many that come together nobody knows when each has ended
            taken = now - worker.since if result.realization is None else result.realization.record.wall
            before = self._seconds.get(order.label, taken)
            self._seconds[order.label] = before + _WEIGHT * (taken - before)
        if isinstance(result, Failed) and result.kept:
            worker.directory = None  # not ours to discard any more
        if worker.shown:
            result = _unshown(result, worker.shown)
        worker.since, worker.shown = now, 0
        return result

    def _died(self, worker: Hired) -> Failed:
        worker.signal(signal.SIGKILL)  # what it started
        how = worker.reap(0)
        title = self._graph.nodes[worker.orders[0].request.number].work.title()
        return self._lost(worker, WorkerDiedError(title, how, worker.last_lines()))

    def _timed_out(self, worker: Hired) -> Failed:
        worker.signal(signal.SIGTERM)
        worker.reap(time.monotonic() + _GRACE)
        order = worker.orders[0]
        title = self._graph.nodes[order.request.number].work.title()
        return self._lost(worker, BuildTimeoutError(title, order.timeout))

    def _lost(self, worker: Hired, error: Exception) -> Failed:
        """A worker has ended: what it worked on failed, what else it had is handed to others."""
        order = worker.orders.popleft()
        self._waiting.extendleft(reversed(worker.orders))
        self._workers.remove(worker)
        kept = worker.directory if self._session.keep_failed else None
        if kept is None:
            self._discard(worker)
        return failure(order.request.number, error, str(kept or ""))

    def _end(self, worker: Hired) -> None:
        worker.signal(signal.SIGKILL)
        worker.reap(0)
        self._workers.remove(worker)
        self._discard(worker)

    def _discard(self, worker: Hired) -> None:
        if worker.directory is not None:
            self._session.store.discard(worker.directory)

    def _printed(self, now: float) -> list[Output]:
        """What the builds that have been going on for a while have printed since the last look."""
        going_on = [worker for worker in self._workers if worker.orders and now - worker.since >= _SHOW_AFTER]
        printed = [Output(worker.orders[0].request.number, worker.printed()) for worker in going_on]
        return [output for output in printed if output.text]


def _unshown(result: BuildResult, shown: int) -> BuildResult:
    """`result`, less what was shown while the build went on."""
    printed = result.printed
    if shown <= printed.start:
        return result
    return replace(result, printed=replace(printed, start=shown, text=printed.text[shown - printed.start :]))
