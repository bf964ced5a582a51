"""`lawnix log`: what a build printed."""

import click

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.cli.opened import opened_store
from lawnix.cli.referred import referred
from lawnix.errors import AmbiguousNameError, UnknownNameError


@task_verb("Examples: lawnix log dimuon.FitZPeak; lawnix log k3v7q2xw")
@as_json
def command(task: str, parameters: tuple[str, ...], as_json: bool) -> None:
    """Print what a build printed.

    TASK is a task with its parameters, the beginning of the digest of a realization or derivation, the name of an
    object, or a path to it, such as a link under results.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    with opened_store() as store:
        found = referred(store, argv[0], argv[1:])
        if len(found) > 1:
            raise AmbiguousNameError(" ".join(argv), [each.title for each in found])
        if not found or not found[0].realizations:
            raise UnknownNameError(
                "realization of", found[0].title if found else argv[0], hint="run it first"
            )
        realization = found[0].realizations[0]
        text = store.log(realization.digest)
    if as_json:
        say_json({"task": found[0].title, "realization": realization.digest, "log": text})
    elif text is None:
        click.echo(f"{found[0].title} printed nothing", err=True)
    else:
        click.echo(text, nl=not text.endswith("\n"))
