"""The local store: a directory with objects, journals, claims, logs and roots."""

from __future__ import annotations  # values of the core are loaded by who makes some

import functools
import os
from typing import TYPE_CHECKING, Self

from lawnix.store import layout
from lawnix.store.builds import Builds
from lawnix.store.claims import Claims
from lawnix.store.durability import Durability
from lawnix.store.objects import Objects
from lawnix.store.presence import Presence
from lawnix.store.roots import Roots
from lawnix.store.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from lawnix.core.derivation import Derivation, Group
    from lawnix.core.digest import Digest
    from lawnix.core.objects import ObjectPath
    from lawnix.core.output import Kind
    from lawnix.core.realization import Meaning, Realization, Verdict
    from lawnix.core.wording import Components
    from lawnix.store.answers import Answers
    from lawnix.store.logs import Logs
    from lawnix.store.protocol import AddedObject, Claim, Facts


class LocalStore:
    """The store in the directory `root`; `Store` says what its methods promise.

    Threads may share it. A forked child calls `after_fork_in_child` before anything else.
    """

    def __init__(self, root: Path, index: Path, durability: Durability) -> None:
        self._root = root
        self._process = os.getpid()
        self.changes = 0  # made by this process
        self.index_path = index
        self.presence = Presence(root)
        self.trace = Trace(root, index, durability)
        self.objects = Objects(root)
        self.builds = Builds(root)
        self.claims = Claims(root / "claims")
        self._roots = Roots(root)

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        index: Path | None = None,
        durability: str = Durability.GROUPED,
        create: bool = True,
    ) -> Self:
        """The store at `root`.

        Args:
            root: Where it lies, or shall lie.
            index: Where its index lies if not in it; should be on a local disk.
            durability: Whether records are flushed to disk in groups ("grouped") or by the system alone ("none").
            create: Whether to make it if there is nothing at `root`.

        Raises:
            StoreFormatError: There is something else, or a store of another format.
            StoreAccessError: It cannot be made.
        """
        root = root.absolute()
        layout.prepare(root, create=create)
        return cls(root, index or root / "index.sqlite", Durability(durability))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def root(self) -> Path:
        """Where it lies."""
        return self._root

    @functools.cached_property
    def logs(self) -> Logs:
        """What builds printed."""
        from lawnix.store.logs import Logs  # a run of what stands builds nothing

        return Logs(self._root)

    @functools.cached_property
    def answers(self) -> Answers:
        """What the trace knows, as values."""
        from lawnix.store.answers import Answers  # a run of what stands asks for names alone

        return Answers(self.trace)

    def realizations(self, keys: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The living realizations by key."""
        return self.answers.realizations(keys)

    def by_derivation(self, derivations: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The living realizations by derivation digest."""
        return self.answers.by_derivation(derivations)

    def by_digest(self, references: Collection[Digest]) -> Mapping[Digest, Realization]:
        """The living realizations by name."""
        return self.answers.by_digest(references)

    def derivations(self, digests: Collection[Digest]) -> Mapping[Digest, Derivation]:
        """The derivations by digest."""
        return self.answers.derivations(digests)

    def groups(self, digests: Collection[Digest]) -> Mapping[Digest, Group]:
        """The groups by digest."""
        return self.answers.groups(digests)

    def family(self, label: str, *, limit: int = 50) -> Sequence[Derivation]:
        """The derivations with this label."""
        return self.answers.family(label, limit)

    def relatives(
        self, lineages: Collection[Digest], *, limit: int = 20
    ) -> Mapping[Digest, Sequence[Derivation]]:
        """The derivations of these lineages."""
        return self.answers.relatives(lineages, limit)

    def components(self, codes: Collection[Digest]) -> Mapping[Digest, Components]:
        """The components of code by its digest."""
        return self.answers.components(codes)

    def wordings(self, components: Collection[Digest]) -> Mapping[Digest, str]:
        """How components of code are written."""
        return self.answers.wordings(components)

    def meanings(self, objects: Collection[ObjectPath]) -> Mapping[ObjectPath, Sequence[Meaning]]:
        """What objects mean by several methods."""
        return self.answers.meanings(objects)

    def is_rehashed(self) -> bool:
        """Whether anything has several meanings."""
        return self.trace.is_rehashed()

    def same_meanings(self, digests: Collection[Digest]) -> Mapping[Digest, Sequence[Meaning]]:
        """What objects with these meanings mean by all methods."""
        return self.answers.same_meanings(digests)

    def verdicts(self, realizations: Collection[Digest]) -> Mapping[Digest, Verdict]:
        """What the last check has shown about these realizations."""
        return self.answers.verdicts(realizations)

    def was_forgotten(self, names: Collection[Digest]) -> Mapping[Digest, str]:
        """Those keys and derivations whose realizations were all forgotten."""
        return self.trace.was_forgotten(names)

    def record(self, facts: Facts) -> None:
        """Append `facts`."""
        self.changes += 1
        self.trace.record(facts)

    def forget(self, realizations: Sequence[Realization], reason: str) -> None:
        """Make realizations unknown."""
        self.changes += 1
        self.trace.forget(realizations, reason)

    def flush(self) -> None:
        """Return when everything recorded so far is on disk."""
        self.trace.flush()

    def refresh(self) -> bool:
        """Take in what other processes recorded."""
        return self.trace.refresh()

    def new_build(self) -> Path:
        """A fresh build directory."""
        return self.builds.new()

    def add(self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str) -> Sequence[AddedObject]:
        """Move outputs among the objects."""
        return self.objects.add(build, outputs, task)

    def discard(self, build: Path) -> None:
        """Remove a build directory."""
        self.builds.discard(build)

    def present(self, objects: Collection[ObjectPath]) -> set[ObjectPath]:
        """Those objects that can be used; a forked child, which has no index, compares no sizes."""
        sizes = self.trace.sizes(objects) if os.getpid() == self._process else {}
        return self.objects.present(objects, sizes)

    def have(self, objects: Iterable[tuple[ObjectPath, int | None]]) -> bool:
        """Whether all these objects can be used; each has this many bytes, if that is known."""
        return all(self.objects.is_there(path, size) for path, size in objects)

    def location(self, path: ObjectPath) -> Path:
        """Where an object lies, or would lie."""
        return self.objects.location(path)

    def place(self, path: ObjectPath) -> str:
        """Where an object lies, or would lie, as text."""
        return self.objects.place(path)

    def save_log(self, realization: Digest, log: Path) -> None:
        """Keep what a build printed."""
        self.logs.save(realization, log)

    def log(self, realization: Digest) -> str | None:
        """What a build printed."""
        return self.logs.read(realization)

    def claim(self, keys: Collection[Digest], label: str = "") -> set[Digest]:
        """Take keys to build."""
        return self.claims.claim(keys, label)

    def release(self, keys: Collection[Digest]) -> None:
        """Give keys up."""
        self.claims.release(keys)

    def claimed(self) -> Mapping[Digest, Claim]:
        """What others are building."""
        return self.claims.claimed()

    def heartbeat(self) -> None:
        """Say that this process still works on what it claimed."""
        self.claims.heartbeat()

    def add_root(self, name: str, realizations: Sequence[Digest]) -> None:
        """Keep realizations from being collected."""
        self._roots.add(name, realizations)

    def roots(self) -> Mapping[str, Sequence[Digest]]:
        """What is kept from being collected."""
        return self._roots.all()

    def remove_root(self, name: str) -> None:
        """Let go what is kept under `name`."""
        self._roots.remove(name)

    def after_fork_in_child(self) -> None:
        """Let go what belongs to the parent."""
        self.presence.leave()
        self.claims.abandon()
        self.trace.abandon()

    def close(self) -> None:
        """Flush, and give up claims."""
        self.builds.close()
        self.trace.close()
        self.claims.close()
        self.presence.leave()
