"""`lawnix ls`: what is in the store."""

import click
from rich.text import Text

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.described import moment, realization_as_dict, size_in_words
from lawnix.cli.opened import console, opened_store
from lawnix.core.nearest import nearest_to
from lawnix.engine.marks import marks_in_words
from lawnix.errors import UnknownNameError
from lawnix.store.local import LocalStore
from lawnix.store.search import Hit, families, recent


@verb("Example: lawnix ls 'dimuon.*' --limit 50")
@click.argument("family", default="*")
@click.option("--limit", default=20, show_default=True, help="How many are listed; -1 for all.")
@as_json
def command(family: str, limit: int, as_json: bool) -> None:
    """List what is in the store, the latest first.

    FAMILY is a task family, or a pattern of some with * and ?.
    """
    with opened_store() as store:
        hits = recent(store, family, limit)
        if not hits and not set(family) & set("*?["):
            _check(store, family)
        if as_json:
            say_json([_as_dict(store, hit) for hit in hits])
            return
        screen = console()
        marks = marks_in_words(store, [hit.realization for hit in hits])
        for hit in hits:
            screen.print(_line(hit, marks.get(hit.realization.digest, "")))
        if not hits:
            console(stderr=True).print("nothing was built here yet")


def _check(store: LocalStore, family: str) -> None:
    known = families(store)
    if family not in known:
        nearest = nearest_to(family, known)
        raise UnknownNameError("task in the store with the family", family, nearest)


def _as_dict(store: LocalStore, hit: Hit) -> dict[str, object]:
    derivation = hit.derivation
    return {
        "family": derivation.label if derivation else None,
        "parameters": dict(derivation.parameters) if derivation else {},
        "branch": derivation.branch[0] if derivation and derivation.branch else None,
        "recorded": hit.recorded,
        **realization_as_dict(store, hit.realization),
    }


def _line(hit: Hit, mark: str) -> Text:
    derivation, record = hit.derivation, hit.realization.record
    parameters = [f"{name}={value}" for name, value in derivation.parameters.items()] if derivation else []
    if derivation and derivation.branch:
        parameters.append(f"branch data {derivation.branch[0]}")
    return Text.assemble(
        (hit.realization.digest[:12], "cyan"),
        f"  {moment(hit.recorded)}  {record.wall:8.2f} s  {size_in_words(record.size):>9}  ",
        (derivation.label if derivation else "?", "bold"),
        f"({', '.join(parameters)})",
        (f"  {mark}" if mark else "", "yellow"),
    )
