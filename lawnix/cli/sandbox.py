"""`lawnix sandbox`: the environments in which tasks are built."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from lawnix.cli.asked import as_json, say_json
from lawnix.cli.described import aligned, moment, size_in_words
from lawnix.cli.opened import console, opened_store
from lawnix.core.nearest import nearest_to
from lawnix.engine.inventory import KnownSandbox, inventory, remove_environments, unused
from lawnix.errors import AmbiguousNameError, UnknownNameError, UsageError
from lawnix.sandbox.virtualenv.locking import lock
from lawnix.task.sandboxes import sandbox_named
from lawnix.task.session import session


@click.group(
    epilog="Examples: lawnix sandbox ls; lawnix sandbox show venv::requirements.txt. With --json each answers programs."
)
def command() -> None:
    """Look at sandboxes, and make, lock and remove the environments behind them.

    KEY is a sandbox as tasks name it, such as venv::requirements.txt, or the beginning of its digest.
    """


@command.command("ls", epilog="Example: lawnix sandbox ls")
@as_json
def _ls(as_json: bool) -> None:
    """List the sandboxes in which something was made, with the environments that were made for them."""
    with opened_store() as store:
        known = inventory(store)
    if as_json:
        say_json([_as_dict(each) for each in known])
        return
    for each in known:
        console().print(_line(each))
    if not known:
        console(stderr=True).print("nothing was made in a sandbox yet")


@command.command("show", epilog="Example: lawnix sandbox show venv::requirements.txt")
@click.argument("key")
@as_json
def _show(key: str, as_json: bool) -> None:
    """Show what a sandbox is made of, where it lies, and what uses it."""
    with opened_store() as store:
        known = inventory(store)
    found = _meant(key, known)
    if as_json:
        say_json([_as_dict(each) for each in found])
        return
    for number, each in enumerate(found):
        if number:
            console().print()
        console().print(aligned(_lines(each)))


@command.command("build", epilog="Example: lawnix sandbox build venv::requirements.txt")
@click.argument("key")
@as_json
def _build(key: str, as_json: bool) -> None:
    """Make the environment of a sandbox now, if nobody has."""
    here = session()
    if not as_json:
        news = logging.getLogger("luigi-interface")  # what is told while it goes on
        news.addHandler(logging.StreamHandler())
        news.setLevel(logging.INFO)
    sandbox = sandbox_named(key, here.settings)
    identity, place = sandbox.identity(), sandbox.ready()
    if as_json:
        say_json({"sandbox": key, "digest": identity, "place": place and str(place)})
    else:
        console().print(f"{key} {identity}: {place or 'nothing has to be made'}")


@command.command("lock", epilog="Example: lawnix sandbox lock requirements.in")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Where the lock is written.")
@click.option("--upgrade", is_flag=True, help="Take newer versions than those that are locked.")
@as_json
def _lock(file: Path, output: Path | None, upgrade: bool, as_json: bool) -> None:
    """Write down what a list of requirements or a pyproject.toml leaves open.

    Versions and digests are written beside it: name.in becomes name.txt, other lists become name.lock, and for a
    pyproject.toml uv writes its uv.lock.
    """
    written = lock(file, output, upgrade=upgrade)
    if as_json:
        say_json({"file": str(file), "lock": str(written)})
        return
    console().print(f"{written} pins all that {file} needs; name it as venv::{written}")


@command.command("rm", epilog="Example: lawnix sandbox rm --unused")
@click.argument("key", required=False)
@click.option(
    "--unused", "all_unused", is_flag=True, help="Remove all in which nothing was made that is known."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@as_json
def _rm(key: str | None, all_unused: bool, dry_run: bool, as_json: bool) -> None:
    """Remove the environment of a sandbox; results stay, and what needs it makes it again."""
    if (key is None) != all_unused:
        raise UsageError("say which sandbox goes, or --unused; see `lawnix sandbox ls`")
    with opened_store() as store:
        if key is None:
            places = dict(unused(store))
        else:
            meant = _meant(key, inventory(store))
            places = {e.place: e.environment.size for e in meant if e.place and e.environment}
        if not dry_run:
            remove_environments(store, list(places))
    if as_json:
        say_json({"removed": not dry_run, "environments": {str(place): n for place, n in places.items()}})
        return
    what = "would go" if dry_run else "removed"
    console().print(f"{len(places)} environments, {size_in_words(sum(places.values()))}: {what}")


def _meant(key: str, known: Sequence[KnownSandbox]) -> list[KnownSandbox]:
    """Those that go by a name, or the one whose digest begins so.

    Raises:
        UnknownNameError: There is none.
        AmbiguousNameError: A digest is too short.
    """
    named = [each for each in known if each.name == key]
    if named:
        return named
    found = [each for each in known if each.digest.startswith(key)]
    if len(found) > 1:
        raise AmbiguousNameError(key, [f"{each.digest} {each.name}" for each in found])
    if not found:
        names = sorted({each.name for each in known})
        raise UnknownNameError("sandbox in the store", key, nearest_to(key, names), "see `lawnix sandbox ls`")
    return found


def _as_dict(known: KnownSandbox) -> dict[str, Any]:
    made = known.environment
    return {
        "digest": known.digest,
        "sandbox": known.name,
        "parts": dict(known.parts),
        "used": known.used or None,
        "families": dict(known.families),
        "roots": list(known.roots),
        "environment": made
        and {
            "place": str(known.place),
            "made": made.made,
            "wall": made.wall,
            "size": made.size,
            "versions": dict(made.versions),
        },
    }


def _line(known: KnownSandbox) -> Text:
    made = known.environment
    count = sum(known.families.values())
    return Text.assemble(
        (known.digest[:12], "cyan"),
        f"  {moment(made.made) if made else '':19}  {size_in_words(made.size) if made else '':>9}  ",
        f"{count:>7} results, {len(known.roots)} roots  ",
        (known.name, "bold"),
    )


def _lines(known: KnownSandbox) -> list[tuple[str, str]]:
    lines = [("sandbox", known.name), ("digest", known.digest)]
    made = known.environment
    if made is not None:
        lines += [
            ("environment", str(known.place)),
            ("made", f"{moment(made.made)} in {made.wall:.1f} s, {size_in_words(made.size)}"),
        ]
        lines += [("used", moment(known.used))] if known.used else []
        lines += [("log", f"{known.place}/log")]
    lines += [("made of", f"{name} {what}") for name, what in known.parts.items()]
    if made is not None:
        others = made.versions.keys() - known.parts.keys()
        lines += [("has", f"{name} {made.versions[name]}") for name in sorted(others)]
    lines += [("used by", f"{count} of {family}") for family, count in sorted(known.families.items())]
    lines += [("kept by", root) for root in known.roots]
    return lines
