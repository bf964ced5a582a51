"""`lawnix show`: what a result was made from, and what was built."""

import click

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.cli.coded import code_as_dict, print_code
from lawnix.cli.described import (
    aligned,
    derivation_as_dict,
    derivation_lines,
    realization_as_dict,
    realization_lines,
)
from lawnix.cli.opened import console, opened_store
from lawnix.cli.referred import Referred, referred
from lawnix.store.local import LocalStore


@task_verb(
    "Examples: lawnix show results/dimuon.Report/default/report.html; lawnix show dimuon.FitZPeak --scale 0.5"
)
@click.option("--code", is_flag=True, help="Show the tree of the code that counts, and what is left out.")
@as_json
def command(task: str, parameters: tuple[str, ...], code: bool, as_json: bool) -> None:
    """Show what a result was made from.

    And what was built, when, where and how long, and where its outputs lie. TASK is a task with its
    parameters, the beginning of the digest of a realization or derivation, the name of an
    object, or a path to it, such as a link under results. The parameters of the task stand after TASK.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    if code:
        if as_json:
            say_json(code_as_dict(argv[0]))
        else:
            print_code(argv[0])
        return
    with opened_store() as store:
        found = referred(store, argv[0], argv[1:])
        if as_json:
            say_json([_as_dict(store, each) for each in found])
            return
        for number, each in enumerate(found):
            if number:
                console().print()
            _print(store, each)


def _as_dict(store: LocalStore, found: Referred) -> dict[str, object]:
    return {
        "task": found.title,
        "key": found.key,
        "derivation": found.derivation and derivation_as_dict(found.derivation),
        "realizations": [realization_as_dict(store, realization) for realization in found.realizations],
    }


def _print(store: LocalStore, found: Referred) -> None:
    screen = console()
    screen.print(found.title, style="bold")
    lines = derivation_lines(found.derivation) if found.derivation else []
    for realization in found.realizations:
        lines += realization_lines(store, realization)
    if not found.realizations:
        lines += [("key", found.key or "not known before what it needs is built"), ("realization", "none")]
    screen.print(aligned(lines))
