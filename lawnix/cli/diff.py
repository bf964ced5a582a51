"""`lawnix diff`: two results beside each other."""

import sys
from typing import Any

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.opened import console, opened_store
from lawnix.cli.referred import Referred, referred
from lawnix.engine.ancestry import Ancestry, ancestry
from lawnix.engine.compare import Difference, compare
from lawnix.errors import NotRealizedError, UsageError
from lawnix.store.local import LocalStore
from lawnix.task.shown import code_as_dict, print_code


@verb("Example: lawnix diff results/dimuon.FitZPeak/default/fit.json abcd2345")
@click.argument("first")
@click.argument("second")
@click.option("--source", is_flag=True, help="Show the lines of code that differ.")
@as_json
def command(first: str, second: str, source: bool, as_json: bool) -> None:
    """Tell how two results differ: what they were made from, with what, and where in their outputs.

    FIRST and SECOND are tasks, beginnings of digests of realizations, or paths to outputs. What they
    were made from is followed upstream, to all that differs by itself. Where the format of an output
    is known, the datasets, branches, columns or members are told that differ. The exit code is 1 if
    the outputs differ.
    """
    with opened_store() as store:
        old, new = _one(store, first), _one(store, second)
        if not old.realizations or not new.realizations:
            raise NotRealizedError((new if old.realizations else old).title)
        made_from = _made_from(store, old, new)
        outputs = compare(store, old.realizations[0], new.realizations[0])
        if as_json:
            differing = {each.output: list(each.places) for each in outputs}
            built_with = _built_with(old, new)
            say_json({"made_from": _as_dict(made_from), "built_with": built_with, "outputs": differing})
        else:
            _print(made_from, _built_with(old, new), outputs, with_source=source)
    sys.exit(bool(outputs))


def _one(store: LocalStore, word: str) -> Referred:
    found = referred(store, word, [])
    if len(found) != 1:
        raise UsageError(
            f"{word} has {len(found)} branches; name one of them, as by a path below the results"
        )
    return found[0]


def _made_from(store: LocalStore, old: Referred, new: Referred) -> Ancestry:
    """In what the makings differ: what was recorded when the results were built."""
    names = [each.realizations[0].derivation for each in (old, new)]
    known = store.derivations(names)
    if any(name not in known for name in names):
        return Ancestry([], [], [])
    found = ancestry(store, known[names[0]], known[names[1]])
    return found if old.key != new.key else Ancestry(found.ancestors, [], found.varying)


def _as_dict(made_from: Ancestry) -> dict[str, Any]:
    return {
        "ancestors": [
            {
                "family": each.family,
                "count": each.count,
                "depth": each.depth,
                "statements": list(each.statements),
                "code": code_as_dict(each.code),
            }
            for each in made_from.ancestors
        ],
        "outside": list(made_from.outside),
        "varying": list(made_from.varying),
    }


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


def _print(
    made_from: Ancestry, built_with: dict[str, list[Any]], outputs: list[Difference], *, with_source: bool
) -> None:
    screen = console()
    for ancestor in made_from.ancestors:
        several = f" ({ancestor.count} tasks)" if ancestor.count > 1 else ""
        for statement in ancestor.statements:
            screen.print(f"{ancestor.family}{several}: {statement}")
        if with_source:
            print_code(screen, ancestor.code, "    ")
    if not made_from.ancestors:
        screen.print(_without_ancestors(made_from))
    for name, (before, after) in built_with.items():
        screen.print(f"{name} {before} → {after}")
    for each in outputs:
        screen.print(f"output {each.output} differs:")
        for place in each.places:
            screen.print(f"  {place}")
    if not outputs:
        screen.print("the outputs are the same")


def _without_ancestors(made_from: Ancestry) -> str:
    """What may be the reason where nothing that was written down differs."""
    if made_from.varying:
        return f"made from the same, but not every build gives the same: {', '.join(made_from.varying)}"
    if made_from.outside:
        return (
            f"made from the same, but for the content of files from outside: {', '.join(made_from.outside)}"
        )
    return "made from the same"
