"""`lawnix roots`: what is kept from being collected."""

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.opened import console, opened_store
from lawnix.core.nearest import nearest_to
from lawnix.errors import AmbiguousNameError, UnknownNameError


@verb("Example: lawnix roots --remove dimuon.Report/scale=0.5")
@click.option("--remove", metavar="NAME", help="Let go what this root keeps; `lawnix gc` may then remove it.")
@as_json
def command(remove: str | None, as_json: bool) -> None:
    """List what is kept from `lawnix gc`.

    Each task that was run by name is a root, which keeps its realizations and those that it was made from. Behind it
    stands the directory that has its links.
    """
    with opened_store() as store:
        if remove is not None:
            known = store.roots()
            meant = [name for name in known if remove in (name, name.partition(" (")[0])]
            if not meant:
                raise UnknownNameError("root", remove, nearest_to(remove, known))
            if len(meant) > 1:
                raise AmbiguousNameError(remove, meant)
            store.remove_root(meant[0])
        roots = store.roots()
    if as_json:
        say_json({name: list(realizations) for name, realizations in roots.items()})
        return
    for name, realizations in roots.items():
        console().print(f"{name}: {len(realizations)} realizations")
