"""The store in memory: the same behaviour in few words, for tests and as the model that the local store is held to."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from lawnix.core.derivation import Derivation, Group
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.core.realization import Meaning, Realization, Verdict
from lawnix.core.wording import Components
from lawnix.store import tree
from lawnix.store.builds import Builds
from lawnix.store.host import HOST
from lawnix.store.objects import Objects
from lawnix.store.protocol import AddedObject, Claim, Facts

K = TypeVar("K")
V = TypeVar("V")


class MemoryStore:
    """A store whose facts end with the process; its objects lie in a temporary directory until `close`."""

    def __init__(self) -> None:
        self._codes: dict[Digest, Components] = {}
        self._wordings: dict[Digest, str] = {}
        self._derivations: dict[Digest, Derivation] = {}
        self._groups: dict[Digest, Group] = {}
        self._realizations: dict[Digest, Realization] = {}
        self._forgotten: dict[Digest, tuple[Realization, str]] = {}
        self._sizes: dict[ObjectPath, int] = {}
        self._meanings: dict[ObjectPath, dict[str, Meaning]] = {}
        self._verdicts: dict[Digest, Verdict] = {}
        self._logs: dict[Digest, str] = {}
        self._roots: dict[str, list[Digest]] = {}
        self._claims: dict[Digest, Claim] = {}
        self._directory = Path(tempfile.mkdtemp(prefix="lawnix-"))
        (self._directory / "objects").mkdir()
        self._objects = Objects(self._directory)
        self._builds = Builds(self._directory)

    @property
    def root(self) -> Path | None:
        """None: nothing of it stays."""
        return None

    def realizations(self, keys: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The living realizations by key."""
        wanted = set(keys)
        return _by((r.key, r) for r in self._realizations.values() if r.key in wanted)

    def by_derivation(self, derivations: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The living realizations by derivation digest."""
        wanted = set(derivations)
        return _by((r.derivation, r) for r in self._realizations.values() if r.derivation in wanted)

    def by_digest(self, references: Collection[Digest]) -> Mapping[Digest, Realization]:
        """The living realizations by name."""
        return {name: self._realizations[name] for name in references if name in self._realizations}

    def derivations(self, digests: Collection[Digest]) -> Mapping[Digest, Derivation]:
        """The derivations by digest."""
        return {name: self._derivations[name] for name in digests if name in self._derivations}

    def groups(self, digests: Collection[Digest]) -> Mapping[Digest, Group]:
        """The groups by digest."""
        return {name: self._groups[name] for name in digests if name in self._groups}

    def family(self, label: str, *, limit: int = 50) -> Sequence[Derivation]:
        """The derivations with this label."""
        return [d for d in reversed(self._derivations.values()) if d.label == label][:limit]

    def relatives(
        self, lineages: Collection[Digest], *, limit: int = 20
    ) -> Mapping[Digest, Sequence[Derivation]]:
        """The derivations of these lineages."""
        wanted = set(lineages)
        found = _by((d.lineage, d) for d in reversed(self._derivations.values()) if d.lineage in wanted)
        return {lineage: derivations[:limit] for lineage, derivations in found.items()}

    def components(self, codes: Collection[Digest]) -> Mapping[Digest, Components]:
        """The components of code by its digest."""
        return {code: self._codes[code] for code in codes if code in self._codes}

    def wordings(self, components: Collection[Digest]) -> Mapping[Digest, str]:
        """How components of code are written."""
        return {name: self._wordings[name] for name in components if name in self._wordings}

    def meanings(self, objects: Collection[ObjectPath]) -> Mapping[ObjectPath, Sequence[Meaning]]:
        """What objects mean by several methods."""
        return {path: list(self._meanings[path].values()) for path in objects if path in self._meanings}

    def is_rehashed(self) -> bool:
        """Whether anything has several meanings."""
        return bool(self._meanings)

    def same_meanings(self, digests: Collection[Digest]) -> Mapping[Digest, Sequence[Meaning]]:
        """What objects with these meanings mean by all methods."""
        found: dict[Digest, dict[Meaning, None]] = {}
        for known in self._meanings.values():
            for digest in {meaning.digest for meaning in known.values()} & set(digests):
                found.setdefault(digest, {}).update(dict.fromkeys(known.values()))
        return {digest: list(known) for digest, known in found.items()}

    def verdicts(self, realizations: Collection[Digest]) -> Mapping[Digest, Verdict]:
        """What the last check has shown about these realizations."""
        return {name: self._verdicts[name] for name in realizations if name in self._verdicts}

    def was_forgotten(self, names: Collection[Digest]) -> Mapping[Digest, str]:
        """Those keys and derivations whose realizations were all forgotten."""
        living = {name for one in self._realizations.values() for name in (one.key, one.derivation)}
        wanted = set(names) - living
        gone = self._forgotten.values()
        return {name: reason for one, reason in gone for name in (one.key, one.derivation) if name in wanted}

    def record(self, facts: Facts) -> None:
        """Append `facts`."""
        for code, components in facts.codes.items():
            self._codes.setdefault(code, dict(components))
        for component, words in facts.wordings.items():
            self._wordings.setdefault(component, words)
        for derivation in facts.derivations:
            self._derivations.setdefault(derivation.digest, derivation)
        for group in facts.groups:
            self._groups.setdefault(group.digest, group)
        for one, meanings in facts.meanings.items():
            for meaning in meanings:
                self._meanings.setdefault(one, {}).setdefault(meaning.method, meaning)
        self._verdicts.update(facts.verdicts)
        for realization in facts.realizations:
            if realization.digest not in self._realizations:
                self._realizations[realization.digest] = realization
                for path in realization.outputs.values():
                    if path in facts.sizes and path is not None:
                        self._sizes[path] = facts.sizes[path]

    def forget(self, realizations: Sequence[Realization], reason: str) -> None:
        """Make realizations unknown."""
        for realization in realizations:
            if realization.digest in self._realizations:
                self._forgotten.pop(realization.digest, None)  # so that the last stands last
                known = self._realizations.pop(realization.digest)
                self._forgotten[realization.digest] = (known, reason)

    def flush(self) -> None:
        """Nothing of it is on disk."""

    def refresh(self) -> bool:
        """Nobody else records anything."""
        return False

    def new_build(self) -> Path:
        """A fresh build directory."""
        return self._builds.new()

    def add(self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str) -> Sequence[AddedObject]:
        """Move outputs among the objects."""
        return self._objects.add(build, outputs, task)

    def discard(self, build: Path) -> None:
        """Remove a build directory."""
        self._builds.discard(build)

    def present(self, objects: Collection[ObjectPath]) -> set[ObjectPath]:
        """Those objects that can be used."""
        return self._objects.present(objects, self._sizes)

    def location(self, path: ObjectPath) -> Path:
        """Where an object lies, or would lie."""
        return self._objects.location(path)

    def place(self, path: ObjectPath) -> str:
        """Where an object lies, or would lie, as text."""
        return self._objects.place(path)

    def save_log(self, realization: Digest, log: Path) -> None:
        """Keep what a build printed."""
        self._logs[realization] = log.read_text(encoding="utf-8", errors="replace")

    def log(self, realization: Digest) -> str | None:
        """What a build printed."""
        return self._logs.get(realization)

    def claim(self, keys: Collection[Digest], label: str = "") -> set[Digest]:
        """Take keys to build."""
        taken = {key for key in keys if key not in self._claims}
        self._claims.update((key, Claim(HOST, os.getpid(), time.time(), label)) for key in taken)
        return taken

    def release(self, keys: Collection[Digest]) -> None:
        """Give keys up."""
        for key in keys:
            self._claims.pop(key, None)

    def claimed(self) -> Mapping[Digest, Claim]:
        """There are no others."""
        return {}

    def heartbeat(self) -> None:
        """There is nobody to tell."""

    def add_root(self, name: str, realizations: Sequence[Digest]) -> None:
        """Keep realizations from being collected."""
        self._roots[name] = list(realizations)

    def roots(self) -> Mapping[str, Sequence[Digest]]:
        """What is kept from being collected."""
        return dict(sorted(self._roots.items()))

    def remove_root(self, name: str) -> None:
        """Let go what is kept under `name`."""
        self._roots.pop(name, None)

    def after_fork_in_child(self) -> None:
        """A child shares no facts with its parent from here on, only objects."""

    def close(self) -> None:
        """Remove the objects."""
        tree.thaw(self._directory)
        shutil.rmtree(self._directory, ignore_errors=True)


def _by(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups
