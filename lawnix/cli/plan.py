"""`lawnix plan`: what a run would do, and why."""

import click

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.task.command import task_from
from lawnix.task.interactive import plan_as_dict, print_plan


@task_verb("Example: lawnix plan dimuon.Report --scale 0.5")
@click.option(
    "--limit", default=5, show_default=True, help="How many tasks of each kind are listed; -1 for all."
)
@as_json
def command(task: str, parameters: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Tell what a run of TASK would build, and why.

    Nothing runs, and nothing is written to the store. The parameters of the task stand after TASK.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    if as_json:
        say_json(plan_as_dict(task_from(argv)))
    else:
        print_plan(task_from(argv), str(limit))
