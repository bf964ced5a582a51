"""`lawnix diff`: two results beside each other."""

import sys
from typing import Any

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.opened import console, opened_store
from lawnix.cli.referred import Referred, referred
from lawnix.core.difference import difference
from lawnix.engine.compare import Difference, compare
from lawnix.errors import NotRealizedError, UsageError
from lawnix.store.local import LocalStore


@verb("Example: lawnix diff results/dimuon.FitZPeak/default/fit.json abcd2345")
@click.argument("first")
@click.argument("second")
@as_json
def command(first: str, second: str, as_json: bool) -> None:
    """Tell how two results differ: what they were made from, with what, and where in their outputs.

    FIRST and SECOND are tasks, beginnings of digests of realizations, or paths to outputs. Where the
    format of an output is known, the datasets, branches, columns or members are told that differ. The
    exit code is 1 if the outputs differ.
    """
    with opened_store() as store:
        old, new = _one(store, first), _one(store, second)
        if not old.realizations or not new.realizations:
            raise NotRealizedError((new if old.realizations else old).title, "its outputs")
        statements = _made_from(store, old, new)
        outputs = compare(store, old.realizations[0], new.realizations[0])
        if as_json:
            differing = {each.output: list(each.places) for each in outputs}
            say_json({"made_from": statements, "built_with": _built_with(old, new), "outputs": differing})
        else:
            _print(statements, _built_with(old, new), outputs)
    sys.exit(bool(outputs))


def _one(store: LocalStore, word: str) -> Referred:
    found = referred(store, word, [])
    if len(found) != 1:
        raise UsageError(
            f"{word} has {len(found)} branches; name one of them, as by a path below the results"
        )
    return found[0]


def _made_from(store: LocalStore, old: Referred, new: Referred) -> list[str]:
    if old.derivation is None or new.derivation is None:
        return []
    codes = store.components({old.derivation.code, new.derivation.code})
    before, after = codes.get(old.derivation.code), codes.get(new.derivation.code)
    statements = list(difference(old.derivation, new.derivation, before, after))
    if old.derivation.label != new.derivation.label:
        statements.insert(0, f"family {old.derivation.label} → {new.derivation.label}")
    if not statements and old.key != new.key:
        statements.append("an input has another content")
    return statements


def _built_with(old: Referred, new: Referred) -> dict[str, list[Any]]:
    """What differs in the circumstances of the builds."""
    before, after = old.realizations[0].record, new.realizations[0].record
    pairs: dict[str, list[Any]] = {"host": [before.host, after.host], "user": [before.user, after.user]}
    for what, here, there in (
        ("version of", before.versions, after.versions),
        ("variable", before.environment, after.environment),
    ):
        pairs |= {f"{what} {name}": [here.get(name), there.get(name)] for name in sorted({*here, *there})}
    return {name: values for name, values in pairs.items() if values[0] != values[1]}


def _print(made_from: list[str], built_with: dict[str, list[Any]], outputs: list[Difference]) -> None:
    screen = console()
    for statement in made_from or ["made from the same"]:
        screen.print(statement)
    for name, (before, after) in built_with.items():
        screen.print(f"{name} {before} → {after}")
    for each in outputs:
        screen.print(f"output {each.output} differs:")
        for place in each.places:
            screen.print(f"  {place}")
    if not outputs:
        screen.print("the outputs are the same")
