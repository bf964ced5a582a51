"""Values of the core, as records say them: what was read is made a value again when somebody asks for it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from lawnix.core.derivation import Derivation, Group, Input, OutputSpec, Source
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.core.realization import BuildRecord, Found, Meaning, Outputs, Read, Realization, Verdict
from lawnix.core.wording import Components


def derivation_of(digest: str, label: str, body: str) -> Derivation:
    """The derivation that a record says."""
    said = json.loads(body)
    derivation = Derivation(
        label=label,
        parameters=said["parameters"],
        code=Digest(said["code"]),
        inputs=_read_inputs(said["inputs"]),
        outputs=tuple(
            OutputSpec(role, name, Kind(kind), optional, allow_empty, formatter, how)
            for role, name, kind, optional, allow_empty, formatter, how in said["outputs"]
        ),
        branch=(said["branch"][0], Digest(said["branch"][1])) if "branch" in said else None,
        sandbox=Digest(said["sandbox"]) if "sandbox" in said else None,
        environment=said.get("environment", {}),
        fixed_output=said.get("fixed_output"),
        reads_parameters=said.get("reads_parameters", False),
    )
    derivation.be_known_as(Digest(digest))  # so it need not be computed
    return derivation


def components_of(components: str) -> Components:
    """The components that a record says."""
    return dict(json.loads(components))


def group_of(digest: str, label: str, members: str) -> Group:
    """The group that a record says."""
    group = Group(label, _read_inputs(json.loads(members)))
    vars(group)["digest"] = Digest(digest)
    return group


def verdict_of(said: str) -> Verdict:
    """The verdict that a record says."""
    return Verdict(**json.loads(said))


def realizations_of(
    rows: Sequence[tuple[int, str, str, str, str, str]], column: str
) -> dict[Digest, list[Realization]]:
    """The realizations that (time, digest, key, derivation, outputs, detail) say, in the order of their times.

    They come by what they have in `column`: the key, the derivation or their own digest.
    """
    found: dict[Digest, list[Realization]] = {}
    position = ("key", "derivation", "digest").index(column)
    said = json.loads(f"[{','.join(row[4] for row in rows)}]")
    crowded = []
    for (_, digest, key, derivation, _, detail), outputs in zip(rows, said, strict=True):
        names = (Digest(key), Digest(derivation), Digest(digest))
        realization = StoredRealization(
            names,
            {
                # written by `str` and under a checksum
                name: None if path is None else ObjectPath(Digest(path[:32]), path[33:])
                for name, path in outputs.items()
            },
            _found(detail) if '"found":' in detail else (),
            _meanings(detail) if '"meanings":' in detail else _NO_MEANINGS,
            _reads(detail[detail.rindex(_READS) :]) if _READS in detail else (),
            detail,
        )
        others = found.setdefault(names[position], [])
        others.append(realization)
        if len(others) == 2:
            crowded.append(others)
    if crowded:
        times = {row[1]: (row[0], row[1]) for row in rows}
        for others in crowded:
            others.sort(key=lambda realization: times[realization.digest])
    return found


class StoredRealization(Realization):
    """A realization that was read from a store; what is for people is only read when somebody looks at it."""

    __slots__ = ("_detail",)
    _detail: str

    def __init__(
        self,
        names: tuple[Digest, Digest, Digest],
        outputs: Outputs,
        found: tuple[Found, ...],
        meanings: Mapping[str, Meaning],
        reads: tuple[Read, ...],
        detail: str,
    ) -> None:
        """A realization with these names (key, derivation, its own), whose record is in `detail`, as JSON."""
        key, derivation, own = names
        said = {"key": key, "derivation": derivation, "_digest": own, "outputs": outputs, "found": found}
        for name, value in {**said, "meanings": meanings, "reads": reads, "_detail": detail}.items():
            object.__setattr__(self, name, value)

    @property
    def record(self) -> BuildRecord:  # a field there; here it is made when it is asked for
        """The build record."""
        said = json.loads(self._detail)
        return BuildRecord(**{name: said[name] for name in _RECORD_FIELDS if name in said})

    @property
    def mark(self) -> str:
        """As ever; of most the record need not be read."""
        return super().mark if '"assumed":' in self._detail or '"adopted":' in self._detail else ""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Realization):
            return NotImplemented
        return (self.digest, self.derivation, self.found) == (other.digest, other.derivation, other.found)

    def __hash__(self) -> int:
        return hash(self.digest)


# ------------------------------------------------------------------------------------------- parts

_NOTHING = {field.name: getattr(BuildRecord(), field.name) for field in fields(BuildRecord)}
_RECORD_FIELDS = tuple(_NOTHING)


def _found(detail: str) -> tuple[Found, ...]:
    said = json.loads(detail).get("found", ())
    return tuple(
        Found((module, family, parameters), Digest(content)) for module, family, parameters, content in said
    )


_READS = '"reads":['


@lru_cache(4096)
def _reads(text: str) -> tuple[Read, ...]:
    """What was read, from the end of a detail: many tasks read the same, and so have one tuple."""
    said = json.loads("{" + text)["reads"]
    return tuple(
        Read(view, path, question, Digest(digest), shown) for view, path, question, digest, shown in said
    )


_NO_MEANINGS: Mapping[str, Meaning] = {}


def _meanings(detail: str) -> dict[str, Meaning]:
    said = json.loads(detail).get("meanings", {})
    return {name: Meaning(method, Digest(digest)) for name, (method, digest) in said.items()}


def _read_inputs(said: Mapping[str, Sequence[Any]]) -> dict[str, Input]:
    return {
        role: Input(Source(source), Digest(digest), label, tuple(only[0]) if only else ())
        for role, (source, digest, label, *only) in said.items()
    }
