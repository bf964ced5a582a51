"""Forked workers that live for the whole run.

A worker inherits the graph when it is forked, so a request is little more than a number. A node that joined the graph
later is unknown to older workers: such a worker is replaced by a new fork. Each worker leads a process group of its
own: Ctrl-C reaches the run alone, and ending a worker ends what it started. A worker whose parent is gone ends itself.
"""

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Never

from lawnix.core.digest import Digest
from lawnix.core.realization import Outputs
from lawnix.engine.build import build
from lawnix.engine.executor.protocol import Output, news
from lawnix.engine.graph import Graph
from lawnix.engine.messages import TAIL, BuildRequest, BuildResult, Failed, failure
from lawnix.engine.plan import Plan
from lawnix.engine.session import Session
from lawnix.errors import BuildTimeoutError, WorkerDiedError

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_SHOW_AFTER: Final = 0.2  # s; what a build prints is shown while it goes on if it takes longer than this
_GRACE: Final = 2.0  # s between SIGTERM and SIGKILL
_LAST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class _Started:
    directory: Path | None


@dataclass(slots=True)
class _Worker:
    pid: int
    connection: Connection
    knows: int  # nodes with smaller numbers
    told: dict[int, Digest] = field(default_factory=dict)  # the content of the nodes that it has been told of
    request: BuildRequest | None = None
    directory: Path | None = None
    since: float = 0.0
    timeout: float = 0.0
    shown: int = 0  # bytes of the log


class ForkExecutor:
    """`count` workers; they are forked when they are first needed."""

    def __init__(self, graph: Graph, session: Session, count: int) -> None:
        self._graph = graph
        self._session = session
        self._count = count
        self._workers: list[_Worker] = []

    @property
    def free(self) -> int:
        """How many workers have nothing to do."""
        return self._count - sum(worker.request is not None for worker in self._workers)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Hand `request` to a free worker."""
        worker = self._free_worker(request.number)
        worker.request, worker.directory = request, None
        worker.since, worker.timeout, worker.shown = time.monotonic(), timeout, 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # died idle: seen by the next wait()
            worker.connection.send((request, news(request, plan, worker.told)))

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed, within at most `seconds`."""
        results: list[BuildResult] = []
        busy = {worker.connection: worker for worker in self._workers if worker.request is not None}
        for connection in wait(list(busy), seconds) if busy else ():
            worker = busy[connection]  # type: ignore[index]  # wait() gives back what it was given
            try:
                message = worker.connection.recv()
            except (EOFError, ConnectionResetError):
                results.append(self._died(worker))
                continue
            if isinstance(message, _Started):
                worker.directory = message.directory
            else:
                worker.request = None
                results.append(_unshown(message, worker.shown))
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.request is not None and 0 < worker.timeout < now - worker.since:
                results.append(self._timed_out(worker))
        return results, self._printed(now)

    def close(self) -> None:
        """End all workers, with what they started."""
        for worker in self._workers:
            _signal(worker, signal.SIGTERM if worker.request is not None else signal.SIGKILL)
        deadline = time.monotonic() + _GRACE
        for worker in self._workers:
            _reap(worker, deadline)
            if worker.directory is not None and worker.request is not None:
                self._session.store.discard(worker.directory)
        self._workers.clear()

    # ---------------------------------------------------------------------------------- the parent

    def _free_worker(self, number: int) -> _Worker:
        idle = [worker for worker in self._workers if worker.request is None]
        for worker in idle:
            if worker.knows > number:
                return worker
        if idle and len(self._workers) >= self._count:
            self._end(idle[0])
        return self._fork()

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
            _serve(theirs, self._graph, self._session, parent)
        theirs.close()
        with contextlib.suppress(OSError):  # the worker does it too; whoever is first
            os.setpgid(pid, pid)
        worker = _Worker(pid, ours, len(self._graph))
        self._workers.append(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        _signal(worker, signal.SIGKILL)
        _reap(worker, 0)
        self._workers.remove(worker)

    def _died(self, worker: _Worker) -> Failed:
        assert worker.request is not None
        _signal(worker, signal.SIGKILL)  # what it started
        how = _reap(worker, 0)
        self._workers.remove(worker)
        lines = _last_lines(worker.directory)
        title = self._graph.nodes[worker.request.number].work.title()
        return self._failure(worker, WorkerDiedError(title, how, lines))

    def _timed_out(self, worker: _Worker) -> Failed:
        assert worker.request is not None
        _signal(worker, signal.SIGTERM)
        _reap(worker, time.monotonic() + _GRACE)
        self._workers.remove(worker)
        title = self._graph.nodes[worker.request.number].work.title()
        return self._failure(worker, BuildTimeoutError(title, worker.timeout))

    def _failure(self, worker: _Worker, error: Exception) -> Failed:
        assert worker.request is not None
        keep = self._session.keep_failed and worker.directory is not None
        if worker.directory is not None and not keep:
            self._session.store.discard(worker.directory)
        return failure(worker.request.number, error, str(worker.directory) if keep else "")

    def _printed(self, now: float) -> list[Output]:
        """What the builds that have been going on for a while have printed since the last look."""
        printed = []
        for worker in self._workers:
            if worker.request is None or worker.directory is None or now - worker.since < _SHOW_AFTER:
                continue
            with contextlib.suppress(FileNotFoundError), (worker.directory / "log").open("rb") as log:
                log.seek(worker.shown)
                text = log.read(TAIL)
                worker.shown += len(text)
                if text:
                    printed.append(Output(worker.request.number, text))
        return printed


def _unshown(result: BuildResult, shown: int) -> BuildResult:
    """`result`, less what was shown while the build went on."""
    printed = result.printed
    if shown <= printed.start:
        return result
    rest = type(printed)(shown, printed.text[shown - printed.start :])
    return type(result)(**{name: getattr(result, name) for name in result.__slots__} | {"printed": rest})


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
    status = 0
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


# ---------------------------------------------------------------------------------------- the worker


def _serve(connection: Connection, graph: Graph, session: Session, parent: int) -> Never:
    """Build what is asked for until the other end is closed."""
    outputs: dict[int, Outputs] = {}
    try:
        _settle_in(parent)
        session.store.after_fork_in_child()
        while True:
            request, news = connection.recv()
            outputs.update(news)
            node = graph.nodes[request.number]
            connection.send(
                build(request, node, outputs, session, lambda path: connection.send(_Started(path)))
            )
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except BaseException:  # nothing may return into the copied frames of the parent
        sys.excepthook(*sys.exc_info())
        os._exit(70)


def _settle_in(parent: int) -> None:
    """Become a process of one's own, that ends with its parent."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    with contextlib.suppress(OSError, AttributeError):  # not on Linux: then a closed pipe ends it
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
