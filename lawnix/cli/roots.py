"""`lawnix roots`: what is kept from being collected."""

import difflib

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.opened import console, opened_store
from lawnix.errors import UnknownNameError


@verb("Example: lawnix roots --remove dimuon.Report/scale=0.5")
@click.option("--remove", metavar="NAME", help="Let go what this root keeps; `lawnix gc` may then remove it.")
@as_json
def command(remove: str | None, as_json: bool) -> None:
    """List what is kept from `lawnix gc`.

    Each task that was run by name is a root, which keeps its realizations and those that it was made from.
    """
    with opened_store() as store:
        if remove is not None:
            known = store.roots()
            if remove not in known:
                raise UnknownNameError("root", remove, difflib.get_close_matches(remove, known, n=3))
            store.remove_root(remove)
        roots = store.roots()
    if as_json:
        say_json({name: list(realizations) for name, realizations in roots.items()})
        return
    for name, realizations in roots.items():
        console().print(f"{name}: {len(realizations)} realizations")
