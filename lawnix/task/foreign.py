"""Outputs of tasks of plain law and luigi, which lie at their own place: what they hold."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import luigi

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import MissingInputError
from lawnix.store.memo import StatMemo
from lawnix.task.structure import leaves


class ForeignOutputs:
    """The outputs of one such task."""

    def __init__(self, task: luigi.Task, memo: StatMemo) -> None:
        self._task = task
        self._memo = memo
        self._fetches: dict[str, Digest] = {}

    def content(self, title: Callable[[], str]) -> Digest:
        """What they hold: contents and file names by role, never their places.

        Raises:
            MissingInputError: One is not there; the task is told by `title`.
        """
        contents: dict[str, tuple[str, Digest]] = {}
        local: dict[str, Path] = {}
        for role, target in leaves(self._task.output()):
            if not target.exists():
                if not getattr(target, "optional", False):
                    raise MissingInputError(title(), _uri(target))
            elif isinstance(target, luigi.LocalTarget):
                local[role] = Path(_uri(target))
            else:
                contents[role] = os.path.basename(_uri(target)), self._fetched(target)
        digests = self._memo.digests(list(local.values()))
        contents |= {role: (path.name, digests[path]) for role, path in local.items()}
        return digest("content", canonical(contents))

    def _fetched(self, target: Any) -> Digest:
        """The content digest of a target that is not local: of a copy, or of its name if it cannot be copied."""
        if not hasattr(target, "localize"):
            return digest("opaque", _uri(target).encode())
        uri = _uri(target)
        if uri not in self._fetches:  # once in a run: it may be far away
            with target.localize("r") as copy:
                path = Path(copy.abspath)
                self._fetches[uri] = self._memo.digests([path])[path]
        return self._fetches[uri]

    def locations(self) -> Collection[str]:
        """Where they lie, as far as they are files and directories of this machine."""
        targets = [target for _, target in leaves(self._task.output())]
        return [os.path.abspath(_uri(target)) for target in targets if isinstance(target, luigi.LocalTarget)]

    def missing(self) -> str:
        """Where the first one that does not exist should be."""
        targets = [target for _, target in leaves(self._task.output())]
        return next((_uri(target) for target in targets if not target.exists()), "its output")


def _uri(target: Any) -> str:
    return str(getattr(target, "abspath", None) or getattr(target, "path", None) or target)
