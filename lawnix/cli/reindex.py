"""`lawnix reindex`: make the index anew."""

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.opened import opened_store


@verb("Example: lawnix reindex")
@as_json
def command(as_json: bool) -> None:
    """Make the index anew.

    It is read from the journals, which hold the truth; nothing is lost by it.
    """
    with opened_store() as store:
        store.trace.rebuild()
        count = len(store.answers.living())
        if as_json:
            say_json({"index": str(store.index_path), "realizations": count})
        else:
            click.echo(f"{store.index_path}: {count} realizations")
