"""`lawnix why`: what would happen to a task, and the reasons."""

import click

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.task.command import task_from
from lawnix.task.explained import print_why, why_as_dict


@task_verb("Example: lawnix why --depth 2 dimuon.FitZPeak")
@click.option(
    "--depth", default=0, show_default=True, help="How many steps of requirements are told; -1 for all."
)
@click.option("--diff", is_flag=True, help="Show the lines of code that are not what they were.")
@as_json
def command(task: str, parameters: tuple[str, ...], depth: int, diff: bool, as_json: bool) -> None:
    """Tell what would happen to TASK, the reasons, and what causes the rest.

    It is compared with what was built before: code, parameters, inputs. Below stand the causes of
    all that TASK needs, by family, what only follows from them, and what it takes by earlier builds.
    Nothing runs. The parameters of the task stand after TASK.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    if as_json:
        say_json(why_as_dict(task_from(argv), depth))
    else:
        print_why(task_from(argv), str(depth), *(["diff"] if diff else []))
