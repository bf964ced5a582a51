"""Senses: what nodes hold by the methods of other releases, and the keys that are made with that.

When a release finds out meanings in another way, what was built before stays known by the digest that it had; what is
built from then on has another. A store that has rehashed an object knows both, and so which digests say the same.
Where nothing is known under a key, the keys are tried that the same inputs had by the methods of other releases.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lawnix.core.closure import closure
from lawnix.core.derivation import group_content, selected
from lawnix.core.digest import Digest
from lawnix.core.realization import Meaning, Realization, content_of
from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.engine.resolve import resolve
from lawnix.engine.settled import ABSENT, Settled
from lawnix.store.protocol import Store

_MOST: Final = 64  # combinations of methods that are tried
_VERSION: Final = re.compile(r"/(\d+)")

_Version = tuple[int, ...]
_Age = Mapping[str, _Version]
"""The versions of methods that there were at a time, by format; a meaning is that of the latest one by then."""


class Senses:
    """What the settled nodes of a graph hold by the methods of other releases."""

    def __init__(self, graph: Graph, settled: Mapping[int, Settled], store: Store) -> None:
        self._graph = graph
        self._settled = settled
        self._store = store
        self._known: dict[Digest, Sequence[Meaning]] = {}

    def keys(self, numbers: Sequence[int]) -> Mapping[int, Sequence[Digest]]:
        """The keys of these nodes by the methods of other releases, the latest first, where there are any."""
        if not numbers or not self._store.is_rehashed():
            return {}  # as ever, until a method changes
        read = {number: tuple(self._graph.nodes[number].reads) for number in numbers}
        meanings = self._meanings(itertools.chain.from_iterable(read.values()))
        found: dict[int, dict[Digest, None]] = {}
        for age in self._ages(meanings):
            contents = self._contents(itertools.chain.from_iterable(read.values()), age)
            for number in numbers:
                found.setdefault(number, {})[resolve(self._graph, number, contents.__getitem__)] = None
        return {number: list(keys) for number, keys in found.items()}

    def had(self, number: int, content: Digest) -> bool:
        """Whether the content of a settled node is, or was by another method, this."""
        if self._settled[number].content == content:
            return True
        if not self._store.is_rehashed():
            return False
        ages = self._ages(self._meanings([number]))
        return any(self._contents([number], age)[number] == content for age in ages)

    def _meanings(self, numbers: Iterable[int]) -> dict[Digest, Meaning]:
        """The meanings of all outputs of these nodes."""
        found: dict[Digest, Meaning] = {}
        for number in closure(numbers, self._below):
            for realization in self._realizations(number):
                found.update((meaning.digest, meaning) for meaning in realization.meanings.values())
        self._learn(found)
        return found

    def _learn(self, meanings: Iterable[Digest]) -> None:
        """Ask which other meanings say the same, over any number of releases."""
        asked: dict[Digest, Sequence[Meaning]] = {}
        unknown = set(meanings) - self._known.keys()
        while unknown:
            same = self._store.same_meanings(unknown)
            asked |= {digest: same.get(digest, ()) for digest in unknown}
            unknown = {form.digest for forms in same.values() for form in forms} - asked.keys()
        for digest in asked:
            stack, reached = [digest], {}
            while stack:
                for form in asked.get(stack.pop(), ()):
                    if form.digest not in reached:
                        reached[form.digest] = form
                        stack.append(form.digest)
            self._known[digest] = list(reached.values())

    def _realizations(self, number: int) -> list[Realization]:
        settled = self._settled.get(number)
        return [settled.realization] if settled is not None and settled.realization is not None else []

    def _below(self, number: int) -> Iterable[int]:
        node = self._graph.nodes[number]
        return node.reads if isinstance(node, GroupNode) else ()

    def _ages(self, meanings: Iterable[Digest]) -> list[_Age]:
        """The combinations of versions by which these meanings can be another, the latest first."""
        versions: dict[str, set[_Version]] = {}
        for digest in meanings:
            if len(forms := self._known[digest]) > 1:
                for form in forms:
                    versions.setdefault(_format(form), set()).add(_version(form))
        if not versions:
            return []
        ordered = [[(name, one) for one in sorted(found, reverse=True)] for name, found in versions.items()]
        return [dict(age) for age in itertools.islice(itertools.product(*ordered), _MOST)]

    def _contents(self, numbers: Iterable[int], age: _Age) -> dict[int, Digest]:
        """What nodes held at an age, with all that they stand for."""
        found: dict[int, Digest] = {}
        for number in closure(numbers, self._below):
            settled, node = self._settled.get(number), self._graph.nodes[number]
            if settled is None:
                found[number] = ABSENT
            elif isinstance(node, GroupNode) and node.only:
                found[number] = content_of_some(
                    self._graph, self._settled, node.whole, node.only, (self, age)
                )
            elif isinstance(node, GroupNode):
                found[number] = group_content({role: found[other] for role, other in node.inputs.items()})
            elif (
                isinstance(node, DerivedNode)
                and node.derivation is not None
                and settled.realization is not None
            ):
                meanings = self.at(settled.realization, age)
                found[number] = content_of(node.derivation.outputs, settled.realization, meanings)
            else:
                found[number] = settled.content
        return found

    def at(self, realization: Realization, age: _Age) -> Mapping[str, Meaning]:
        """What the outputs of a realization meant at an age."""
        return {name: self._form(meaning, age) for name, meaning in realization.meanings.items()}

    def _form(self, meaning: Meaning, age: _Age) -> Meaning:
        forms = [form for form in self._known.get(meaning.digest, ()) if _format(form) == _format(meaning)]
        latest = age.get(_format(meaning))
        if latest is None or not forms:
            return meaning
        known = sorted(forms, key=_version)
        return ([form for form in known if _version(form) <= latest] or known[:1])[-1]


def content_of_some(
    graph: Graph,
    settled: Mapping[int, Settled],
    number: int,
    only: tuple[str, ...],
    then: tuple[Senses, _Age] | None = None,
) -> Digest:
    """What the outputs of a settled node hold that stand at the roles `only`; `then` says at which age."""
    found, node = settled.get(number), graph.nodes[number]
    if found is None:
        return ABSENT
    if isinstance(node, GroupNode):
        members = node.inputs.items()
        return group_content({role: content_of_some(graph, settled, o, only, then) for role, o in members})
    if not isinstance(node, DerivedNode) or node.derivation is None or found.realization is None:
        return found.content
    meanings = then[0].at(found.realization, then[1]) if then is not None else None
    return content_of(selected(node.derivation.outputs, only), found.realization, meanings)


def _format(meaning: Meaning) -> str:
    return meaning.method.partition("/")[0]


def _version(meaning: Meaning) -> _Version:
    return tuple(map(int, _VERSION.findall(meaning.method)))
