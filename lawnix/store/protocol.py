"""What a store promises: objects, the build trace, build directories, claims and roots, all of them in bulk."""

from __future__ import annotations  # values of the core are loaded by who makes some

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lawnix.core.derivation import Derivation, Group
    from lawnix.core.digest import Digest
    from lawnix.core.objects import ObjectPath
    from lawnix.core.output import Kind
    from lawnix.core.realization import Meaning, Realization, Verdict
    from lawnix.core.wording import Components


@dataclass(frozen=True)
class Facts:
    """What is recorded together.

    Attributes:
        codes: The components of tracked code by the digest of all of it, and what sandboxes are made of by theirs.
        derivations: What was decided before the builds.
        groups: The groups that these derivations read.
        realizations: What the builds left; their objects are in the store already.
        sizes: Bytes of the objects, where known; `present` compares them.
        wordings: How components of code are written, by their digests, as far as that is known.
        meanings: What objects mean by other methods than those of their builds, and by these.
        verdicts: What a check has shown about assumed realizations; later ones count.
    """

    codes: Mapping[Digest, Components] = field(default_factory=dict)
    derivations: Sequence[Derivation] = ()
    groups: Sequence[Group] = ()
    realizations: Sequence[Realization] = ()
    sizes: Mapping[ObjectPath, int] = field(default_factory=dict)
    wordings: Mapping[Digest, str] = field(default_factory=dict)
    meanings: Mapping[ObjectPath, Sequence[Meaning]] = field(default_factory=dict)
    verdicts: Mapping[Digest, Verdict] = field(default_factory=dict)


class AddedObject(NamedTuple):
    """An output that became an object.

    Attributes:
        path: Its name.
        size: Bytes of the file, or of all files in the tree.
        place: Where it lies, as text.
    """

    path: ObjectPath
    size: int
    place: str

    @property
    def location(self) -> Path:
        """Where it lies."""
        return Path(self.place)


class Claim(NamedTuple):
    """Who builds a key at the moment.

    Attributes:
        host: Its host name.
        pid: Its process.
        since: When it was claimed, in seconds since the epoch.
        label: What it is, for people.
    """

    host: str
    pid: int
    since: float
    label: str = ""


class Store(Protocol):
    """Immutable objects and the trace of the builds that made them.

    Every operation takes many and answers once; what has no answer is absent from it.
    """

    @property
    def root(self) -> Path | None:
        """Where it lies; None for a store that ends with the process."""

    def realizations(self, keys: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The realizations under these keys that are not forgotten, the one recorded first at the front."""

    def by_derivation(self, derivations: Collection[Digest]) -> Mapping[Digest, Sequence[Realization]]:
        """The same for what was built for these derivations."""

    def by_digest(self, references: Collection[Digest]) -> Mapping[Digest, Realization]:
        """The realizations with these names that are not forgotten."""

    def derivations(self, digests: Collection[Digest]) -> Mapping[Digest, Derivation]:
        """The derivations with these derivation digests."""

    def groups(self, digests: Collection[Digest]) -> Mapping[Digest, Group]:
        """The groups with these digests."""

    def family(self, label: str, *, limit: int = 50) -> Sequence[Derivation]:
        """The derivations with this label, the one recorded last at the front."""

    def relatives(
        self, lineages: Collection[Digest], *, limit: int = 20
    ) -> Mapping[Digest, Sequence[Derivation]]:
        """The derivations of these lineages, the one recorded last at the front, at most `limit` of each."""

    def components(self, codes: Collection[Digest]) -> Mapping[Digest, Components]:
        """What the code with these digests is made of."""

    def wordings(self, components: Collection[Digest]) -> Mapping[Digest, str]:
        """How these components of code were written when they were first recorded."""

    def meanings(self, objects: Collection[ObjectPath]) -> Mapping[ObjectPath, Sequence[Meaning]]:
        """What is recorded of these objects beside their realizations: what they mean by several methods."""

    def is_rehashed(self) -> bool:
        """Whether it is known of any object what it means by several methods."""

    def same_meanings(self, digests: Collection[Digest]) -> Mapping[Digest, Sequence[Meaning]]:
        """For each of these meanings, all that is recorded of the objects that have it."""

    def verdicts(self, realizations: Collection[Digest]) -> Mapping[Digest, Verdict]:
        """What the last check has shown about these realizations."""

    def was_forgotten(self, names: Collection[Digest]) -> Mapping[Digest, str]:
        """Those keys and derivations that had realizations, all of which were forgotten, with the reason given last."""

    def record(self, facts: Facts) -> None:
        """Append `facts`, less what is known already. Their objects must be in place before.

        Raises:
            StoreAccessError: The store may not be written.
            StoreFullError: There is no space; nothing of `facts` is recorded.
        """

    def forget(self, realizations: Sequence[Realization], reason: str) -> None:
        """Make these realizations unknown until they are recorded again; objects stay until they are collected."""

    def flush(self) -> None:
        """Return when everything recorded so far, with its objects, is on disk."""

    def refresh(self) -> bool:
        """Take in what other processes have recorded; True if anything came."""

    def new_build(self) -> Path:
        """A fresh build directory. Outputs are written in `out/` in it, the log is `log`."""

    def add(self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str) -> Sequence[AddedObject]:
        """Digest and freeze `<build>/out/<name>` for every output of `task`, and move them among the objects.

        Raises:
            MissingOutputError: An output is not there.
            OutputKindError: An output, or something in it, is neither file nor directory, or the wrong one of them.
            EscapingOutputError: An output is, or holds, a link out of itself.
        """

    def discard(self, build: Path) -> None:
        """Remove a build directory with all that is in it."""

    def present(self, objects: Collection[ObjectPath]) -> set[ObjectPath]:
        """Those objects that are in the store and as they were when they were added."""

    def location(self, path: ObjectPath) -> Path:
        """Where an object lies, or would lie."""

    def place(self, path: ObjectPath) -> str:
        """The same as text: a path takes longer to make than to use."""

    def save_log(self, realization: Digest, log: Path) -> None:
        """Keep the file `log` as what the build of `realization` printed."""

    def log(self, realization: Digest) -> str | None:
        """What the build of `realization` printed; None if nothing was kept."""

    def claim(self, keys: Collection[Digest], label: str = "") -> set[Digest]:
        """Those keys that are this store's to build from now on; the others are held already, here or elsewhere."""

    def release(self, keys: Collection[Digest]) -> None:
        """Give up claims."""

    def claimed(self) -> Mapping[Digest, Claim]:
        """What others are building."""

    def heartbeat(self) -> None:
        """Say that this process still works on what it claimed; to be called now and then, at most once a second."""

    def add_root(self, name: str, realizations: Sequence[Digest]) -> None:
        """Keep these realizations from being collected, under `name`; replaces what had that name."""

    def roots(self) -> Mapping[str, Sequence[Digest]]:
        """What is kept from being collected, by the name of the root."""

    def remove_root(self, name: str) -> None:
        """Let go what is kept under `name`."""

    def after_fork_in_child(self) -> None:
        """Let go what belongs to the parent: a forked build worker calls this first."""

    def close(self) -> None:
        """Flush, and give up claims."""
