"""`lawnix verify`: whether everything in the store is what its name says."""

import sys

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.described import size_in_words
from lawnix.cli.opened import console, opened_store
from lawnix.store.local import LocalStore
from lawnix.store.verify import Verified, verify


@verb("Example: lawnix verify --repair")
@click.option(
    "--repair", is_flag=True, help="Move damaged objects away, so that they are built again; mend the index."
)
@as_json
def command(repair: bool, as_json: bool) -> None:
    """Compare everything with its digest.

    Reads every byte of the store; the index is compared with the journals, too. Ends with exit code 1
    if something was found that is still wrong.
    """
    with opened_store() as store:
        found = _verify(store, repair=repair)
    if as_json:
        say_json(_as_dict(found))
    else:
        _print(found)
    sys.exit(0 if found.is_clean or (found.repaired and not found.strangers) else 1)


def _verify(store: LocalStore, *, repair: bool) -> Verified:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    screen = console(stderr=True)
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as progress:
        bar = progress.add_task("objects", total=None)
        return verify(
            store,
            repair=repair,
            progress=lambda done, total: progress.update(bar, completed=done, total=total),
        )


def _as_dict(found: Verified) -> dict[str, object]:
    return {
        "clean": found.is_clean,
        "objects": found.objects,
        "size": found.size,
        "corrupt": {str(path): digest for path, digest in found.corrupt.items()},
        "strangers": [str(path) for path in found.strangers],
        "damaged": {name: list(lines) for name, lines in found.damaged.items()},
        "index": found.index,
        "garbage": [str(path) for path in found.garbage],
        "missing": {name: [str(path) for path in paths] for name, paths in found.missing.items()},
        "repaired": found.repaired,
    }


def _print(found: Verified) -> None:
    screen = console()
    lines = [f"{path}: its content is {digest or 'no object'}" for path, digest in found.corrupt.items()]
    lines += [f"{path}: does not belong into a store" for path in found.strangers]
    lines += [f"journal {name}: {len(where)} damaged lines" for name, where in found.damaged.items()]
    lines += [f"index: {found.index} rows are not what the journals say"] if found.index else []
    for line in lines:
        screen.print(line, style="red")
    state = (
        "is clean" if found.is_clean else "was repaired" if found.repaired else "has to be repaired: --repair"
    )
    screen.print(f"{found.objects} objects, {size_in_words(found.size)}: the store {state}", style="bold")
    if found.garbage:
        screen.print(f"{len(found.garbage)} objects belong to no realization; `lawnix gc` removes them")
    if found.missing:
        screen.print(
            f"{len(found.missing)} realizations lack objects; they are built again when they are needed"
        )
