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
import gc
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

from lawnix.engine.executor.protocol import Output, news, reach
from lawnix.engine.executor.worker import Started, serve
from lawnix.engine.graph import Graph
from lawnix.engine.messages import TAIL, BuildRequest, BuildResult, Built, Failed, failure
from lawnix.engine.plan import Plan
from lawnix.engine.session import Session
from lawnix.engine.settled import Settled
from lawnix.errors import BuildTimeoutError, WorkerDiedError

_SHOW_AFTER: Final = 0.2  # s; what a build prints is shown while it goes on if it takes longer than this
_GRACE: Final = 2.0  # s between SIGTERM and SIGKILL
_LAST_LINES: Final = 20
_QUICK: Final = 0.01  # s; tasks of a family that take less on average are handed over several at a time
_DEPTH: Final = 64  # builds that a worker has at most
_GATHER: Final = 0.02  # s; results of workers that have plenty to do are taken in together
_WEIGHT: Final = 0.2  # of the last build in the average of its family


@dataclass(frozen=True, slots=True)
class _Order:
    """A request on its way."""

    request: BuildRequest
    plan: Plan
    timeout: float
    label: str


@dataclass(slots=True)
class _Worker:
    pid: int
    connection: Connection
    knows: int  # nodes with smaller numbers
    had: int = 0  # builds
    told: dict[int, Settled] = field(default_factory=dict)  # what it has been told of nodes
    orders: deque[_Order] = field(default_factory=deque)  # what it has; it works on the first
    directory: Path | None = None
    since: float = 0.0  # when it began with the first
    shown: int = 0  # bytes of its log


class ForkExecutor:
    """`count` workers, forked when they are first needed, and anew after `max_tasks` builds if that is not 0."""

    def __init__(self, graph: Graph, session: Session, count: int, max_tasks: int = 0) -> None:
        self._graph = graph
        self._session = session
        self._count = max(1, count)
        self._max_tasks = max_tasks
        self._workers: list[_Worker] = []
        self._waiting: deque[_Order] = deque()  # taken in, and not handed over
        self._seconds: dict[str, float] = {}  # how long the tasks of a family take

    @property
    def free(self) -> int:
        """How many more builds it takes now."""
        depth = _DEPTH if self._seconds and min(self._seconds.values()) < _QUICK else 1
        return self._count * depth - len(self._waiting) - sum(len(worker.orders) for worker in self._workers)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Hand `request` to a worker, now or as soon as there is one for it."""
        self._waiting.append(_Order(request, plan, timeout, self._graph.nodes[request.number].work.label))
        self._hand_over()

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed, within at most `seconds`."""
        results: list[BuildResult] = []
        busy = {worker.connection: worker for worker in self._workers if worker.orders}
        if busy and all(len(worker.orders) > _DEPTH // 2 for worker in busy.values()):
            time.sleep(_GATHER)
        for connection in wait(list(busy), seconds) if busy else ():
            results += self._receive(busy[connection])  # type: ignore[index]  # gives back what it was given
        now = time.monotonic()
        late = [w for w in self._workers if w.orders and 0 < w.orders[0].timeout < now - w.since]
        results += [self._timed_out(worker) for worker in late]
        self._hand_over()
        return results, self._printed(now)

    def close(self) -> None:
        """End all workers, with what they started."""
        for worker in self._workers:
            _signal(worker, signal.SIGTERM if worker.orders else signal.SIGKILL)
        deadline = time.monotonic() + _GRACE
        for worker in self._workers:
            _reap(worker, deadline)
            self._discard(worker)
        self._workers.clear()

    # ----------------------------------------------------------------------------------- what goes out

    def _hand_over(self) -> None:
        while self._waiting:
            order = self._waiting[0]
            worker = self._worker_for(order)
            if worker is None:
                return
            self._waiting.popleft()
            if not worker.orders:
                worker.since, worker.shown = time.monotonic(), 0
            worker.orders.append(order)
            worker.had += 1
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # died: seen by the next wait()
                worker.connection.send((order.request, news(order.request, order.plan, worker.told)))

    def _worker_for(self, order: _Order) -> _Worker | None:
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
            and len(worker.orders) < _DEPTH
            and all(self._is_quick(other) for other in worker.orders)
        ]
        return min(quick, key=lambda worker: len(worker.orders), default=None)

    def _knows_enough(self, worker: _Worker, order: _Order) -> bool:
        """Whether the worker was forked when all that the build may look at was in the graph."""
        return worker.knows == len(self._graph) or worker.knows > reach(order.request, order.plan)

    def _is_spent(self, worker: _Worker) -> bool:
        """Whether it has had all the builds that a worker may have."""
        return 0 < self._max_tasks <= worker.had

    def _is_quick(self, order: _Order) -> bool:
        return self._seconds.get(order.label, _QUICK) < _QUICK

    def _fork(self) -> _Worker:
        ours, theirs = Pipe()
        for stream in (sys.stdout, sys.stderr):  # what is buffered now would be printed twice
            with contextlib.suppress(ValueError, OSError, AttributeError):
                stream.flush()
        gc.freeze()  # what lives now is not touched by the worker's collector: its pages stay shared
        parent = os.getpid()
        try:
            pid = os.fork()
        finally:
            gc.unfreeze()
        if pid == 0:
            ours.close()
            for other in self._workers:
                other.connection.close()
            serve(theirs, self._graph, self._session, parent)
        theirs.close()
        with contextlib.suppress(OSError):  # the worker does it too; whoever is first
            os.setpgid(pid, pid)
        worker = _Worker(pid, ours, len(self._graph))
        self._workers.append(worker)
        return worker

    # --------------------------------------------------------------------------------- what comes back

    def _receive(self, worker: _Worker) -> list[BuildResult]:
        """All that a worker has to tell."""
        results: list[BuildResult] = []
        try:
            while not results or (worker.orders and worker.connection.poll()):
                message = worker.connection.recv()
                if isinstance(message, Started):
                    worker.directory = message.directory
                    if not worker.connection.poll():
                        break
                else:
                    results.append(self._done(worker, message))
        except (EOFError, ConnectionResetError):
            results.append(self._died(worker))
        else:
            if not worker.orders and self._is_spent(worker):
                self._end(worker)
        return results

    def _done(self, worker: _Worker, result: BuildResult) -> BuildResult:
        order = worker.orders.popleft()
        now = time.monotonic()
        if isinstance(result, Built):
            before = self._seconds.get(order.label, now - worker.since)
            self._seconds[order.label] = before + _WEIGHT * (now - worker.since - before)
        if isinstance(result, Failed) and result.kept:
            worker.directory = None  # not ours to discard any more
        result = _unshown(result, worker.shown)
        worker.since, worker.shown = now, 0
        return result

    def _died(self, worker: _Worker) -> Failed:
        _signal(worker, signal.SIGKILL)  # what it started
        how = _reap(worker, 0)
        title = self._graph.nodes[worker.orders[0].request.number].work.title()
        return self._lost(worker, WorkerDiedError(title, how, _last_lines(worker.directory)))

    def _timed_out(self, worker: _Worker) -> Failed:
        _signal(worker, signal.SIGTERM)
        _reap(worker, time.monotonic() + _GRACE)
        order = worker.orders[0]
        title = self._graph.nodes[order.request.number].work.title()
        return self._lost(worker, BuildTimeoutError(title, order.timeout))

    def _lost(self, worker: _Worker, error: Exception) -> Failed:
        """A worker has ended: what it worked on failed, what else it had is handed to others."""
        order = worker.orders.popleft()
        self._waiting.extendleft(reversed(worker.orders))
        self._workers.remove(worker)
        kept = worker.directory if self._session.keep_failed else None
        if kept is None:
            self._discard(worker)
        return failure(order.request.number, error, str(kept or ""))

    def _end(self, worker: _Worker) -> None:
        _signal(worker, signal.SIGKILL)
        _reap(worker, 0)
        self._workers.remove(worker)
        self._discard(worker)

    def _discard(self, worker: _Worker) -> None:
        if worker.directory is not None:
            self._session.store.discard(worker.directory)

    def _printed(self, now: float) -> list[Output]:
        """What the builds that have been going on for a while have printed since the last look."""
        printed = []
        for worker in self._workers:
            if not worker.orders or worker.directory is None or now - worker.since < _SHOW_AFTER:
                continue
            with contextlib.suppress(FileNotFoundError), (worker.directory / "log").open("rb") as log:
                log.seek(worker.shown)
                text = log.read(TAIL)
                worker.shown += len(text)
                if text:
                    printed.append(Output(worker.orders[0].request.number, text))
        return printed


def _unshown(result: BuildResult, shown: int) -> BuildResult:
    """`result`, less what was shown while the build went on."""
    printed = result.printed
    if shown <= printed.start:
        return result
    return replace(result, printed=replace(printed, start=shown, text=printed.text[shown - printed.start :]))


def _last_lines(directory: Path | None) -> list[str]:
    if directory is None or not (directory / "log").exists():
        return []
    return (directory / "log").read_text(errors="replace").splitlines()[-_LAST_LINES:]


def _signal(worker: _Worker, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, number)


def _reap(worker: _Worker, deadline: float) -> str:
    """Wait for the worker's end, by force after `deadline`; how it ended."""
    worker.connection.close()
    while True:
        try:
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
        except ChildProcessError:  # someone else has waited for it
            return "unknown"
        if pid:
            break
        if time.monotonic() > deadline:
            _signal(worker, signal.SIGKILL)
            _, status = os.waitpid(worker.pid, 0)
            break
        time.sleep(0.005)
    _signal(worker, signal.SIGKILL)  # what it left behind
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}, {signal.Signals(os.WTERMSIG(status)).name}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"
