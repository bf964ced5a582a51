"""Build records: what watched builds of the same code touched and did not declare."""

from collections.abc import Iterator

from lawnix.core.realization import Realization
from lawnix.store.protocol import Store
from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Subject
from lawnix.task.observed import undeclared, words_of


def observed_reads(subject: Subject, store: Store | None) -> Iterator[Finding]:
    """What the builds of the family touched undeclared, as far as they ran the code that it has now."""
    if store is None:
        return
    derivations = [each.digest for each in store.family(subject.family) if each.code == subject.code.digest]
    realizations = [each for several in store.by_derivation(derivations).values() for each in several]
    file, line = subject.place()
    for what in dict.fromkeys(text for each in realizations for text in _touched(each)):
        yield Finding("observed-read", f"a build of {subject.family} touched {what}", file, line)


def _touched(realization: Realization) -> Iterator[str]:
    for word, names in undeclared(realization.record.observed).items():
        for name in names:
            yield f"{name} ({words_of(word)})"
