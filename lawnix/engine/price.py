"""Prices: what builds will take, judged by what earlier ones of the same families took."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from lawnix.store.protocol import Store

_LATEST: Final = 50  # derivations of a family that are looked at


@dataclass(frozen=True, slots=True)
class Price:
    """About what some builds take.

    Attributes:
        cpu: User and system time in s.
        size: Bytes of all outputs.
        unknown: How many builds are of a family that was never built, so they are not in the price.
    """

    cpu: float
    size: float
    unknown: int


def price_of(store: Store, families: Mapping[str, int]) -> Price:
    """The price of so many builds of each family."""
    cpu = size = 0.0
    unknown = 0
    for label, count in families.items():
        derivations = {derivation.digest for derivation in store.family(label, limit=_LATEST)}
        records = [each.record for found in store.by_derivation(derivations).values() for each in found]
        built = [record for record in records if not record.assumed]  # of that nobody knows what it took
        if built:
            cpu += count * fmean(record.cpu for record in built)
            size += count * fmean(record.size for record in built)
        else:
            unknown += count
    return Price(cpu, size, unknown)
