"""Ancestry: in what the makings of two results differ, as far upstream as the store remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lawnix.core.derivation import Derivation, Group, Input, Source
from lawnix.core.difference import difference, sandbox_change
from lawnix.core.digest import Digest
from lawnix.core.wording import CodeChange, KnownCode, Rewritten, code_change
from lawnix.engine.changed import known_code
from lawnix.store.protocol import Store

_NAMED: Final = 5  # branches that were added or removed


@dataclass(frozen=True, slots=True)
class Ancestor:
    """Tasks of one family whose earlier and later forms differ in the same way, apart from their inputs.

    Attributes:
        family: Their family; both, if it changed.
        count: How many there are.
        depth: How many steps of requirements lie between the result and the nearest of them; 0 for itself.
        statements: In what they differ.
        code: The parts of their code that differ, line by line.
    """

    family: str
    count: int
    depth: int
    statements: tuple[str, ...]
    code: tuple[Rewritten, ...]


@dataclass(frozen=True, slots=True)
class Ancestry:
    """In what the makings of two results differ.

    Attributes:
        ancestors: What differs by itself, the nearest first; what only follows from it is left out.
        outside: The families of tasks whose files come from outside: their content is in no derivation.
        varying: Families of which builds of one and the same thing left other contents, so they are not reproducible.
    """

    ancestors: Sequence[Ancestor]
    outside: Sequence[str]
    varying: Sequence[str]


def ancestry(store: Store, old: Derivation, new: Derivation) -> Ancestry:
    """In what the makings of `old` and `new` differ. The store is asked once for each step of requirements."""
    walk = _Walk(store)
    pairs, depth = [(old, new)], 0
    while pairs:
        pairs = walk.step(pairs, depth)
        depth += 1
    ancestors = [
        Ancestor(family, count, depth, statements, walk.code[family, statements])
        for (family, statements), (depth, count) in walk.found.items()
    ]
    return Ancestry(ancestors, sorted(walk.outside), sorted(walk.varying))


class _Walk:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[tuple[Digest, Digest]] = set()
        self.found: dict[tuple[str, tuple[str, ...]], tuple[int, int]] = {}
        self.code: dict[tuple[str, tuple[str, ...]], tuple[Rewritten, ...]] = {}
        self.outside: set[str] = set()
        self.varying: set[str] = set()

    def step(
        self, pairs: Sequence[tuple[Derivation, Derivation]], depth: int
    ) -> list[tuple[Derivation, Derivation]]:
        """Note in what these pairs differ; the pairs that they read."""
        codes = known_code(self._store, {each.code for pair in pairs for each in pair if pair[0] != pair[1]})
        changes = {
            (old, new): code_change(codes.get(old, KnownCode()), codes.get(new, KnownCode()))
            for old, new in {(old.code, new.code) for old, new in pairs}
        }
        read: list[tuple[Input, Input]] = []
        for old, new in pairs:
            self._compare(old, new, changes[old.code, new.code], depth)
            read += [(old.inputs[role], new.inputs[role]) for role in old.inputs.keys() & new.inputs.keys()]
        return self._read(read, depth)

    def _compare(self, old: Derivation, new: Derivation, code: CodeChange, depth: int) -> None:
        # an input that is there in both is looked at by itself
        inputs = {role: old.inputs.get(role, input_) for role, input_ in new.inputs.items()}
        statements = difference(old, replace(new, inputs=inputs), code, sandbox=self._sandbox(old, new))
        if statements:
            family = new.label if old.label == new.label else f"{old.label} → {new.label}"
            self._note(family, statements, code.rewritten, depth)

    def _sandbox(self, old: Derivation, new: Derivation) -> str:
        if old.sandbox == new.sandbox or old.sandbox is None or new.sandbox is None:
            return ""
        parts = self._store.components({old.sandbox, new.sandbox})
        return sandbox_change(parts.get(old.sandbox, {}), parts.get(new.sandbox, {}))

    def _note(
        self, family: str, statements: tuple[str, ...], code: tuple[Rewritten, ...], depth: int
    ) -> None:
        nearest, count = self.found.get((family, statements), (depth, 0))
        self.found[family, statements] = (nearest, count + 1)
        self.code.setdefault((family, statements), code)

    def _read(self, inputs: Sequence[tuple[Input, Input]], depth: int) -> list[tuple[Derivation, Derivation]]:
        """The derivations that these inputs name, or the members of the groups that they name, in pairs."""
        derived: dict[tuple[Digest, Digest], None] = {}
        todo = list(inputs)
        while todo:
            fresh = [pair for pair in todo if (pair[0].digest, pair[1].digest) not in self._seen]
            self._seen.update((old.digest, new.digest) for old, new in fresh)
            for old, new in fresh:
                if Source.FOREIGN in (old.source, new.source):
                    self.outside.add(new.label)
                elif old.source is new.source is Source.DERIVATION:
                    derived[old.digest, new.digest] = None
                elif Source.DERIVATION in (old.source, new.source):
                    self._note(
                        new.label, ("is one task on one side, and several on the other",), (), depth + 1
                    )
            named = {each.digest for pair in fresh for each in pair if each.source is Source.GROUP}
            groups = self._store.groups(named) if named else {}
            todo = [
                members
                for old, new in fresh
                if old.digest in groups and new.digest in groups
                for members in self._members(groups[old.digest], groups[new.digest], depth)
            ]
        return self._known(derived)

    def _members(self, old: Group, new: Group, depth: int) -> list[tuple[Input, Input]]:
        """The members of both groups by role; those in one of them alone are noted."""
        for one, other, what in ((old, new, "removed"), (new, old, "added")):
            roles = [role for role in one.members if role not in other.members]
            if roles:
                more = f" and {len(roles) - _NAMED} more" if len(roles) > _NAMED else ""
                self._note(new.label, (f"{what}: {', '.join(roles[:_NAMED])}{more}",), (), depth + 1)
        return [(old.members[role], new.members[role]) for role in old.members if role in new.members]

    def _known(self, pairs: Mapping[tuple[Digest, Digest], None]) -> list[tuple[Derivation, Derivation]]:
        """The derivations with these digests, as far as the store remembers them."""
        names = {name for pair in pairs for name in pair}
        if not names:
            return []
        known = self._store.derivations(names)
        for name, realizations in self._store.by_derivation(names).items():
            if len({each.digest for each in realizations}) > 1 and name in known:
                self.varying.add(known[name].label)
        return [(known[old], known[new]) for old, new in pairs if old in known and new in known]
