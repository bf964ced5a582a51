"""`lawnix adopt`: keep results after a change of code that cannot change them."""

import sys

import click

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.cli.assumed import adopt_from_law
from lawnix.cli.checked import checked_as_dict, print_checked
from lawnix.cli.opened import console
from lawnix.engine.adopt import adopt, adopted_of
from lawnix.task.command import task_from
from lawnix.task.run import executor_for, plan_of
from lawnix.task.session import session


@task_verb("Examples: lawnix adopt --sample 5 dimuon.Report; lawnix adopt --from-law --dry-run dimuon.Report")
@click.option(
    "--sample", default=3, show_default=True, type=click.IntRange(1), help="How many of each kind are built."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes build."
)
@click.option("--revoke", is_flag=True, help="Forget what was adopted for TASK and what it is made from.")
@click.option("--from-law", is_flag=True, help="Take over the outputs that plain law has made.")
@click.option(
    "--at",
    metavar="PATTERN",
    help="Where law has put them, such as '/data/{family}/{version}/{name}'; without, each task is asked.",
)
@click.option(
    "--link",
    is_flag=True,
    help="Link law's files instead of copying them; they become read-only, and get the time of all objects.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be taken over from law.")
@as_json
def command(  # noqa: PLR0913  # one for each option
    task: str,
    parameters: tuple[str, ...],
    sample: int,
    workers: int,
    revoke: bool,
    from_law: bool,
    at: str | None,
    link: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take over results for TASK and what it is made from, instead of building them.

    For a refactoring that cannot change results. Of each kind of task whose code changed, a sample is
    built and compared with what the earlier code made of the same inputs. If all of it is the same,
    the earlier results count for the new code, and `lawnix show` says so. If anything differs,
    nothing is taken over, and the exit code is 1.

    With --from-law, for an analysis that comes from law: of each task that was never built here, the
    outputs are copied that plain law has made at its own paths. They are marked as assumed, since
    nobody here has built them. What is not there is left to be built.

    The parameters of the task stand after TASK.
    """
    if not from_law and (at is not None or link or dry_run):
        raise click.UsageError("--at, --link and --dry-run belong to --from-law")
    if revoke and from_law:
        raise click.UsageError("--revoke takes back all that was adopted, from law, too; it stands alone")
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    here = session()
    _, plan = plan_of([task_from(argv)], here)
    if revoke:
        taken = adopted_of(plan, sorted(plan.settled))
        here.store.forget(taken, "adoption revoked")
        here.store.flush()
        if as_json:
            say_json({"revoked": [each.digest for each in taken]})
        else:
            rest = "; the next run builds them" if taken else ""
            console().print(f"{len(taken)} adopted results are forgotten{rest}")
        return
    if from_law:
        sys.exit(adopt_from_law(plan, at, link=link, dry_run=dry_run, as_json=as_json))
    result = adopt(plan, lambda: executor_for(plan, here, workers), sample)
    titles = {number: plan.graph.nodes[number].work.title() for number in {*result.sample, *result.adopted}}
    if as_json:
        samples = [checked_as_dict(titles[number], checked) for number, checked in result.sample.items()]
        say_json({"adopted": [titles[number] for number in result.adopted], "sample": samples})
    elif result.is_refused:
        print_checked(titles, result.sample)
        console().print("so nothing was adopted")
    else:
        left = sum(plan.demanded(number) for number in plan.builds)
        rest = f"; {left} are still to be built" if left else ""
        console().print(
            f"{len(result.adopted)} results adopted, after {len(result.sample)} were built and came out the same{rest}"
        )
    sys.exit(result.is_refused)
