"""What is asked for on the command line: tasks with their parameters, and whether programs read the answer."""

import itertools
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import click
import luigi

from lawnix.errors import UnknownNameError
from lawnix.task.command import family_of

_SETTINGS: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def verb(epilog: str) -> Callable[[Callable[..., None]], click.Command]:
    """A verb without a task."""
    return click.command(epilog=epilog)


def task_verb(epilog: str, *, optional: bool = False) -> Callable[[Callable[..., None]], click.Command]:
    """A verb about a task: options of the verb may stand after TASK, too, if they are no parameters of the task."""

    def decorate(function: Callable[..., None]) -> click.Command:
        with_task = click.argument("task", required=not optional)(
            click.argument("parameters", nargs=-1, type=click.UNPROCESSED)(function)
        )
        return click.command(cls=_TaskVerb, context_settings=_SETTINGS, epilog=epilog)(with_task)

    return decorate


class _TaskVerb(click.Command):
    """A verb about a task. `lawnix adopt T --sample 3` is asked like `lawnix adopt --sample 3 T`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As in click, with the verb's own options in front."""
        own = {option: each for each in self.params if isinstance(each, click.Option) for option in each.opts}
        words = iter(args)
        front: list[str] = []
        behind: list[str] = []
        task = None
        for word in words:
            name, is_whole, _ = word.partition("=")
            option = own.get(name)
            if task is not None and option is not None and name in _options_of(task):
                option = None
            if option is None and task is None and not word.startswith("-"):
                task = word
            elif option is None and task is not None:
                behind.append(word)
            else:
                front.append(word)
                if option is not None and not is_whole and not option.is_flag:
                    front.extend(itertools.islice(words, 1))
        return super().parse_args(ctx, [*front, *([] if task is None else [task]), *behind])


@lru_cache(1)
def _options_of(task: str) -> set[str]:
    """The options of a task, if `task` is one."""
    try:
        cls = luigi.task_register.Register.get_task_cls(family_of(task))
    except (UnknownNameError, luigi.task_register.TaskClassNotFoundException):
        return set()
    return {f"--{name.replace('_', '-')}" for name, _ in cls.get_params()}


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def argv_of(task: str, parameters: tuple[str, ...], *, as_json: bool) -> tuple[list[str], bool]:
    """The task with its parameters, and whether the answer is wanted in JSON."""
    rest = [word for word in parameters if word != "--json"]
    return [task, *rest], as_json or len(rest) < len(parameters)


def say_json(value: Any) -> None:
    """Print `value` for programs."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
