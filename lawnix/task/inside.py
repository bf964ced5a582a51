"""Inside a sandbox: what serves there, one task after the other.

It needs nothing but the standard library, law, luigi and the author's modules, and any Python from 3.10 on. What a task
is told comes from the run that started this; what goes back is plain data, since a sandbox is not believed.
"""

from __future__ import annotations

import base64
import io
import os
import pickle
import platform
import shutil
import sys
import traceback
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import law
import luigi

from lawnix.engine.capture import captured
from lawnix.engine.current import Build, NeedsTasks, current_build
from lawnix.engine.observe.heard import heard
from lawnix.engine.observe.recording import Seen
from lawnix.errors import LawnixError, LeftBehindError
from lawnix.sandbox.left import left_behind
from lawnix.sandbox.wire import FORMAT, Line
from lawnix.task.contributed import load_kind
from lawnix.task.numbers import Numbers
from lawnix.task.registered import title_of
from lawnix.task.steps import run_to_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def serve(incoming: int, outgoing: int) -> NoReturn:
    """Run the tasks that are asked for, until the line is closed."""
    line = Line(incoming, outgoing)
    line.send(
        {
            "hello": {
                "format": FORMAT,
                "python": platform.python_version(),
                "law": law.__version__,
                "luigi": luigi.__version__,
            }
        }
    )
    room, own = _Room(), os.getpid()
    while True:
        try:
            message = line.receive()
        except EOFError:
            os._exit(0)
        answer = room.answer(message)
        if os.getpid() != own:  # a fork of the task that has come back: the line is its parent's
            os._exit(1)
        line.send(answer)


class _Found(NamedTuple):
    """What was found at run time: the task, and the place in the list that the run has."""

    task: Any
    place: int


class _Staged:
    """A store as far as it is seen here: an output is told by where it lies."""

    root = None

    @staticmethod
    def place(path: str) -> str:
        return path


class _Session:
    """What a build works with here."""

    store = _Staged()


class _Work:
    """The task that runs, and what it can ask of others: the nodes that were told."""

    def __init__(self, task: Any, requirements: Any, room: _Room) -> None:
        self.task, self.requirements, self.walk = task, requirements, room

    def title(self) -> str:
        return title_of(self.task)


class _Room:
    """What has been told so far."""

    def __init__(self) -> None:
        load_kind(os.environ.get("LAW_SANDBOX", "").partition("::")[0])
        self._numbers = Numbers()
        self._tasks: dict[int, luigi.Task] = {}
        self._outputs: dict[int, Mapping[str, Any]] = {}

    def number_of(self, task: luigi.Task) -> int | None:
        """The node of a task that was told."""
        return self._numbers.find(task)

    def answer(self, message: Any) -> Any:
        """Run what is asked for; how it ended."""
        understood = False
        with captured(message["log"], goes_on=True):  # what starts a worker may have said something
            try:
                task, build = self.build_of(message)
                understood = True
                return self._run(task, build, message)
            except NeedsTasks as needs:
                return {"needs": needs.tasks}
            except (
                Exception,
                SystemExit,
            ) as error:  # whatever the author's code raises fails this task alone
                told = {
                    "summary": _summary(error),
                    "traceback": _trace(error),
                    "lacks": _lacks_something(error),
                    "understood": understood,
                }
                return {"failed": told}

    def _run(self, task: Any, build: Build, message: Any) -> Any:
        with (
            self.entered(task, build, message),
            _watched(message["watched"]) as seen,
        ):
            run_to_end(task, build, self.task_of)
        if message["alone"] and (commands := left_behind()):
            raise LeftBehindError(build.work.title(), commands)
        read = [each.place for each in build.read]  # type: ignore[attr-defined]
        return {"built": {"read": read, "seen": seen}}

    def task_of(self, number: int) -> luigi.Task:
        """The task of a node that was told."""
        return self._tasks[number]

    @contextmanager
    def entered(self, task: Any, build: Build, message: Any) -> Iterator[None]:
        """Within, a task finds its inputs, its outputs and its variables."""
        with (
            _as_told(task, message["branch"]),
            _restored(message["variables"]),
            current_build.entered(build),
        ):
            yield

    def build_of(self, message: Any) -> tuple[Any, Build]:
        """The task of a message, and how it is built."""
        for number, name, outputs in message["told"]:
            task = _load(name)
            self._numbers.enter(task, number)
            self._tasks[number], self._outputs[number] = task, outputs
        for name, branches in message["workflows"]:
            if branches is not None:  # else its map is made again here
                _load(name)._branch_map = _unpickled(branches)
        task = _load(message["task"])
        work = _Work(task, _unpickled(message["requirements"]), self)
        for name, number in message["found"]:  # what has no result of its own was not told
            if number not in self._tasks:
                self._tasks[number] = _load(name)
        found = [(_Found(name, place), number) for place, (name, number) in enumerate(message["found"])]
        build = Build(
            work=work,  # type: ignore[arg-type]  # it is run here
            directory=Path(message["directory"]),
            outputs=self._outputs,
            session=_Session(),  # type: ignore[arg-type]  # no more than this
            found=found,  # type: ignore[arg-type]
        )
        return task, build


@contextmanager
def _as_told(task: Any, branches: str | None) -> Iterator[None]:
    """Within, a branch knows the part of its branch map that its code may look at."""
    if branches is None:
        yield
        return
    workflow = task.as_workflow()
    before = workflow._branch_map, workflow._branch_tasks
    workflow._branch_map, workflow._branch_tasks = _unpickled(branches), None
    try:
        yield
    finally:  # others may require the whole workflow
        workflow._branch_map, workflow._branch_tasks = before


@contextmanager
def _restored(variables: Mapping[str, str]) -> Iterator[None]:
    """Within, there are these environment variables, too; what a task sets or where it goes is not for the next one."""
    before, directory = dict(os.environ), os.getcwd()
    os.environ.update(variables)
    try:
        yield
    finally:
        if dict(os.environ) != before:
            os.environ.clear()
            os.environ.update(before)
        os.chdir(directory)


def at_hand(message: Any) -> tuple[Any, Callable[[], None]]:
    """The task of a message, for people who look at it in this process, and what runs its run() to its end."""
    room, stack = _Room(), ExitStack()
    task, build = room.build_of(message)
    stack.enter_context(room.entered(task, build, message))

    def run(stack: ExitStack = stack) -> None:  # which is kept as long as this is
        run_to_end(task, build, room.task_of)

    return task, run


_GIVEN = frozenset(os.environ)  # by the sandbox, which decides results with all that it sets


@contextmanager
def _watched(file: str | None) -> Iterator[list[Seen]]:
    """Within, what happens is taken down if there is a file for that; afterwards it is in the list."""
    seen: list[Seen] = []
    if file is None:
        yield seen
        return
    with heard(file) as recorder:
        prefixes = os.pathsep.join([sys.prefix, sys.base_prefix])
        recorder.note("python", os.path.realpath(sys.executable), prefixes)
        yield seen
    for each in recorder.all():
        if each.kind == "program":  # as it is found here
            seen.append(each._replace(name=shutil.which(each.name) or each.name))
        elif each.kind != "variable" or each.name not in _GIVEN:
            seen.append(each)


def _load(name: Any) -> Any:
    """The task with this name."""
    module, family, parameters = name
    return luigi.task_register.load_task(module, family, parameters)


class _Unpickler(pickle.Unpickler):
    """Puts tasks in the places of their names."""

    def persistent_load(self, name: Any) -> Any:
        return _load(name)


def _unpickled(text: str) -> Any:
    return _Unpickler(io.BytesIO(base64.b64decode(text))).load()


def _lacks_something(error: BaseException | None) -> bool:
    """Whether it may come from something that is not there."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return any(isinstance(each, (OSError, ImportError)) or _is_of_environment(each) for each in seen)


def _is_of_environment(error: BaseException) -> bool:
    """Whether it was raised by `os.environ[...]`."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return isinstance(error, KeyError) and frames[-1:] != [] and frames[-1].f_globals.get("__name__") == "os"


def _summary(error: BaseException) -> str:
    if isinstance(error, LawnixError):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # the author's own __str__
        return type(error).__name__


def _trace(error: BaseException) -> str:
    """The traceback from the author's code on; none of what is refused on purpose."""
    if isinstance(error, LawnixError):
        return ""
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    told = traceback.TracebackException.from_exception(error)
    frames = list(told.stack)
    while frames and frames[0].filename.startswith(ours):
        frames.pop(0)
    told.stack = traceback.StackSummary.from_list(frames)
    return "".join(told.format())
