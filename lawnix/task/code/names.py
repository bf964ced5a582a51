"""Names: what a definition can say of the things that it does not make itself."""

from typing import NamedTuple

Chain = tuple[str, ...]  # `np.random.default_rng` is ("np", "random", "default_rng")


class Import(NamedTuple):
    """A module that a function imports itself, and what of it is used."""

    module: str
    level: int  # of a relative import
    chain: Chain  # attributes of the module; "*" for all; empty: that it is imported


class Names(NamedTuple):
    """What a definition speaks of.

    Attributes:
        free: Names that it does not bind, each with the attributes that are taken from it.
        own: Attributes of its first argument.
        above: Attributes of `super()`.
        attributes: All attributes of anything.
        sets: Attributes of anything that it assigns or changes; "*" if some cannot be known.
        hands_on: What its first argument is handed to as a whole: chains, or () for what cannot be told.
        imports: What it imports itself.
        stored: Free names that it rebinds or changes.
        keeps: Whether it may remember something beyond its end: in free names, in attributes of its object, or in
            defaults.
        opaque_self: Whether it looks at its first argument in a way that hides what is read.
        opaque_module: Whether it looks at its module in such a way: `exec`, `eval`, `globals()`.
    """

    free: frozenset[Chain] = frozenset()
    own: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    hands_on: frozenset[Chain] = frozenset()
    imports: frozenset[Import] = frozenset()
    stored: frozenset[str] = frozenset()
    keeps: bool = False
    opaque_self: bool = False
    opaque_module: bool = False
