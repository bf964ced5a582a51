"""Answers: what the index of a store knows, as values of the core."""

from collections.abc import Collection

from lawnix.core.derivation import Derivation, Group
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.core.wording import Components
from lawnix.store import values
from lawnix.store.trace import Trace


class Answers:
    """What the index of `trace` knows."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def realizations(self, keys: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations under these keys."""
        return self._realizations("key", keys)

    def by_derivation(self, derivations: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations for these derivations."""
        return self._realizations("derivation", derivations)

    def by_digest(self, references: Collection[Digest]) -> dict[Digest, Realization]:
        """The living realizations with these names."""
        return {
            name: realization for name, (realization,) in self._realizations("digest", references).items()
        }

    def living(self) -> dict[Digest, Realization]:
        """All living realizations by name."""
        rows = self._trace.ask(lambda index: values.realizations_of(index.all_realizations(), "digest"))
        return {name: realization for name, (realization,) in rows.items()}

    def derivations(self, digests: Collection[Digest]) -> dict[Digest, Derivation]:
        """The derivations with these digests."""
        rows = self._trace.ask(lambda index: index.rows("derivations", "digest, label, body", digests))
        return {Digest(row[0]): values.derivation_of(*row) for row in rows}

    def groups(self, digests: Collection[Digest]) -> dict[Digest, Group]:
        """The groups with these digests."""
        rows = self._trace.ask(lambda index: index.rows("groups", "digest, label, members", digests))
        return {Digest(row[0]): values.group_of(*row) for row in rows}

    def family(self, label: str, limit: int) -> list[Derivation]:
        """The derivations with this label, the one recorded last at the front."""
        return [
            values.derivation_of(*row) for row in self._trace.ask(lambda index: index.family(label, limit))
        ]

    def relatives(self, lineages: Collection[Digest], limit: int) -> dict[Digest, list[Derivation]]:
        """The derivations of these lineages, the one recorded last at the front."""
        found: dict[Digest, list[Derivation]] = {}
        for lineage, *row in self._trace.ask(lambda index: index.relatives(lineages, limit)):
            found.setdefault(Digest(lineage), []).append(values.derivation_of(*row))
        return found

    def components(self, codes: Collection[Digest]) -> dict[Digest, Components]:
        """What the code with these digests is made of."""
        rows = self._trace.ask(lambda index: index.rows("codes", "digest, components", codes))
        return {Digest(digest): values.components_of(components) for digest, components in rows}

    def wordings(self, components: Collection[Digest]) -> dict[Digest, str]:
        """How these components of code are written."""
        rows = self._trace.ask(lambda index: index.rows("wordings", "digest, words", components))
        return {Digest(digest): words for digest, words in rows}

    def meanings(self, objects: Collection[ObjectPath]) -> dict[ObjectPath, list[Meaning]]:
        """What objects mean by several methods."""
        named = {str(path): path for path in objects}
        found: dict[ObjectPath, list[Meaning]] = {}
        for name, method, said in self._trace.ask(lambda index: index.meanings(named)):
            found.setdefault(named[name], []).append(Meaning(method, Digest(said)))
        return found

    def same_meanings(self, digests: Collection[Digest]) -> dict[Digest, list[Meaning]]:
        """What objects with these meanings mean by all methods."""
        found: dict[Digest, list[Meaning]] = {}
        for one, method, other in self._trace.ask(lambda index: index.same_meanings(digests)):
            found.setdefault(Digest(one), []).append(Meaning(method, Digest(other)))
        return found

    def verdicts(self, realizations: Collection[Digest]) -> dict[Digest, Verdict]:
        """What the last check has shown about these realizations."""
        rows = self._trace.ask(lambda index: index.rows("verdicts", "digest, said", realizations))
        return {Digest(digest): values.verdict_of(said) for digest, said in rows}

    def _realizations(self, column: str, names: Collection[Digest]) -> dict[Digest, list[Realization]]:
        """The living realizations by what they have in `column`, the one recorded first at the front."""
        return self._trace.ask(
            lambda index: values.realizations_of(index.realizations(column, names), column)
        )
