"""Tasks of plain law and luigi: whether they are complete, and what their outputs hold."""

import os
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Final

import luigi
from law.target.base import Target

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import MissingInputError
from lawnix.store.memo import StatMemo
from lawnix.task.registered import title_of
from lawnix.task.structure import leaves

_BY_EXISTENCE: Final = (None, Target.complete)


def contents_of(
    tasks: Sequence[luigi.Task], memo: StatMemo, fetched: MutableMapping[str, Digest]
) -> list[Digest]:
    """What the outputs of tasks hold: contents and file names by role, never their places.

    Args:
        tasks: Those that are asked.
        memo: What is known of files of this machine.
        fetched: Contents of targets that are elsewhere, by their URIs, as far as they are known; more are added.

    Raises:
        MissingInputError: An output is not there.
    """
    targets = [list(_targets_there(task)) for task in tasks]
    files = [Path(_uri(target)) for those in targets for _, target in those if _is_here(target)]
    known = memo.digests(files)
    found = []
    for those in targets:
        content = {}
        for role, target in those:
            uri = _uri(target)
            of_it = known[Path(uri)] if _is_here(target) else _fetched(target, uri, memo, fetched)
            content[role] = os.path.basename(uri), of_it
        found.append(digest("content", canonical(content)))
    return found


def locations_of(task: luigi.Task) -> list[str]:
    """Where the outputs of a task lie, as far as they are files and directories of this machine."""
    targets = (target for _, target in leaves(task.output()) if _is_here(target))
    return [os.path.abspath(_uri(target)) for target in targets]


def _uri(target: Any) -> str:
    return str(getattr(target, "abspath", None) or getattr(target, "path", None) or target)


def missing_of(task: luigi.Task) -> str:
    """Where the first output of a task that does not exist should be."""
    targets = (target for _, target in leaves(task.output()))
    return next((_uri(target) for target in targets if not target.exists()), "its output")


def _targets_there(task: luigi.Task) -> Iterator[tuple[str, Any]]:
    for role, target in leaves(task.output()):
        if target.exists() and _is_complete(target):
            yield role, target
        elif not getattr(target, "optional", False):
            raise MissingInputError(title_of(task), _uri(target))


def _is_complete(target: Any) -> bool:
    """Whether a target that exists is all that it is to be; those of law may say so."""
    return getattr(type(target), "complete", None) in _BY_EXISTENCE or bool(target.complete())


def _is_here(target: Any) -> bool:
    return isinstance(target, luigi.LocalTarget)


def _fetched(target: Any, uri: str, memo: StatMemo, fetched: MutableMapping[str, Digest]) -> Digest:
    """The content digest of a target that is not local: of a copy, or of its name if it cannot be copied."""
    if not hasattr(target, "localize"):
        return digest("opaque", uri.encode())
    if uri not in fetched:  # once in a run: it may be far away
        with target.localize("r") as copy:
            path = Path(copy.abspath)
            fetched[uri] = memo.digests([path])[path]
    return fetched[uri]
