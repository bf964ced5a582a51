"""The command `lawnix`: its verbs, and how it ends."""

import importlib
from typing import Any, Final

import click

from lawnix.core.nearest import nearest_to
from lawnix.errors import LawnixError, UnknownNameError, UsageError

VERBS: Final = (
    "plan",
    "why",
    "run",
    "shell",
    "lint",
    "check",
    "adopt",
    "show",
    "diff",
    "log",
    "ls",
    "verify",
    "gc",
    "reindex",
    "roots",
    "sandbox",
)


class Verbs(click.Group):
    """Verbs, each in its own module, which is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of this name."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"lawnix.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click; names the nearest verb."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            nearest = nearest_to(args[0], VERBS, 2)
            _end(ctx, UnknownNameError("verb", args[0], nearest, "`lawnix --help` lists them"))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As in click; what lawnix refuses on purpose is told without a traceback."""
        try:
            return super().invoke(ctx)
        except LawnixError as error:
            _end(ctx, error)


def _end(ctx: click.Context, error: LawnixError) -> None:
    click.echo(f"lawnix: {error}", err=True)
    ctx.exit(2 if isinstance(error, UsageError) else 1)


@click.command(cls=Verbs, epilog="`lawnix VERB --help` tells more, with an example.")
@click.version_option(package_name="lawnix")
def main() -> None:
    """Ask what would be built and why, look at what was built, and keep the store in order.

    Tasks are named as for `law run`: by a family of law's index, or as module.Class.
    """
