"""The steps of a run(): it may yield tasks, and gets their outputs. A sandbox needs no more than this to run a task."""

import functools
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import luigi

from lawnix.engine.current import Build, NeedsTasks
from lawnix.errors import DeclarationError
from lawnix.task.registered import title_of
from lawnix.task.structure import held, leaves, outputs_in

if TYPE_CHECKING:
    from lawnix.core.realization import TaskName


def run_to_end(
    task: Any, build: Build, task_of: Callable[[int], luigi.Task], *, with_hooks: bool = True
) -> None:
    """Run the author's `run()` to its end.

    Args:
        task: Whose.
        build: Knows what was found at run time.
        task_of: The task of a node.
        with_hooks: Whether `on_success()` and `on_failure()` are called.

    Raises:
        NeedsTasks: It yielded tasks that `build` does not know.
    """
    try:
        result = task.run()
        if isinstance(result, Generator):
            _drive(result, task, build, task_of)
    except NeedsTasks:
        raise
    except Exception as error:
        if with_hooks:
            task.on_failure(error)
        raise
    if with_hooks:
        task.on_success()


def _drive(
    steps: Generator[Any, Any, Any], task: luigi.Task, build: Build, task_of: Callable[[int], luigi.Task]
) -> None:
    """Give what run() yields its outputs, as far as they are there.

    Raises:
        NeedsTasks: They are not.
    """
    answer: Any = None
    known = {_frozen(found.task): (found, number) for found, number in build.found}
    while True:
        try:
            yielded = held(steps.send(answer))
        except StopIteration:
            return
        strange = next((item for _, item in leaves(yielded) if not isinstance(item, luigi.Task)), None)
        if strange is not None:
            raise DeclarationError(f"{title_of(task)} yielded {strange!r} in run(), which is no task")
        names = {id(each): task_name(each) for _, each in leaves(yielded)}
        unknown = {_frozen(name): name for name in names.values() if _frozen(name) not in known}
        if unknown:
            raise NeedsTasks(list(unknown.values()))
        entries = {key: known[_frozen(name)] for key, name in names.items()}
        build.read.extend(found for found, _ in entries.values() if found not in build.read)
        tasks = {key: task_of(number) for key, (_, number) in entries.items()}
        answer = outputs_in(yielded, functools.partial(_output_of, tasks))


def _output_of(tasks: Mapping[int, luigi.Task], task: luigi.Task) -> Any:
    """The output of the task of the graph that `task` is another instance of."""
    return tasks[id(task)].output()


def task_name(task: luigi.Task) -> "TaskName":
    """The task as it can be said to another process, or kept with a realization."""
    return task.task_module, task.get_task_family(), dict(task.to_str_params())


def _frozen(name: "TaskName") -> tuple[str, str, tuple[tuple[str, str], ...]]:
    module, family, parameters = name
    return module, family, tuple(sorted(parameters.items()))
