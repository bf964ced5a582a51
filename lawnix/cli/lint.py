"""`lawnix lint`: what will hurt, before it does."""

import sys
from contextlib import nullcontext

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.linted import finding_as_dict, print_findings
from lawnix.cli.opened import opened_store
from lawnix.core.nearest import nearest_to
from lawnix.errors import UnknownNameError
from lawnix.settings import read_settings
from lawnix.task.command import task_classes
from lawnix.task.lint import RULES, lint


@verb("Examples: lawnix lint dimuon.FitZPeak; lawnix lint --select undeclared-read my_analysis.tasks")
@click.argument("names", nargs=-1, metavar="[TASK|MODULE]...")
@click.option("--select", multiple=True, metavar="RULE", help="Look for this alone; may be repeated.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not look for this; may be repeated.")
@click.option("--quick", is_flag=True, help="Do not import the tasks again, in another process.")
@as_json
def command(
    names: tuple[str, ...], select: tuple[str, ...], ignore: tuple[str, ...], quick: bool, as_json: bool
) -> None:
    """Name what will hurt: reads that are not declared, values that change by themselves, and more.

    Each TASK is a task family or module.Class, each MODULE a module or package with tasks; without
    any, all tasks of law's index are looked at. Nothing is run: the source is read, values are
    digested twice, and what watched builds wrote down is looked up. A comment on the line,
    "# lawnix: ignore[RULE]", says that it is meant so. The exit code is 1 if there is more than
    hints.
    """
    rules = [rule for rule in _rules(select) or RULES if rule not in _rules(ignore)]
    settings = read_settings()
    classes = task_classes(names)
    with opened_store() if settings.store.exists() else nullcontext() as store:
        findings = lint(classes, settings, store=store, rules=rules, again=not quick)
    if as_json:
        say_json([finding_as_dict(each) for each in findings])
    else:
        print_findings(findings, len(classes))
    sys.exit(any(not each.is_hint for each in findings))


def _rules(given: tuple[str, ...]) -> list[str]:
    """Rules by name; several may stand between commas."""
    rules = [name for each in given for name in each.replace(",", " ").split()]
    for name in rules:
        if name not in RULES:
            raise UnknownNameError("rule", name, nearest_to(name, RULES, 2), f"there are {', '.join(RULES)}")
    return rules
