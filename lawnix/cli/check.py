"""`lawnix check`: build again what was built, and compare."""

import sys

import click
from rich.progress import Progress

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.cli.checked import checked_as_dict, print_checked, print_verdicts
from lawnix.cli.opened import console
from lawnix.core.realization import Realization
from lawnix.engine.check import check, sample_of
from lawnix.engine.plan import Plan
from lawnix.engine.verdict import judge
from lawnix.errors import NotRealizedError
from lawnix.task.command import task_from
from lawnix.task.run import executor_for, plan_of
from lawnix.task.session import session


@task_verb("Examples: lawnix check --times 2 dimuon.FitZPeak; lawnix check --all --sample 2 dimuon.Report")
@click.option(
    "--times", default=1, show_default=True, type=click.IntRange(1), help="How often each is built."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes build."
)
@click.option(
    "--sample", type=click.IntRange(1), help="How many of each kind are built; all, if it is not said."
)
@click.option("--all", "deep", is_flag=True, help="Check what TASK is made from, too.")
@as_json
def command(
    task: str,
    parameters: tuple[str, ...],
    times: int,
    workers: int,
    sample: int | None,
    deep: bool,
    as_json: bool,
) -> None:
    """Build TASK again and tell whether it comes out as it was.

    Each branch of a workflow is built. What was there stays what is used. What was assumed, see
    `lawnix adopt --from-law`, is verified if it comes out as it was, and with it others of its kind
    if that is so for all of a sample. The exit code is 1 if something came out otherwise, or failed.
    The parameters of the task stand after TASK.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    here = session()
    _, plan = plan_of([task_from(argv)], here)
    among = _among(plan, deep=deep)
    expected = among if sample is None else sample_of(plan, among, sample)
    with Progress(console=console(stderr=True), transient=True, disable=as_json) as progress:
        bar = progress.add_task("building again", total=len(expected) * times)
        executor = executor_for(plan, here, workers)
        found = check(plan, executor, expected, times, lambda: progress.advance(bar))
    verdicts = judge(plan, found, among)
    titles = {number: plan.graph.nodes[number].work.title() for number in among}
    if as_json:
        say_json([checked_as_dict(titles[number], checked) for number, checked in found.items()])
    else:
        print_checked(titles, found)
        print_verdicts(titles, verdicts)
    sys.exit(any(not checked.is_same for checked in found.values()))


def _among(plan: Plan, *, deep: bool) -> dict[int, Realization]:
    """What can be built again, with what is there.

    Raises:
        NotRealizedError: It was not built before.
    """
    roots = [number for root in plan.graph.roots for number in plan.graph.derived(root)]
    numbers = sorted(plan.settled) if deep else list(dict.fromkeys(roots))
    missing = [number for number in roots if number not in plan.settled]
    if missing:
        titles = plan.graph.titles(missing)
        raise NotRealizedError(titles[0])
    return {n: realization for n in numbers if (realization := plan.settled[n].realization) is not None}
