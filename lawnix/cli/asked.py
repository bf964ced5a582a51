"""What is asked for on the command line: tasks with their parameters, and whether programs read the answer."""

import json
from collections.abc import Callable
from typing import Any, Final

import click

_SETTINGS: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def verb(epilog: str) -> Callable[[Callable[..., None]], click.Command]:
    """A verb without a task."""
    return click.command(epilog=epilog)


def task_verb(epilog: str) -> Callable[[Callable[..., None]], click.Command]:
    """A verb about a task: what stands after TASK belongs to the task, but for `--json`."""

    def decorate(function: Callable[..., None]) -> click.Command:
        with_task = click.argument("task")(
            click.argument("parameters", nargs=-1, type=click.UNPROCESSED)(function)
        )
        return click.command(context_settings=_SETTINGS, epilog=epilog)(with_task)

    return decorate


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def argv_of(task: str, parameters: tuple[str, ...], *, as_json: bool) -> tuple[list[str], bool]:
    """The task with its parameters, and whether the answer is wanted in JSON."""
    rest = [word for word in parameters if word != "--json"]
    return [task, *rest], as_json or len(rest) < len(parameters)


def say_json(value: Any) -> None:
    """Print `value` for programs."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
