"""All rules, asked about task classes; what an author knows of, and says so, is left out."""

import linecache
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from lawnix.settings import Settings
from lawnix.store.protocol import Store
from lawnix.task.lint.chance import unseeded_random
from lawnix.task.lint.finding import RULES, Finding
from lawnix.task.lint.opaque import opaque_code, uncounted_code, unread_code
from lawnix.task.lint.outputs import output_side_effects
from lawnix.task.lint.parameters import unidentified_parameters
from lawnix.task.lint.passages import Subject, subject_of
from lawnix.task.lint.reads import undeclared_reads
from lawnix.task.lint.records import observed_reads
from lawnix.task.lint.values import unequal_values, unknown_values, unsettled_values

_IGNORE: Final = re.compile(r"#\s*lawnix:\s*ignore(?:\[([\w\s,-]*)\])?")


def lint(
    classes: Sequence[Any],
    settings: Settings,
    *,
    store: Store | None = None,
    rules: Sequence[str] = tuple(RULES),
    again: bool = True,
) -> Sequence[Finding]:
    """What will hurt in task classes, by its place.

    Args:
        classes: Classes derived from lawnix.Task.
        settings: What the user set.
        store: Where build records are looked for.
        rules: The rules that are asked.
        again: Whether values are digested once more, in another process.
    """
    if settings.unknown == "error":  # a finding says it, with its place
        settings = replace(settings, unknown="name")
    subjects = [subject_of(cls, settings) for cls in classes]
    unequal = unequal_values(subjects) if again and "unsettled-value" in rules else {}
    found: dict[Finding, list[str]] = {}
    for subject in subjects:
        names = unequal.get(f"{subject.cls.__module__}:{subject.cls.__qualname__}", ())
        for finding in _all(subject, store, names):
            if finding.rule in rules and not _is_ignored(finding):
                families = found.setdefault(finding, [])
                families += [] if subject.family in families else [subject.family]
    findings = [replace(finding, families=tuple(families)) for finding, families in found.items()]
    return sorted(findings, key=lambda each: (each.is_hint, each.file, each.line, each.rule, each.what))


def _all(subject: Subject, store: Store | None, unequal: Sequence[str]) -> Iterator[Finding]:
    yield from unidentified_parameters(subject)
    yield from unsettled_values(subject, unequal)
    yield from output_side_effects(subject)
    yield from undeclared_reads(subject)
    yield from observed_reads(subject, store)
    yield from unknown_values(subject)
    yield from opaque_code(subject)
    yield from unread_code(subject)
    yield from unseeded_random(subject)
    yield from uncounted_code(subject)


def _is_ignored(finding: Finding) -> bool:
    """Whether a comment on the line says so."""
    match = _IGNORE.search(linecache.getline(finding.file, finding.line))
    if match is None:
        return False
    return match[1] is None or finding.rule in re.split(r"[\s,]+", match[1])
