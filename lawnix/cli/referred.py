"""What a word on the command line refers to: realizations, derivations, objects and their links, tasks."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lawnix.core.derivation import Derivation
from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization
from lawnix.engine.graph import DerivedNode
from lawnix.errors import AmbiguousNameError, InvalidDigestError, UnknownNameError
from lawnix.store.local import LocalStore
from lawnix.store.search import Hit, makers, named, object_at
from lawnix.task.command import family_of, task_from
from lawnix.task.run import plan_of
from lawnix.task.session import session

_PREFIX: Final = re.compile(r"[a-z2-7]{4,32}")
_LISTED: Final = 8


@dataclass(frozen=True)
class Referred:
    """What was found.

    Attributes:
        title: What it is, for people.
        derivation: What decides it, if that is known.
        key: Under which it is realized, if that is known.
        realizations: What was built, the latest first.
    """

    title: str
    derivation: Derivation | None
    key: Digest | None
    realizations: Sequence[Realization]


def referred(store: LocalStore, word: str, parameters: Sequence[str]) -> list[Referred]:
    """What `word` refers to; several things if it is a workflow.

    Raises:
        UnknownNameError: Nothing.
        AmbiguousNameError: It is the beginning of several digests.
    """
    path = _object_of(word)
    if path is not None and not parameters:
        return _built(word, makers(store, path))
    hits = named(store, word) if _PREFIX.fullmatch(word) and not parameters else []
    if hits:
        return [_one(word, hits)]
    return _tasks([word, *parameters])


def _object_of(word: str) -> ObjectPath | None:
    try:
        return ObjectPath.parse(word)
    except InvalidDigestError:
        is_path = os.sep in word or os.path.lexists(word)
        return object_at(Path(word)) if is_path else None


def _built(word: str, hits: Sequence[Hit]) -> list[Referred]:
    if not hits:
        raise UnknownNameError(
            "realization with the output", word, hint="it was collected, or nobody built it here"
        )
    return [_referred(hits[0])]  # whatever others wrote the same content


def _one(word: str, hits: Sequence[Hit]) -> Referred:
    derivations = {hit.realization.derivation for hit in hits}
    if len(derivations) > 1:
        names = {h.realization.digest: h.derivation.label if h.derivation else "" for h in hits[:_LISTED]}
        raise AmbiguousNameError(word, [f"{digest}  {label}" for digest, label in names.items()])
    exact = [hit for hit in hits if hit.realization.digest.startswith(word)]
    found = _referred((exact or hits)[0])
    realizations = [hit.realization for hit in exact or hits]
    return Referred(found.title, found.derivation, found.key, realizations)


def _referred(hit: Hit) -> Referred:
    title = hit.derivation.label if hit.derivation else hit.realization.digest
    return Referred(title, hit.derivation, hit.realization.key, [hit.realization])


def _tasks(argv: Sequence[str]) -> list[Referred]:
    """A task, or each branch of a workflow, and what would be reused of it."""
    family_of(argv[0])
    here = session()
    _, plan = plan_of([task_from(argv)], here)
    found = []
    for number in dict.fromkeys(n for root in plan.graph.roots for n in plan.graph.derived(root)):
        node = plan.graph.nodes[number]
        assert isinstance(node, DerivedNode)
        settled = plan.settled.get(number)
        realizations = [settled.realization] if settled and settled.realization else []
        found.append(Referred(node.work.title(), node.derivation, plan.keys.get(number), realizations))
    return found
