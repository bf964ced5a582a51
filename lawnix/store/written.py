"""Records of values: how what a run has to say is written down. What stands in many records is put in words once."""

from collections.abc import Mapping, Set
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final, NamedTuple

from lawnix.core.derivation import Derivation, Group, Input, OutputSpec
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import BuildRecord, Realization, Verdict
from lawnix.core.wording import Components
from lawnix.store.index import Index
from lawnix.store.protocol import Facts
from lawnix.store.records import (
    CodeRecord,
    DerivationRecord,
    GroupRecord,
    MeaningRecord,
    RealizationRecord,
    Record,
    VerdictRecord,
    WordingRecord,
    dump,
)

_SPECIAL: Final = {
    name: getattr(BuildRecord(), name) for name in ("logged", "adopted", "observed", "assumed", "sources")
}
"""What most builds have nothing of, with what stands for nothing."""


class Known(NamedTuple):
    """What an index knows of what facts say."""

    codes: Set[str]
    wordings: Set[str]
    derivations: Set[str]
    groups: Set[str]
    realizations: Set[str]  # that are not forgotten
    meanings: Set[tuple[str, str]]  # object and method


def known_of(facts: Facts, index: Index) -> Known:
    """What `index` knows of what `facts` say."""
    return Known(
        index.known("codes", facts.codes),
        index.known("wordings", facts.wordings),
        index.known("derivations", {derivation.digest for derivation in facts.derivations}),
        index.known("groups", {group.digest for group in facts.groups}),
        index.living({realization.digest for realization in facts.realizations}),
        {(object_, method) for object_, method, _ in index.meanings(list(map(str, facts.meanings)))},
    )


def times_in(facts: Facts) -> int:
    """How many times `records_of` counts on from the one that it is given."""
    return len(facts.derivations) + len(facts.realizations) + len(facts.verdicts)


def records_of(facts: Facts, known: Known, at: int) -> list[Record]:
    """What `facts` say that is not `known`, in the order in which it can be used; recorded at `at` ns and later."""
    derivations = {derivation.digest: derivation for derivation in facts.derivations}
    groups = {group.digest: group for group in facts.groups}
    realizations = {realization.digest: realization for realization in facts.realizations}
    return [
        *(code_record(code, parts) for code, parts in facts.codes.items() if code not in known.codes),
        *(
            WordingRecord(component, words)
            for component, words in facts.wordings.items()
            if component not in known.wordings
        ),
        *(group_record(group) for digest, group in groups.items() if digest not in known.groups),
        *(
            derivation_record(derivation, at + i)
            for i, (digest, derivation) in enumerate(derivations.items())
            if digest not in known.derivations
        ),
        *(
            realization_record(realization, at + i, facts.sizes)
            for i, (digest, realization) in enumerate(realizations.items())
            if digest not in known.realizations
        ),
        *(
            MeaningRecord(str(path), meaning.method, meaning.digest)
            for path, found in facts.meanings.items()
            for meaning in found
            if (str(path), meaning.method) not in known.meanings
        ),
        *(
            verdict_record(realization, verdict, at + len(realizations) + i)
            for i, (realization, verdict) in enumerate(facts.verdicts.items())
        ),
    ]


def code_record(digest: Digest, components: Components) -> CodeRecord:
    """The record of tracked code."""
    return CodeRecord(digest, dump(dict(components)))


def derivation_record(derivation: Derivation, at: int) -> DerivationRecord:
    """The record of a derivation."""
    more: dict[str, object] = {}
    if derivation.branch is not None:
        more["branch"] = derivation.branch
    if derivation.sandbox is not None:
        more["sandbox"] = derivation.sandbox
    if derivation.environment:
        more["environment"] = dict(derivation.environment)
    if derivation.fixed_output is not None:
        more["fixed_output"] = derivation.fixed_output
    if derivation.reads_parameters:
        more["reads_parameters"] = True
    body = (
        f'{{"parameters":{_own_texts(derivation.parameters)},"code":"{derivation.code}",'
        f'"inputs":{dump(_inputs(derivation.inputs)) if derivation.inputs else "{}"},'
        f'"outputs":{_outputs(derivation.outputs)}{_joined(more)}}}'
    )
    return DerivationRecord(derivation.digest, at, derivation.lineage, derivation.label, body)


def group_record(group: Group) -> GroupRecord:
    """The record of a group."""
    return GroupRecord(group.digest, group.label, dump(_inputs(group.members)))


def verdict_record(realization: Digest, verdict: Verdict, at: int) -> VerdictRecord:
    """The record of a verdict."""
    return VerdictRecord(realization, at, dump(asdict(verdict)))


def realization_record(
    realization: Realization, at: int, sizes: Mapping[ObjectPath, int]
) -> RealizationRecord:
    """The record of a realization; of `sizes` it takes those of its own objects."""
    record = realization.record
    detail: dict[str, object] = {}
    if record.logged or record.adopted or record.observed is not None or record.assumed or record.sources:
        detail |= {
            name: value for name, nothing in _SPECIAL.items() if (value := getattr(record, name)) != nothing
        }
    if realization.found:
        detail["found"] = [
            [module, family, dict(parameters), content]
            for (module, family, parameters), content in (
                (found.task, found.content) for found in realization.found
            )
        ]
    if realization.meanings:
        detail["meanings"] = {name: [m.method, m.digest] for name, m in realization.meanings.items()}
    if realization.reads:  # last, see `_reads`
        detail["reads"] = [[*each.form(), each.shown] for each in realization.reads]
    outputs, known = [], []
    for name, path in realization.outputs.items():
        if path is None:
            outputs.append(f"{_text(name)}:null")
            continue
        named = f'"{path.digest}-{_text(path.name)[1:]}'
        outputs.append(f"{_text(name)}:{named}")
        if (size := sizes.get(path)) is not None:
            known.append(f"{named}:{size}")
    return RealizationRecord(
        realization.digest,
        realization.key,
        realization.derivation,
        at,
        f"{{{','.join(outputs)}}}",
        f"{{{_ordinary(record)}{_joined(detail)}}}",
        f"{{{','.join(known)}}}",
    )


def _ordinary(record: BuildRecord) -> str:
    """What is known of every build, as the inside of a JSON object."""
    return (
        f'"started":{record.started!r},"wall":{record.wall!r},"cpu":{record.cpu!r},"memory":{record.memory},'
        f'"size":{record.size},"host":{_text(record.host)},"user":{_text(record.user)},"pid":{record.pid},'
        f'"versions":{_texts(tuple(record.versions.items()))},'
        f'"environment":{_texts(tuple(record.environment.items()))}'
    )


def _joined(more: Mapping[str, object]) -> str:
    """`more` as what follows in a JSON object."""
    return f",{dump(more)[1:-1]}" if more else ""


def _inputs(inputs: Mapping[str, Input]) -> dict[str, list[Any]]:
    return {
        role: [each.source.value, each.digest, each.label, *([list(each.only)] if each.only else ())]
        for role, each in inputs.items()
    }


@lru_cache(4096)
def _text(value: str) -> str:
    """The JSON of a text that stands in many records."""
    return dump(value)


def _own_texts(texts: Mapping[str, str]) -> str:
    """The JSON of a mapping whose values stand in no other record."""
    return f"{{{','.join([f'{_text(name)}:{dump(text)}' for name, text in texts.items()])}}}"


@lru_cache(256)
def _texts(items: tuple[tuple[str, str], ...]) -> str:
    """The JSON of a mapping that stands in many records."""
    return dump(dict(items))


@lru_cache(4096)
def _outputs(specs: tuple[OutputSpec, ...]) -> str:
    """The JSON of declared outputs; those of a family are the same."""
    return dump([spec.form() for spec in specs])
