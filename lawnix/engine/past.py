"""The past: what the store knows of earlier forms of tasks, asked in bulk."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from lawnix.core.closure import closure
from lawnix.core.derivation import Derivation, Group, Input, Source, group_content, selected
from lawnix.core.difference import distance
from lawnix.core.digest import Digest
from lawnix.core.realization import content_of
from lawnix.store.protocol import Store

_PAIRS: Final = 20000  # comparisons that are worth their time, over all tasks
_FEWEST: Final = 5  # earlier forms of one task that are looked at in any case
_MOST: Final = 200


class Relatives:
    """The derivations that the store knows of the same families as `derivations`."""

    def __init__(self, store: Store, derivations: Collection[Derivation]) -> None:
        limit = max(_FEWEST, min(_MOST, _PAIRS // max(1, len(derivations))))
        self._same = store.derivations({derivation.digest for derivation in derivations})
        self._lineages = store.relatives({derivation.lineage for derivation in derivations}, limit=limit)
        alone = {
            d.label for d in derivations if d.digest not in self._same and d.lineage not in self._lineages
        }
        self._families = {label: store.family(label) for label in sorted(alone)}

    def nearest(
        self, derivation: Derivation, seen_from: Callable[[Derivation], Derivation]
    ) -> Derivation | None:
        """The earlier derivation that differs least, the later one if several do; None if there is none.

        Args:
            derivation: What is looked for.
            seen_from: The form of `derivation` that is compared with an earlier one.
        """
        same = [self._same[derivation.digest]] if derivation.digest in self._same else []
        candidates: Sequence[Derivation] = [*same, *self._lineages.get(derivation.lineage, ())]
        candidates = candidates or self._families.get(derivation.label, ())
        return min(candidates, key=lambda old: distance(old, seen_from(old)), default=None)


class Contents:
    """What was built for earlier inputs: the content digests that each of them is known to have had."""

    def __init__(self, store: Store, inputs: Iterable[Input]) -> None:
        inputs = list(inputs)
        groups = _groups(store, {i.digest for i in inputs if i.source is Source.GROUP})
        members = [member for group in groups.values() for member in group.members.values()]
        derived = {i.digest for i in [*inputs, *members] if i.source is Source.DERIVATION}
        self.derivations = store.derivations(derived)
        built = store.by_derivation(derived)
        self._contents: dict[tuple[Digest, tuple[str, ...]], list[Digest]] = {}
        order = closure(groups, lambda digest: [m for m in _below(groups[digest]) if m in groups])
        for only in {(), *(input_.only for input_ in [*inputs, *members])}:
            for digest, realizations in built.items():
                if digest in self.derivations:
                    specs = selected(self.derivations[digest].outputs, only)
                    self._contents[digest, only] = [content_of(specs, each) for each in realizations]
            for digest in order:
                latest = {
                    role: self._contents.get((member.digest, only or member.only), [])
                    for role, member in groups[digest].members.items()
                }
                if all(latest.values()):
                    content = group_content({role: known[-1] for role, known in latest.items()})
                    self._contents[digest, only] = [content]

    def had(self, input_: Input, content: Digest) -> bool:
        """Whether `input_` is known to have had `content`."""
        return content in self._contents.get((input_.digest, input_.only), ())


def _groups(store: Store, wanted: Collection[Digest]) -> Mapping[Digest, Group]:
    """These groups, and those in them."""
    groups: dict[Digest, Group] = {}
    while wanted:
        found = store.groups(wanted)
        groups.update(found)
        wanted = {digest for group in found.values() for digest in _below(group)} - groups.keys()
    return groups


def _below(group: Group) -> Iterable[Digest]:
    return (member.digest for member in group.members.values() if member.source is Source.GROUP)
