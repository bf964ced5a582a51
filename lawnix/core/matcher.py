"""Matchers: pick among the realizations of one derivation."""

from collections.abc import Callable, Sequence

from lawnix.core.digest import Digest
from lawnix.core.realization import Realization

Matcher = Callable[[Sequence[Realization]], Realization | None]
"""Gets the realizations under one key, oldest first; None asks for a build."""


def latest(realizations: Sequence[Realization]) -> Realization | None:
    """The one that was built last."""
    return realizations[-1] if realizations else None


def first(realizations: Sequence[Realization]) -> Realization | None:
    """The one that was built first."""
    return realizations[0] if realizations else None


def exactly(reference: Digest) -> Matcher:
    """A matcher that takes the realization named `reference` and no other."""

    def match(realizations: Sequence[Realization]) -> Realization | None:
        return next((r for r in realizations if r.digest == reference), None)

    return match


BY_NAME = {"latest": latest, "first": first}
