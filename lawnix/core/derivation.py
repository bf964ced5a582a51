"""Derivations: everything that may change a result, written down before it is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.core.output import Kind

FORMAT: Final = 1  # of derivations and keys; another one rebuilds the world, so CHANGELOG.md tells of it


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One declared output.

    Attributes:
        role: Where it stands in the structure that `output()` returns, as in `value`, `0` or `plots.mass`; empty for a
            single target.
        name: Its plain file name, unique within the task.
        kind: File or directory.
        optional: Whether a build may leave it out.
        allow_empty: Whether it may be a file without bytes or a directory without entries.
        formatter: The name of the law formatter that `load` and `dump` use unless told otherwise.
        digest: What of a file its consumers depend on: `bytes`, `meaning` (what its format says that it holds), `auto`
            (its meaning, if its ending is of a known format), or a function of the author's, as `function <digest of
            its code>`.
    """

    role: str
    name: str
    kind: Kind = Kind.FILE
    optional: bool = False
    allow_empty: bool = False
    formatter: str = "auto"
    digest: str = "auto"

    def form(self) -> tuple[str, str, str, bool, bool, str, str]:
        """What of it enters the identity: all."""
        flags = (self.optional, self.allow_empty)
        return (self.role, self.name, self.kind.value, *flags, self.formatter, self.digest)


class Source(StrEnum):
    """Where an input comes from."""

    DERIVATION = "derivation"  # all outputs of one derivation
    GROUP = "group"  # the outputs of many, as of the branches of a workflow
    CONTENT = "content"  # content from outside, known by its digest
    FOREIGN = "foreign"  # a task that is no lawnix task; its content is known once it ran


@dataclass(frozen=True, slots=True)
class Input:
    """What a derivation reads under one role, by name and not by content.

    Attributes:
        source: What kind of thing `digest` names.
        digest: A derivation digest, group digest, content digest, or the digest of a foreign task's identity.
        label: For people; in no digest.
        only: The roles of the outputs that are read, each with what stands below it; empty for all.
    """

    source: Source
    digest: Digest
    label: str = field(default="", compare=False)
    only: tuple[str, ...] = ()

    def form(self) -> tuple[object, ...]:
        """What of it enters digests."""
        return (self.source.value, self.digest, *([self.only] if self.only else ()))


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything that may change the result of one task.

    Attributes:
        label: The task family. It names the derivation for people and is in no digest.
        parameters: The significant parameters, as `Parameter.serialize` writes them.
        code: The digest of the tracked code.
        inputs: What is read, by role: the place in the structure that `requires()` returns.
        outputs: The declared outputs.
        branch: The branch data as people read it, and the digest of its canonical form (with the branch number, if the
            code reads it); None if the task is no branch.
        sandbox: The digest of the environment it is built in; None for the host's.
        environment: The declared environment variables and their values (None: not set).
        fixed_output: Where the content is known beforehand, the digest it must have (`sha256:…`). Such a derivation is
            named by this and its outputs alone: where the content came from does not matter.
        reads_parameters: Whether the code looks at the tasks it requires and not only at their outputs. Then their
            parameters are content too.
    """

    label: str
    parameters: Mapping[str, str]
    code: Digest
    inputs: Mapping[str, Input]
    outputs: tuple[OutputSpec, ...]
    branch: tuple[str, Digest] | None = None
    sandbox: Digest | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)
    fixed_output: str | None = None
    reads_parameters: bool = False
    # found out when somebody asks
    _shared: bytes = field(default=b"", init=False, repr=False, compare=False)
    _digest: Digest | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def digest(self) -> Digest:
        """The derivation digest: known before anything runs, it names inputs as outputs of other derivations."""
        if self._digest is None:
            inputs = b"" if self.fixed_output is not None else canonical(_forms(self.inputs))
            self.be_known_as(digest("derivation", self._fixed + inputs))
        assert self._digest is not None
        return self._digest

    @property
    def is_named(self) -> bool:
        """Whether its digest is known by now."""
        return self._digest is not None

    def be_known_as(self, digest: Digest) -> None:
        """Take what somebody else has found out: the derivation digest."""
        if self._digest is None:  # else the same text would be kept twice
            object.__setattr__(self, "_digest", digest)

    def key(self, contents: Mapping[str, Digest]) -> Digest:
        """The name under which realizations are found: `contents` (by role) stands in the place of the inputs.

        No code, label, time or place from upstream occurs in it, so it is unchanged as long as the content is.
        """
        if self.fixed_output is not None:
            return digest("key", self._fixed)
        return digest("key", self._fixed + _contents_form(tuple(sorted(contents.items()))))

    def sibling(
        self,
        inputs: Mapping[str, Input],
        outputs: tuple[OutputSpec, ...],
        branch: tuple[str, Digest] | None,
        fixed_output: str | None,
    ) -> "Derivation":
        """The derivation of another branch of the same workflow; what branches share is not written again."""
        other = Derivation(
            self.label,
            self.parameters,
            self.code,
            inputs,
            outputs,
            branch,
            self.sandbox,
            self.environment,
            fixed_output,
            self.reads_parameters,
        )
        if not self._shared:
            object.__setattr__(self, "_shared", self._common)
        object.__setattr__(other, "_shared", self._shared)
        return other

    @property
    def _common(self) -> bytes:
        """The canonical form of what branches share; kept where there are some, as of tasks alone there may be many."""
        if self._shared:
            return self._shared
        family = (self.code, tuple(self.environment.items()), self.sandbox, self.reads_parameters)
        return _COMMON + canonical(self.parameters) + _family_form(family)

    @property
    def _fixed(self) -> bytes:
        """The canonical form of all that is not an input."""
        if self.fixed_output is not None:
            return canonical((FORMAT, self.fixed_output)) + _outputs_form(self.outputs)
        branch = _NO_BRANCH if self.branch is None else canonical(self.branch[1])
        return self._common + _outputs_form(self.outputs) + branch

    @property
    def lineage(self) -> Digest:
        """What earlier and later forms of one task have in common: the family and the branch data."""
        return _lineage(self.label, self.branch and self.branch[1])

    @property
    def parameters_digest(self) -> Digest:
        """The digest of what a task that requires this one can read of it beside its outputs."""
        return digest("parameters", canonical((self.parameters, self.branch and self.branch[1])))


def _forms(inputs: Mapping[str, Input]) -> dict[str, tuple[object, ...]]:
    return {role: each.form() for role, each in inputs.items()}


@dataclass(frozen=True)
class Group:
    """Many tasks required as one: a workflow with its branches, a wrapper with what it wraps.

    Attributes:
        label: The family of the task that stands for the group; in no digest.
        members: What is in it, by role.
    """

    label: str
    members: Mapping[str, Input]

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def digest(self) -> Digest:
        """The name of the group, known before anything runs."""
        return digest("group", canonical({role: member.form() for role, member in self.members.items()}))


def selected(specs: tuple[OutputSpec, ...], only: tuple[str, ...]) -> tuple[OutputSpec, ...]:
    """Those outputs that stand at one of the roles `only` or below; all if there are none."""
    if not only:
        return specs
    return tuple(
        spec for spec in specs if any(spec.role == role or spec.role.startswith(f"{role}.") for role in only)
    )


_SAID: Final = 6
"""How much is said that branches share, see `_common`: a sequence of so many."""
_COMMON: Final = canonical((*range(_SAID),)).partition(b":")[0] + b":" + canonical(FORMAT)
_NO_BRANCH: Final = canonical(None)


@lru_cache(4096)
def _family_form(family: tuple[Digest, tuple[tuple[str, str | None], ...], Digest | None, bool]) -> bytes:
    """The canonical form of what tasks of a family share, which follows their parameters."""
    code, environment, sandbox, reads_parameters = family
    return b"".join(map(canonical, (code, dict(environment), sandbox, reads_parameters)))


@lru_cache(4096)
def _outputs_form(outputs: tuple[OutputSpec, ...]) -> bytes:
    """The canonical form of declared outputs, which many tasks share."""
    return canonical([spec.form() for spec in outputs])


@lru_cache(256)
def _lineage(label: str, branch: Digest | None) -> Digest:
    """The lineage of tasks, which those that are no branches share with all of their family."""
    return digest("lineage", canonical((label, branch)))


@lru_cache(256)
def _contents_form(contents: tuple[tuple[str, Digest], ...]) -> bytes:
    """The canonical form of what is read, by role; many tasks read the same."""
    return canonical(dict(contents))


def group_content(contents: Mapping[str, Digest]) -> Digest:
    """The content digest of a group whose members have these contents, by role."""
    return digest("group content", canonical(contents))
