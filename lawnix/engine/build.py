"""One build: a fresh build directory, the author's own run(), and outputs that have become objects.

This runs where the task runs: in a worker, or in the process of the run itself. It touches the build directory and the
objects of the store, never the journals: what came out goes back as a value.
"""

import contextlib
import getpass
import itertools
import logging
import os
import platform
import resource
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from lawnix.core.derivation import Kind, OutputSpec
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import BuildRecord, Found, Outputs, Realization
from lawnix.engine.capture import captured
from lawnix.engine.graph import DerivedNode, Node, TaskName
from lawnix.engine.session import Session
from lawnix.errors import EmptyOutputError, LawnixError, MissingOutputError, OutputKindError

logger = logging.getLogger(__name__)


_TOLD: Sequence[str] = ("lawnix", "law", "luigi")  # whose versions a build record tells
_PACKAGE = str(Path(__file__).parents[1])


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What crosses into a worker.

    Attributes:
        number: The node.
        key: What it is built under; None for a task that is not derived.
        found: What this build found at run time in an earlier attempt, with the node of each.
    """

    number: int
    key: Digest | None
    found: Sequence[tuple[Found, int]] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """The end of what a build printed.

    Attributes:
        start: How many bytes came before.
        text: At most `TAIL` bytes.
    """

    start: int = 0
    text: bytes = b""


NOTHING = Printed()
TAIL = 65536


@dataclass(frozen=True, slots=True)
class Built:
    """A build ended well; its outputs are objects.

    Attributes:
        number: The node.
        realization: None for a task that is not derived.
        printed: The end of what it printed.
        sizes: Bytes of each object.
    """

    number: int
    realization: Realization | None
    printed: Printed = NOTHING
    sizes: Mapping[ObjectPath, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suspended:
    """A build needs more tasks before it can go on; it will be started anew."""

    number: int
    tasks: tuple[TaskName, ...]
    printed: Printed = NOTHING


@dataclass(frozen=True, slots=True)
class Failed:
    """A build went wrong.

    Attributes:
        number: The node.
        summary: One line.
        traceback: Where, in the author's code.
        kept: The build directory, if it was kept.
    """

    number: int
    summary: str
    traceback: str = ""
    kept: str = ""
    printed: Printed = NOTHING


BuildResult = Built | Suspended | Failed


class NeedsTasks(Exception):  # noqa: N818  # not an error: it carries a run() that waits out of the build
    """Raised inside a build whose run() yielded tasks that are not there yet."""

    def __init__(self, tasks: Sequence[TaskName]) -> None:
        self.tasks = tuple(tasks)
        super().__init__(f"needs {len(self.tasks)} more tasks")


@dataclass(slots=True)
class Build:
    """A build that is going on; targets and run() ask it where to write and what to read.

    Attributes:
        work: The node's work.
        directory: Where outputs are written; None for a task that is not derived.
        outputs: The chosen outputs of derived nodes by number.
        found: What was found at run time, with the node of each.
        session: Where outputs go, and come from.
        read: What of `found` was asked for by this attempt, in order.
    """

    work: "Buildable"
    directory: Path | None
    outputs: Mapping[int, Outputs]
    session: Session
    found: Sequence[tuple[Found, int]] = ()
    read: list[Found] = field(default_factory=list)


@runtime_checkable
class Buildable(Protocol):
    """Work that can be run."""

    def title(self) -> str:
        """The task as people read it."""
        ...

    def run(self, build: Build) -> None:
        """Run the author's code to its end.

        Raises:
            NeedsTasks: It yielded tasks that `build.found` does not know.
        """
        ...


current_build: ContextVar[Build | None] = ContextVar("current_build", default=None)
"""The build that goes on in this context."""


def build(
    request: BuildRequest,
    node: Node,
    outputs: Mapping[int, Outputs],
    session: Session,
    started: Callable[[Path | None], None] = lambda directory: None,
) -> BuildResult:
    """Run one task; what it wrote has become objects when this returns a `Built`.

    Args:
        request: Which, and what the worker has to know for it.
        node: How to run it, and what it declares.
        outputs: The chosen outputs of derived nodes, by number.
        session: Where outputs go.
        started: Told the build directory before anything runs in it.
    """
    work = node.work
    assert isinstance(work, Buildable)
    derivation = node.derivation if isinstance(node, DerivedNode) else None
    directory = session.store.new_build(work.title()) if derivation is not None else None
    log = directory / "log" if directory is not None else None
    going_on = Build(work, directory and directory / "out", outputs, session, request.found)
    meter = Meter()
    keep = False
    started(directory)
    try:
        with captured(log), _entered(going_on):
            work.run(going_on)
        if derivation is None or directory is None or request.key is None:
            return Built(request.number, None)
        printed = _printed(log)
        check_outputs(work.title(), derivation.outputs, directory / "out")
        objects, sizes = _register(derivation.outputs, directory, session)
        record = replace(
            meter.record(),
            size=sum(sizes.values()),
            logged=bool(printed.text),
            environment=dict(session.environment),
        )
        realization = Realization(request.key, derivation.digest, objects, tuple(going_on.read), record)
        if record.logged and log is not None:
            session.store.save_log(realization.digest, log)
        return Built(request.number, realization, printed, sizes)
    except NeedsTasks as needs:
        return Suspended(request.number, needs.tasks, _printed(log))
    except (
        Exception,
        SystemExit,
    ) as error:  # whatever the author's code raises is a failure of this task alone
        keep = session.keep_failed
        return failure(request.number, error, str(directory) if keep and directory else "", _printed(log))
    finally:
        if directory is not None and not keep:
            session.store.discard(directory)


def failure(number: int, error: BaseException, kept: str = "", printed: Printed = NOTHING) -> Failed:
    """What is told of a build that raised `error`."""
    trace = "" if isinstance(error, LawnixError) else _trace(error)
    summary = str(error) if isinstance(error, LawnixError) else f"{type(error).__name__}: {error}"
    return Failed(number, summary, trace, kept, printed)


def _trace(error: BaseException) -> str:
    """The traceback from the author's code on: how the build got there is of no interest."""
    told = traceback.TracebackException.from_exception(error)
    outer = list(itertools.takewhile(lambda frame: frame.filename.startswith(_PACKAGE), told.stack))
    told.stack = traceback.StackSummary.from_list(told.stack[len(outer) :])
    return "".join(told.format())


@contextlib.contextmanager
def _entered(build: Build) -> Iterator[None]:
    token = current_build.set(build)
    try:
        yield
    finally:
        current_build.reset(token)


def check_outputs(task: str, specs: Sequence[OutputSpec], directory: Path) -> None:
    """Check that what is in `directory` is what was declared.

    Raises:
        MissingOutputError: A declared output is not there.
        OutputKindError: A file is where a directory should be, or the other way round.
        EmptyOutputError: An output is empty and may not be.
    """
    missing, empty = [], []
    for spec in specs:
        path = directory / spec.name
        is_directory = path.is_dir() and not path.is_symlink()
        if not os.path.lexists(path):
            if not spec.optional:
                missing.append(spec.name)
        elif is_directory != (spec.kind is Kind.DIRECTORY):
            kinds = {True: "directory", False: "file"}
            raise OutputKindError(task, spec.name, kinds[not is_directory], kinds[is_directory])
        elif not spec.allow_empty and _is_empty(path, is_directory=is_directory):
            empty.append(spec.name)
    if missing:
        raise MissingOutputError(task, missing)
    if empty:
        raise EmptyOutputError(task, empty)


def _is_empty(path: Path, *, is_directory: bool) -> bool:
    return not any(path.iterdir()) if is_directory else path.lstat().st_size == 0


def _register(
    specs: Sequence[OutputSpec], directory: Path, session: Session
) -> tuple[Outputs, Mapping[ObjectPath, int]]:
    """Make objects of the outputs; their paths by name, and their bytes."""
    written = [spec for spec in specs if os.path.lexists(directory / "out" / spec.name)]
    added = session.store.add(directory, [(spec.name, spec.kind) for spec in written])
    objects = {spec.name: found.path for spec, found in zip(written, added, strict=True)}
    return {spec.name: objects.get(spec.name) for spec in specs}, {found.path: found.size for found in added}


def _printed(log: Path | None) -> Printed:
    if log is None:
        return NOTHING
    try:
        size = log.stat().st_size
        start = max(0, size - TAIL)
        return Printed(start, log.read_bytes()[start:]) if size else NOTHING
    except FileNotFoundError:  # the build ended before anything could be printed
        return NOTHING


class Meter:
    """Time, CPU and memory from its making to `record()`."""

    def __init__(self) -> None:
        self._started = time.time()
        self._wall = time.perf_counter()
        self._cpu = _cpu()

    def record(self) -> BuildRecord:
        """What was used since; without sizes and logs, which the meter does not see."""
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
        host, user, versions = _circumstances()
        return BuildRecord(
            started=self._started,
            wall=time.perf_counter() - self._wall,
            cpu=_cpu() - self._cpu,
            memory=memory,
            host=host,
            user=user,
            pid=os.getpid(),
            versions=versions,
        )


def _cpu() -> float:
    return sum(os.times()[:4])


@cache
def _circumstances() -> tuple[str, str, Mapping[str, str]]:
    """Host, user and versions, which are the same for all builds of a process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in containers
        user = str(os.getuid())
    loaded = {name: sys.modules[name] for name in _TOLD if name in sys.modules}
    versions = {name: str(getattr(module, "__version__", "unknown")) for name, module in loaded.items()}
    return socket.gethostname(), user, {"python": platform.python_version(), **versions}
