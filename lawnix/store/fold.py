"""Folding: many journals become one, less what was forgotten."""

import logging
import time
from collections.abc import Iterable, Sequence
from typing import Final

from lawnix.core.closure import closure
from lawnix.core.derivation import Source
from lawnix.store import journal, values
from lawnix.store.local import LocalStore
from lawnix.store.records import (
    CodeRecord,
    DerivationRecord,
    ForgetRecord,
    GroupRecord,
    MeaningRecord,
    RealizationRecord,
    Record,
    VerdictRecord,
    WordingRecord,
)

MONTH: Final = 30 * 24 * 3600.0  # s

logger = logging.getLogger(__name__)


def fold(store: LocalStore, *, told_for: float = MONTH) -> int:
    """Fold the journals of `store`, which nobody else may be using, into one; how many there were.

    A realization that was forgotten is dropped after a while, with what only led to it. That it was forgotten is kept
    until the next time: if this is interrupted between two journals, the one that is left may tell of it again.

    Args:
        store: The store.
        told_for: For how many seconds it can be told why a realization is not there any more.
    """
    directory = store.root / "journal"
    store.trace.close()
    paths = [directory / name for name in sorted(journal.journals(directory))]
    foldable = [path for path in paths if not journal.has_writer(path)]
    passages = [journal.read(path) for path in foldable]
    found = [record for passage in passages for record in passage.records]
    since = time.time_ns() - int(told_for * 1e9)
    kept = _kept(found, since) if len(foldable) == len(paths) else list(dict.fromkeys(found))
    if not foldable or (len(foldable) == 1 and kept == found and not passages[0].damaged):
        return 0
    journal.write(directory, kept)
    for path in foldable:  # last: whatever they say is in the new one
        path.unlink()
    store.trace.rebuild()
    logger.info("folded %d journals with %d records into one with %d", len(foldable), len(found), len(kept))
    return len(foldable)


def _kept(found: Sequence[Record], since: int) -> list[Record]:
    """What is still needed of all that was ever recorded."""
    forgotten: dict[str, ForgetRecord] = {}
    realizations: dict[str, RealizationRecord] = {}
    derivations: dict[str, DerivationRecord] = {}
    groups: dict[str, GroupRecord] = {}
    codes: dict[str, CodeRecord] = {}
    wordings: dict[str, WordingRecord] = {}
    meanings: dict[tuple[str, str], MeaningRecord] = {}
    verdicts: dict[str, VerdictRecord] = {}
    for record in found:
        match record:
            case ForgetRecord():
                forgotten[record.digest] = max(
                    forgotten.get(record.digest, record), record, key=lambda r: r.at
                )
            case RealizationRecord():
                realizations[record.digest] = max(
                    realizations.get(record.digest, record), record, key=lambda r: r.at
                )
            case DerivationRecord():
                derivations[record.digest] = min(
                    derivations.get(record.digest, record), record, key=lambda r: r.at
                )
            case GroupRecord():
                groups.setdefault(record.digest, record)
            case CodeRecord():
                codes.setdefault(record.digest, record)
            case WordingRecord():
                wordings.setdefault(record.digest, record)
            case MeaningRecord():
                meanings.setdefault((record.object, record.method), record)
            case VerdictRecord():
                verdicts[record.digest] = max(verdicts.get(record.digest, record), record, key=lambda r: r.at)
    told = [
        record
        for record in realizations.values()
        if record.digest not in forgotten
        or forgotten[record.digest].at < record.at
        or forgotten[record.digest].at >= since
    ]

    def inputs(name: tuple[Source, str]) -> Iterable[tuple[Source, str]]:
        source, digest = name
        if source is Source.DERIVATION and digest in derivations:
            of = values.derivation_of(digest, "", derivations[digest].body).inputs
        elif source is Source.GROUP and digest in groups:
            of = values.group_of(digest, "", groups[digest].members).members
        else:
            return []
        return [(read.source, read.digest) for read in of.values()]

    reached = {digest for _, digest in closure([(Source.DERIVATION, r.derivation) for r in told], inputs)}
    kept = [record for digest, record in derivations.items() if digest in reached]
    used: set[str | None] = set()
    for record in kept:
        said = values.derivation_of(record.digest, "", record.body)
        used |= {said.code, said.sandbox}
    known = [record for digest, record in codes.items() if digest in used]
    components = {part for record in known for part in values.components_of(record.components).values()}
    names = {record.digest for record in told}
    return [
        *known,
        *(record for digest, record in wordings.items() if digest in components),
        *(record for digest, record in groups.items() if digest in reached),
        *kept,
        *told,
        *(record for record in verdicts.values() if record.digest in names),
        *meanings.values(),  # keys that were made with them outlive the objects
        *(
            record
            for digest, record in forgotten.items()
            if digest in realizations and record.at > realizations[digest].at
        ),
    ]
