"""Causes: what a plan has to build in itself, what merely follows, what that costs, and what is spared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lawnix.core.decision import Cause
from lawnix.engine.graph import DerivedNode
from lawnix.engine.outline import Bunch, Happens, outline
from lawnix.engine.plan import Plan
from lawnix.engine.price import Price, price_of

_SURE: Final = (Happens.BUILD, Happens.LATER)


@dataclass(frozen=True, slots=True)
class Causes:
    """Why a plan builds what it builds.

    Attributes:
        roots: What is built for a reason of its own.
        followers: How many tasks of each family wait for these, and are built if what they read comes out otherwise.
        wanted: How many derivations there are in all.
        price: Of what is built for sure.
        price_of_followers: Of what follows, if it does.
        spared: How many are reused though something upstream was changed, since it came out as it was.
    """

    roots: Sequence[Bunch]
    followers: Mapping[str, int]
    wanted: int
    price: Price
    price_of_followers: Price
    spared: int

    @property
    def building(self) -> int:
        """How many are built for a reason of their own."""
        return sum(len(bunch.numbers) for bunch in self.roots)


def causes(plan: Plan) -> Causes:
    """Why `plan` builds what it builds."""
    bunches = [b for b in outline(plan) if isinstance(plan.graph.nodes[b.numbers[0]], DerivedNode)]
    roots = [b for b in bunches if b.happens in _SURE and b.cause is not Cause.UPSTREAM]
    followers: Counter[str] = Counter()
    for bunch in bunches:
        if bunch.happens is Happens.PERHAPS or (bunch.happens in _SURE and bunch.cause is Cause.UPSTREAM):
            followers[bunch.family] += len(bunch.numbers)
    building: Counter[str] = Counter()
    for bunch in roots:
        building[bunch.family] += len(bunch.numbers)
    store = plan.session.store
    return Causes(
        roots,
        followers,
        sum(len(bunch.numbers) for bunch in bunches),
        price_of(store, building),
        price_of(store, followers),
        _spared(plan, bunches),
    )


def _spared(plan: Plan, bunches: Sequence[Bunch]) -> int:
    count = 0
    for bunch in bunches:
        for number in bunch.numbers if bunch.happens is Happens.REUSE else ():
            node, settled = plan.graph.nodes[number], plan.settled[number]
            assert isinstance(node, DerivedNode)
            if settled.realization is not None and node.derivation is not None:
                count += settled.realization.derivation != node.derivation.digest
    return count
