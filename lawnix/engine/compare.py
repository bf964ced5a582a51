"""Two realizations beside each other: which outputs differ, and where in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lawnix.core.realization import Realization
from lawnix.store.compare import differences
from lawnix.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that is not the same.

    Attributes:
        output: Its name.
        places: Where it differs, in words.
    """

    output: str
    places: Sequence[str]


def compare(store: Store, first: Realization, second: Realization) -> list[Difference]:
    """The outputs in which two realizations differ; what only looks different is the same."""
    found = []
    for name in sorted({*first.outputs, *second.outputs}):
        here, there = first.outputs.get(name), second.outputs.get(name)
        meanings = first.meanings.get(name), second.meanings.get(name)
        if here == there or (None not in meanings and meanings[0] == meanings[1]):
            continue
        if here is None or there is None:
            which = "second" if here is None else "first"
            found.append(Difference(name, [f"only in the {which}"]))
            continue
        gone = [path for path in (here, there) if path not in store.present({here, there})]
        if gone:
            found.append(Difference(name, [f"{path} is not in the store any more" for path in gone]))
            continue
        places = differences(store.location(here), store.location(there), name)
        if places or None in meanings:
            found.append(Difference(name, places or ["bytes"]))
        elif (
            len({meaning.method for meaning in meanings if meaning is not None}) == 1
        ):  # else by two releases
            found.append(Difference(name, ["what its digest function returns"]))
    return found
