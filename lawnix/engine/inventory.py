"""The inventory of sandboxes: which a store knows, what uses them, and the environments that were made for them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lawnix.core.digest import Digest
from lawnix.sandbox.realized import Environment, Environments, remove
from lawnix.store.local import LocalStore
from lawnix.store.search import sandboxed


@dataclass(frozen=True)
class KnownSandbox:
    """A sandbox that a store knows.

    Attributes:
        digest: What it is.
        name: As `type::name`, by which it was asked for when it was first recorded.
        parts: What it is made of, in words.
        place: Where the environment lies that was made for it; None if there is none.
        environment: What is known of that.
        used: When it was last started, in seconds since the epoch; 0 if that is not known.
        families: How many results of each family were made in it.
        roots: The roots that keep some of these.
    """

    digest: Digest
    name: str
    parts: Mapping[str, str]
    place: Path | None = None
    environment: Environment | None = None
    used: float = 0.0
    families: Mapping[str, int] = field(default_factory=dict)
    roots: Sequence[str] = ()


def environments_of(store: LocalStore) -> Environments:
    """The environments that were made below a store."""
    return Environments(store.root / "sandboxes")


def inventory(store: LocalStore) -> list[KnownSandbox]:
    """All sandboxes in which something was made that is known, or for which an environment was made."""
    results, environments = sandboxed(store), environments_of(store)
    made: dict[Digest, tuple[Path, Environment, float]] = {}
    for place, environment in environments.all().items():
        uses = environments.uses(place) or {environment.digest: 0.0}
        made.update((digest, (place, environment, used)) for digest, used in uses.items())
    parts = store.components({*results, *made})
    roots = store.roots()
    found = []
    for digest in sorted({*results, *made}):
        said = dict(parts.get(digest, {}))
        name = said.pop("sandbox", "host")
        here = results.get(digest, {})
        known = KnownSandbox(
            digest,
            name,
            said,
            families=Counter(here.values()),
            roots=[root for root, names in roots.items() if not here.keys().isdisjoint(names)],
        )
        if digest in made:
            place, environment, used = made[digest]
            said = said or dict(environment.parts)
            name = environment.sandbox
            known = replace(known, name=name, parts=said, place=place, environment=environment, used=used)
        found.append(known)
    return sorted(found, key=lambda each: each.name)


def unused(store: LocalStore) -> Iterator[tuple[Path, int]]:
    """Environments in which nothing was made that is known, and what was left behind, with bytes as far as known."""
    environments, results = environments_of(store), sandboxed(store)
    for place, environment in environments.all().items():
        if results.keys().isdisjoint(environments.uses(place)):
            yield place, environment.size
    yield from ((place, 0) for place in environments.leftovers())


def remove_environments(store: LocalStore, places: Sequence[Path]) -> None:
    """Remove environments; what needs one makes it again.

    Raises:
        StoreBusyError: Others use the store, so one of them may use these.
    """
    with store.presence.alone():
        for place in places:
            remove(place)
