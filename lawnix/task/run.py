"""Running tasks: from luigi tasks to a realized plan."""

from collections.abc import Sequence
from functools import partial

import luigi

from lawnix.engine.executor.late import LateExecutor
from lawnix.engine.executor.protocol import Executor
from lawnix.engine.graph import Graph
from lawnix.engine.plan import Plan, make_plan
from lawnix.engine.realize import Outcome, realize
from lawnix.engine.report import Reporter
from lawnix.engine.session import Session
from lawnix.errors import TaskFailedError
from lawnix.task.observed import WatchedExecutor
from lawnix.task.progress import Echo
from lawnix.task.session import TaskSession, session
from lawnix.task.walk import Walker
from lawnix.task.work import DerivedTaskWork


def plan_of(tasks: Sequence[luigi.Task], here: TaskSession) -> tuple[Walker, Plan]:
    """What would have to be done for `tasks`, decided afresh."""
    here.renew()
    here.store.refresh()
    walker = Walker(here.settings, here.memo, here.store)
    walker.graph.roots = walker.walk(tasks)
    walker.check_families()
    return walker, make_plan(walker.graph, here.engine, walker)


def make_ready(plan: Plan) -> None:
    """Have all sandboxes made in which something of `plan` may be built; before anything runs.

    Raises:
        SandboxError: One cannot be made.
    """
    wanted = {
        enclosure
        for number, node in enumerate(plan.graph.nodes)
        if isinstance(node.work, DerivedTaskWork)
        and (enclosure := node.work.enclosure) is not None
        and number not in plan.settled
        and plan.demanded(number)
    }
    for enclosure in wanted:
        enclosure.make_ready()


def run_plan(plan: Plan, here: TaskSession, workers: int, reporter: Reporter) -> Outcome:
    """Build what `plan` says with `workers` processes."""
    executor = executor_for(plan, here, workers)
    try:
        return realize(plan, executor, reporter, limits=resource_limits(), retry_delay=retry_delay())
    finally:
        here.renew()


def executor_for(plan: Plan, here: TaskSession, workers: int) -> Executor:
    """Who builds: `workers` processes, or this one, as the settings say."""
    inline = here.settings.executor == "inline"
    make = _here if inline else partial(_forked, workers=workers, max_tasks=here.settings.worker_max_tasks)
    return _watched(LateExecutor(partial(make, plan.graph, here.engine)), plan, here)


def run_here(task: luigi.Task) -> None:
    """Realize one task in this process, as luigi's own worker asks for it.

    Raises:
        TaskFailedError: It, or something that it requires, failed.
    """
    here = session()
    walker, plan = plan_of([task], here)
    walker.work_of(plan.graph.roots[0]).is_luigis = True
    make_ready(plan)
    executor = _watched(_here(plan.graph, here.engine), plan, here)
    outcome = realize(plan, executor, Echo(), limits=resource_limits(), retry_delay=retry_delay())
    here.renew()
    for number, failure in outcome.failed.items():
        error = TaskFailedError(plan.graph.nodes[number].work.title(), failure.summary, failure.traceback)
        if failure.traceback:
            error.add_note(failure.traceback.rstrip())  # shown with the error, by luigi, too
        raise error


def _here(graph: Graph, engine: Session) -> Executor:
    from lawnix.engine.executor.inline import InlineExecutor  # most runs build nothing

    return InlineExecutor(graph, engine)


def _forked(graph: Graph, engine: Session, *, workers: int, max_tasks: int) -> Executor:
    from lawnix.engine.executor.fork import ForkExecutor

    return ForkExecutor(graph, engine, workers, max_tasks)


def _watched(executor: Executor, plan: Plan, here: TaskSession) -> Executor:
    """`executor`, with somebody who tells what builds touched undeclared if they are watched."""
    return executor if here.engine.surroundings is None else WatchedExecutor(executor, plan.graph)


def resource_limits() -> dict[str, int]:
    """How much of each resource there is, from luigi's section [resources]."""
    return dict(luigi.configuration.get_config().getintdict("resources"))


def retry_delay() -> float:
    """Seconds before a failed task is tried again: luigi's [scheduler] retry_delay if somebody set it, else none."""
    return float(luigi.configuration.get_config().getfloat("scheduler", "retry_delay", 0.0))
