"""Scopes: which of the functions, classes and comprehensions around a name binds it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lawnix.task.code.names import Chain, Import


@dataclass(eq=False, slots=True)
class Scope:
    """A function, a class body or a comprehension."""

    parent: "Scope | None"
    is_class: bool = False
    is_comprehension: bool = False
    bound: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)  # declared nonlocal
    globals: set[str] = field(default_factory=set)  # declared global
    modules: dict[str, Import] = field(default_factory=dict)  # names that an import binds here


class Use(NamedTuple):
    """One mention of a name, with the attributes that are taken from it."""

    scope: Scope
    chain: Chain
    receiver: Chain | None = None  # the callee that is handed a whole; () for what cannot be told
    opaque: bool = False
    stores: bool = False


def home_of(scope: Scope, name: str) -> Scope | None:
    """The scope that binds `name` as seen from `scope`, or None if none does here."""
    for around in _outwards(scope):
        if name in around.globals:
            return None
        if name in around.bound and name not in around.elsewhere and (around is scope or not around.is_class):
            return around
    return None


def _outwards(scope: Scope | None) -> Iterator[Scope]:
    while scope is not None:
        yield scope
        scope = scope.parent
