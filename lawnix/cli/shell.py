"""`lawnix shell`: a shell in the environment of a task."""

import sys
from pathlib import Path

import click

from lawnix.cli.asked import task_verb
from lawnix.errors import UsageError
from lawnix.task.command import task_from
from lawnix.task.shell import shell_in, shell_of


def _say(text: str) -> None:
    click.echo(text, err=True)


@task_verb("Examples: lawnix shell dimuon.FitZPeak; echo run | lawnix shell dimuon.FitZPeak", optional=True)
@click.option(
    "--build", metavar="DIR", help="Go on where a build has failed: in the directory that was kept of it."
)
def command(task: str | None, parameters: tuple[str, ...], build: str | None) -> None:
    """Open a shell where TASK is built: in its sandbox, as isolated as its build, with its inputs at hand.

    `run` runs its run(), `task` opens Python with it. What is written lands in a build directory that is removed when
    the shell ends, never in the store. Where stdin is no terminal, commands are read from it.
    """
    if (task is None) == (build is None):
        raise UsageError("`lawnix shell` takes either a task, or --build with a directory that was kept")
    if build is not None:
        sys.exit(shell_in(Path(build).absolute(), _say))
    sys.exit(shell_of(task_from([str(task), *parameters]), _say))
