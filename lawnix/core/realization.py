"""Realizations: what one build under a key left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lawnix.core.canonical import canonical
from lawnix.core.derivation import OutputSpec
from lawnix.core.digest import Digest, digest
from lawnix.core.objects import ObjectPath

Outputs = Mapping[str, ObjectPath | None]
"""The objects of a realization by the name of the output; None for an optional output that was left out."""


TaskName = tuple[str, str, Mapping[str, str]]
"""A task as it can be said to another process, or written down: module, family, serialized parameters."""


@dataclass(frozen=True, slots=True)
class Found:
    """A requirement that a build found at run time (`yield` in `run`), and the content that it then read.

    Attributes:
        task: The task, by name.
        content: The content digest that it had.
    """

    task: TaskName
    content: Digest


@dataclass(frozen=True, slots=True)
class Read:
    """What a build read of a tracked view (`lawnix.tracked`), and what it was told.

    Attributes:
        view: The view, as the code of the task calls it.
        path: The steps from there, as JSON.
        question: What was asked for there: `value`, `kind`, `keys` or `has`.
        digest: The digest of the answer.
        shown: The answer, for people.
    """

    view: str
    path: str
    question: str
    digest: Digest
    shown: str = field(default="", compare=False)

    def form(self) -> tuple[str, str, str, Digest]:
        """What of it enters the identity."""
        return (self.view, self.path, self.question, self.digest)


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What is worth knowing about a build; for people and prices, in no digest.

    Attributes:
        started: Seconds since the epoch, UTC.
        wall: Elapsed time in s.
        cpu: User and system time in s, of the process and its children.
        memory: Peak resident memory of the worker in bytes.
        size: Bytes of all outputs.
        host: Host name.
        user: User name.
        pid: Process that built it.
        versions: Of the interpreter, lawnix, law and luigi.
        environment: The variables that the build was given beside the caller's.
        logged: Whether it printed anything.
        adopted: Where it was not built but taken over from an earlier form of the task: `from` (a realization), `by`,
            `at` (seconds since the epoch) and `sample`, which builds were compared.
        observed: What it touched and does not declare, in words and names: `read`, `listed` and `wrote` (paths),
            `variables`, `addresses`, `programs`; and `beyond`, programs whose own reads nobody saw. None if nobody
            looked.
        assumed: Where nobody here has built it, but law did, as is believed: `by`, `at`, and `how`: copied or linked.
        sources: Where it then was, by the name of the output.
    """

    started: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    size: int = 0
    host: str = ""
    user: str = ""
    pid: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    logged: bool = False
    adopted: Mapping[str, str] = field(default_factory=dict)
    observed: Mapping[str, Sequence[str]] | None = None
    assumed: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


NO_RECORD = BuildRecord()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an output holds, whatever its bytes.

    Attributes:
        method: How it was found out, with a version: `hdf5/1`.
        digest: The digest of what was found.
    """

    method: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check has shown about a realization that was assumed; for people, in no digest.

    Attributes:
        by: Whose check.
        at: When, in seconds since the epoch.
        is_same: Whether what was built came out the same.
        was_built: Whether that was this one; else others of its kind.
        words: What was built, and how it came out.
    """

    by: str
    at: float
    is_same: bool
    was_built: bool
    words: str


@dataclass(frozen=True, slots=True)
class Realization:
    """What one build under a key left.

    Attributes:
        key: The key it was built under; it may be selected under no other.
        derivation: The derivation digest at the time of the build.
        outputs: The object of each declared output.
        found: What the build required at run time; it must still hold for the realization to be used.
        record: For people.
        meanings: What those outputs hold, by name, that are not known by their bytes.
        reads: What the build read of tracked views; it must still be so for the realization to be used.
    """

    key: Digest
    derivation: Digest
    outputs: Outputs
    found: tuple[Found, ...] = ()
    record: BuildRecord = field(default_factory=BuildRecord, compare=False)
    meanings: Mapping[str, Meaning] = field(default_factory=dict, compare=False)
    reads: tuple[Read, ...] = ()
    # found out when somebody asks
    _digest: Digest | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def mark(self) -> str:
        """How it came here if it was not built: `adopted` from earlier code, or `assumed` to be what others made."""
        return "assumed" if self.record.assumed else "adopted" if self.record.adopted else ""

    @property
    def digest(self) -> Digest:
        """The name of the realization: builds under one key that read the same and made the same are one."""
        if self._digest is None:
            outputs = {name: str(path) for name, path in self.outputs.items()}
            reads = [each.form() for each in self.reads]
            form = canonical((self.key, outputs, *([reads] if reads else ())))
            self.be_known_as(digest("realization", form))
        assert self._digest is not None
        return self._digest

    def without_record(self) -> "Realization":
        """The same, less what is for people; there may be very many."""
        other = Realization(
            self.key, self.derivation, self.outputs, self.found, NO_RECORD, self.meanings, self.reads
        )
        other.be_known_as(self.digest)
        return other

    def be_known_as(self, digest: Digest) -> None:
        """Take what somebody else has found out: its name."""
        object.__setattr__(self, "_digest", digest)


class Chosen(Protocol):
    """A realization, as far as its consumers see it."""

    @property
    def outputs(self) -> Outputs:
        """The object of each declared output."""
        ...

    @property
    def meanings(self) -> Mapping[str, Meaning]:
        """What those outputs hold, by name, that are not known by their bytes."""
        ...


def content_of(
    specs: Sequence[OutputSpec], realization: Chosen, meanings: Mapping[str, Meaning] | None = None
) -> Digest:
    """The content digest that a consumer sees: the content, file name and formatter that stand at each role.

    Args:
        specs: How the outputs are declared, or those of them that are read.
        realization: What was built.
        meanings: Other meanings of its outputs than those found out by the build.
    """
    outputs, meanings = realization.outputs, realization.meanings if meanings is None else meanings
    if not meanings:
        return digest("content", canonical([(s.role, str(outputs[s.name]), s.formatter) for s in specs]))
    seen = []
    for spec in specs:
        meaning = meanings.get(spec.name)
        content = str(outputs[spec.name]) if meaning is None else f"{meaning.digest}-{spec.name}"
        seen.append((spec.role, content, spec.formatter))
    return digest("content", canonical(seen))
