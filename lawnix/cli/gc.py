"""`lawnix gc`: free the space of what nothing keeps."""

from collections import Counter
from collections.abc import Mapping

import click

from lawnix.cli.asked import as_json, say_json, verb
from lawnix.cli.described import size_in_words
from lawnix.cli.opened import console, opened_store
from lawnix.core.digest import Digest
from lawnix.errors import UsageError
from lawnix.store.collect import Collected, collect
from lawnix.store.local import LocalStore


@verb("Example: lawnix gc --dry-run")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def command(dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove what no root keeps.

    Realizations, objects and logs go, and what killed processes left. Every task that was run by name
    is a root, with all that it was made from; see `lawnix roots`.
    """
    if as_json and not (dry_run or yes):
        raise UsageError("`lawnix gc --json` cannot ask; say --dry-run or --yes, too")
    with opened_store() as store:
        found = collect(store, dry_run=True)
        labels = _labels(store, found)  # what is collected is not known any more
        if dry_run or not yes:
            _tell(found, labels, as_json=as_json, done=False)
        if not dry_run and (yes or _agreed(found)):
            _tell(collect(store), labels, as_json=as_json, done=True)


def _agreed(found: Collected) -> bool:
    if not _count(found):
        return False
    return click.confirm("remove it?", err=True)


def _count(found: Collected) -> int:
    return sum(map(len, (found.realizations, found.objects, found.logs, found.builds)))


def _labels(store: LocalStore, found: Collected) -> Mapping[Digest, str]:
    derivations = store.derivations({realization.derivation for realization in found.realizations})
    return {digest: derivation.label for digest, derivation in derivations.items()}


def _tell(found: Collected, labels: Mapping[Digest, str], *, as_json: bool, done: bool) -> None:
    counts = Counter(labels.get(realization.derivation, "unknown") for realization in found.realizations)
    if as_json:
        say_json(
            {
                "removed": done,
                "families": dict(counts),
                "realizations": [realization.digest for realization in found.realizations],
                "objects": [str(path) for path in found.objects],
                "logs": len(found.logs),
                "builds": [str(path) for path in found.builds],
                "size": found.size,
                "journals": found.journals,
            }
        )
        return
    screen = console()
    for family, count in counts.most_common():
        screen.print(f"{count:>7} of {family}")
    if found.builds:
        screen.print(f"{len(found.builds):>7} build directories that were left behind")
    what = "removed" if done else "would go"
    screen.print(
        f"{len(found.realizations)} realizations, {len(found.objects)} objects, {size_in_words(found.size)}: {what}"
        if _count(found)
        else "nothing to collect",
        style="bold",
    )
