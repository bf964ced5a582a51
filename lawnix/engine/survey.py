"""Survey: what lies of the outputs of tasks at places outside the store."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from lawnix.core.derivation import Derivation
from lawnix.engine.graph import DerivedNode
from lawnix.engine.messages import failure
from lawnix.engine.plan import Plan
from lawnix.errors import NotAdoptedError


class Source(Protocol):
    """A file or directory that is not in the store."""

    @property
    def place(self) -> str:
        """Where it lies; two sources with one place are one."""
        ...

    def size(self) -> int | None:
        """Bytes of all its files; None if it is not there."""
        ...

    def written(self) -> float:
        """When it was last written to, in seconds since the epoch; 0 if that is not known."""
        ...

    def bring(self, to: Path, *, link: bool) -> None:
        """Let the same be at `to`, as a link to the same bytes or as a copy of them."""
        ...


SourcesOf = Callable[[int], Mapping[str, Source] | None]
"""Tells where the outputs of a node may lie, by name; None if nobody knows."""


class There(StrEnum):
    """What there is of the outputs of a node."""

    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "place not known"
    KNOWN = "was built here"  # and its objects are gone
    REFUSED = "refused"


@dataclass(slots=True)
class Seen:
    """What was seen of the outputs of a node.

    Attributes:
        there: What there is.
        sources: Where those lie that are there, by name.
        size: Their bytes.
        why: Where missing ones should be, or what is wrong.
    """

    there: There
    sources: Mapping[str, Source] = field(default_factory=dict)
    size: int = 0
    why: str = ""


class Survey:
    """What there is of the nodes of a plan at their old places.

    Attributes:
        seen: By node, what was seen so far.
    """

    def __init__(self, plan: Plan, sources_of: SourcesOf) -> None:
        self.seen: dict[int, Seen] = {}
        self._plan = plan
        self._sources_of = sources_of
        self._owners: dict[str, list[int]] = {}  # of each place

    def look(self) -> None:
        """Look for the outputs of all nodes that would have to be built, as far as they are known now."""
        nodes = enumerate(self._plan.graph.nodes)
        self.look_at(
            number
            for number, node in nodes
            if isinstance(node, DerivedNode)
            and node.derivation is not None
            and number not in self._plan.settled
            and self._plan.demanded(number)
        )

    def look_at(self, numbers: Iterable[int]) -> None:
        """Look for the outputs of these nodes."""
        crowded = set()
        for number in numbers:
            if number in self.seen:
                continue
            seen = self.seen[number] = self._look(number)
            for source in seen.sources.values():
                owners = self._owners.setdefault(source.place, [])
                owners.append(number)
                if len(owners) > 1:
                    crowded.add(source.place)
        for place in crowded:
            self._refuse_if_shared(place)

    def waiting(self) -> set[int]:
        """What needs something that is not there."""
        graph = self._plan.graph
        stack = [number for number, seen in self.seen.items() if seen.there is not There.FOUND]
        stack += self._plan.broken
        found: set[int] = set()
        while stack:
            current = stack.pop()
            for other in (*graph.consumers[current], *graph.followers[current]):
                if other not in found and other not in self._plan.settled:
                    found.add(other)
                    stack.append(other)
        return {number for number in found & self.seen.keys() if self.seen[number].there is There.FOUND}

    def _look(self, number: int) -> Seen:
        if self._plan.rejected(number):
            return Seen(There.KNOWN)
        derivation = self._derivation(number)
        try:
            sources = None if derivation.fixed_output is not None else self._sources_of(number)
            if sources is None:
                return Seen(There.UNKNOWN)
            sizes = {name: size for name, source in sources.items() if (size := source.size()) is not None}
        except Exception as error:  # the author's law_output(), or a place that may not be looked at
            return Seen(There.REFUSED, why=failure(number, error).summary)
        missing = [s.name for s in derivation.outputs if s.name not in sizes and not s.optional]
        if missing:
            return Seen(There.MISSING, why=", ".join(sources[name].place for name in missing))
        return Seen(There.FOUND, {name: sources[name] for name in sizes}, sum(sizes.values()))

    def _derivation(self, number: int) -> Derivation:
        node = self._plan.graph.nodes[number]
        assert isinstance(node, DerivedNode)
        assert node.derivation is not None
        return node.derivation

    def _refuse_if_shared(self, place: str) -> None:
        """One file cannot be what two tasks have made, unless these are the same by another name."""
        owners = self._owners[place]
        if len({self._derivation(number).digest for number in owners}) == 1 and len(set(owners)) == len(
            owners
        ):
            return
        first, *others = self._plan.graph.titles(list(dict.fromkeys(owners)))
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        claimed = f"both {first} and {others[0]}{more}" if others else f"two outputs of {first}"
        for number in owners:
            why = str(NotAdoptedError(place, f"it would be what {claimed} made"))
            self.seen[number] = Seen(There.REFUSED, self.seen[number].sources, why=why)
