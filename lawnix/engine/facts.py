"""Facts: what a run writes into the journal with the realizations that it made."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lawnix.core.derivation import Derivation, Group
from lawnix.core.digest import Digest
from lawnix.engine.graph import DerivedNode, GroupNode
from lawnix.engine.messages import Built
from lawnix.engine.numbered import NumberSet
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Realized
from lawnix.errors import StoreAccessError, StoreFullError
from lawnix.store.protocol import Facts


class FactsOfRun:
    """What has been built, with all that is needed to understand it later; each thing is told once."""

    def __init__(self, plan: Plan) -> None:
        self._graph = plan.graph
        self._store = plan.session.store
        self._told = NumberSet()
        self._codes: set[Digest] = set()

    def of(self, built: Sequence[Built]) -> Facts:
        """What is recorded with these builds."""
        for result in built:
            self._told.add(result.number)
        nodes = [self._graph.nodes[result.number] for result in built]
        derived = [node for node in nodes if isinstance(node, DerivedNode) and node.is_derived]
        return replace(
            self._facts(derived),
            realizations=[result.realization for result in built if result.realization is not None],
            sizes={path: size for result in built for path, size in result.sizes.items()},
        )

    def of_reused(self, nodes: Sequence[DerivedNode]) -> Facts:
        """What is recorded of those of these nodes whose derivation the store does not know; nobody has built them."""
        known = self._store.derivations({_derivation(node).digest for node in nodes}) if nodes else {}
        return self._facts([node for node in nodes if _derivation(node).digest not in known])

    def _facts(self, derived: Sequence[DerivedNode]) -> Facts:
        """What is recorded so that the derivations of these nodes can be understood."""
        groups, reused = self._below(derived)
        named = {_derivation(node): node for node in [*derived, *reused]}
        return Facts(
            codes={
                **{derivation.code: node.work.components for derivation, node in named.items()},
                **self._sandboxes(named),
            },
            wordings=self._wordings(named),
            derivations=list(named),
            groups=groups,
        )

    def _below(self, nodes: Sequence[DerivedNode]) -> tuple[list[Group], list[DerivedNode]]:
        """The groups that `nodes` read, and what was reused for them under a derivation that the store does not know.

        Whoever asks later what something was made of can follow its inputs to the end that way. What is known was
        recorded with all that is below it, so nobody needs to look there.
        """
        groups: list[Group] = []
        unknown: list[DerivedNode] = []
        while nodes:
            read = self._read_by(nodes, groups)
            known = self._store.derivations({_derivation(node).digest for node in read}) if read else {}
            nodes = [node for node in read if _derivation(node).digest not in known]
            unknown += nodes
        return groups, unknown

    def _read_by(self, nodes: Sequence[DerivedNode], groups: list[Group]) -> list[DerivedNode]:
        """What `nodes` read and was not told yet; the groups of it are added to `groups`."""
        read = []
        stack = [other for node in nodes for other in node.reads]
        while stack:
            number = stack.pop()
            node = self._graph.nodes[number]
            if number in self._told:
                continue
            if isinstance(node, GroupNode) and node.group is not None:
                self._told.add(number)
                groups.append(node.group)
                stack.extend(node.reads)
            elif isinstance(node, DerivedNode) and node.is_derived:
                self._told.add(number)
                read.append(node)
        return read

    def _sandboxes(self, nodes: Mapping[Derivation, DerivedNode]) -> dict[Digest, Mapping[str, str]]:
        """What the sandboxes are that were not told yet; they are kept as code is, by the names of their parts."""
        fresh = {each.sandbox: node for each, node in nodes.items() if each.sandbox not in self._codes}
        found = {digest: node.work.sandbox_parts for digest, node in fresh.items() if digest is not None}
        self._codes |= found.keys()
        return found

    def _wordings(self, nodes: Mapping[Derivation, DerivedNode]) -> dict[Digest, str]:
        """How the code is written that the store does not know yet."""
        fresh = {each.code: node for each, node in nodes.items() if each.code not in self._codes}
        if not fresh:
            return {}
        self._codes |= fresh.keys()
        known = self._store.components(fresh)
        works = [node.work for code, node in fresh.items() if code not in known]
        return {component: words for work in works for component, words in work.wordings().items()}


def record_reused(plan: Plan, numbers: Iterable[int]) -> None:
    """Record how those of these nodes are made that were reused under a derivation that the store does not know.

    Where the store may not be written, nothing is.
    """
    reused = []
    for number in numbers:
        node, settled = plan.graph.nodes[number], plan.settled.get(number)
        if not isinstance(settled, Realized) or not isinstance(node, DerivedNode) or not node.is_derived:
            continue
        if settled.kept.derivation != plan.graph.reference(number).digest:  # else they were recorded together
            reused.append(node)
    facts = FactsOfRun(plan).of_reused(reused)
    if facts.derivations:
        with contextlib.suppress(StoreAccessError, StoreFullError):
            plan.session.store.record(facts)


def _derivation(node: DerivedNode) -> Derivation:
    assert node.derivation is not None
    return node.derivation
