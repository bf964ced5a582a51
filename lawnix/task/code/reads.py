"""Reads: what a build was told by tracked views, and whether they would tell the same now."""

from __future__ import annotations  # values of the core are loaded by who makes some

from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import UnnamedViewError
from lawnix.task.code.graph import Graph, versions_in
from lawnix.task.code.memo import Memo
from lawnix.task.code.parts import Lead, Part, target
from lawnix.task.code.project import Project
from lawnix.task.code.views import (
    Answer,
    Failure,
    Log,
    Note,
    View,
    answer,
    bounded,
    path_as_text,
    path_for_people,
    path_of,
    shown,
    view_at,
    view_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lawnix.core.realization import Read


class Tracked:
    """The views that the code of a task class reaches.

    Attributes:
        views: By what the code calls them.
        kept: Those whose answers may be remembered from before a build, as by a cached function.
        sharing: Which of the places that lead to a view lead to the same one; part of the code.
    """

    def __init__(
        self, graph: Graph, leads: Sequence[Lead], project: Project, *, with_versions: bool = True
    ) -> None:
        """Those that `leads` lead to; `graph` has all of it.

        The version of an installed package that an answer is of counts, unless `with_versions` says otherwise.
        """
        self._with_versions = with_versions
        self.views: dict[str, View] = {}
        self.kept: set[str] = set()
        self.sharing: list[int] = []
        self._project = replace(project, by_state=True, pickles=True)
        self._changed: dict[int, tuple[object, Sequence[str]]] = {}
        if any(part.view is not None for part in graph.parts.values()):
            for label, part, is_kept in _walk(graph, leads):
                if part.view is not None:
                    self._enter(label, part.view, is_kept=is_kept)

    def _enter(self, label: str, view: View, *, is_kept: bool) -> None:
        known = list(self.views.values())
        if view not in known:
            word = view.name or label.rpartition(" ")[2]
            name, number = word, 1
            while name in self.views:
                number += 1
                name = f"{word} ({number})"
            self.views[name] = view
            known.append(view)
        self.sharing.append(known.index(view))
        if is_kept:
            self.kept.update(name for name, each in self.views.items() if each is view)

    def reads(self, log: Log, title: Callable[[], str], state: Mapping[str, Any]) -> tuple[Read, ...]:
        """What a build asked, with the answers.

        Args:
            log: What was asked while it went on.
            title: What people call it.
            state: The attributes of the task.

        Raises:
            UnnamedViewError: It asked a view that nobody can find again.
        """
        asked = {id(view): (view, dict(answers)) for view, answers in log.asked()}
        for kept in self.kept:  # what it did not ask may have been answered before
            view = self.views[kept]
            answers = asked.setdefault(id(view), (view, {}))[1]
            answers.update({note: self.look(view, note) for note in view.asked - answers.keys()})
        if not asked:
            return ()
        from lawnix.core.realization import Read

        names = {id(view): name for name, view in [*_views_in(state), *self.views.items()]}
        found = []
        for view, answers in asked.values():
            if (name := names.get(id(view)) or view.home()) is None:
                raise UnnamedViewError(title())
            for note in bounded(answers):
                seen, text = answers.get(note) or self.look(view, note)
                found.append(Read(name, path_as_text(note[0]), note[1], seen, text))
        return tuple(sorted(found, key=Read.form))

    def look(self, view: View, note: Note) -> Answer:
        """What is answered to a question now."""
        value = answer(view.thing, note)
        return self._digest(value), f"({value})" if note[1] == "kind" else shown(value)

    def changed(self, reads: Sequence[Read], state: Mapping[str, Any]) -> Sequence[str]:
        """What of `reads` would be answered otherwise now, in words."""
        own = dict(_views_in(state))
        if own:
            return self._compared(reads, own)
        known = self._changed.get(id(reads))
        if known is None:
            known = self._changed[id(reads)] = (reads, self._compared(reads, own))
        return known[1]

    def _compared(self, reads: Sequence[Read], own: Mapping[str, View]) -> Sequence[str]:
        statements: dict[str, None] = {}
        for read in reads:
            path = path_of(read.path)
            place = path_for_people(read.view, path)
            view = own.get(read.view) or self.views.get(read.view) or view_at(read.view)
            if view is None:
                statements[f"configuration `{read.view}` is not there any more"] = None
                continue
            seen, now = self.look(view, (path, read.question))
            if seen != read.digest:
                how = "changed" if now == read.shown else f"{read.shown} → {now}"
                statements[f"configuration `{place}` {how}"] = None
        return tuple(statements)

    def _digest(self, value: Any) -> Digest:
        if isinstance(value, Failure):
            return digest("read failure", value.kind.encode())
        if type(value) is ModuleType:
            content = vars(value).items()
            value = {k: v for k, v in content if not k.startswith("__") and type(v) is not ModuleType}
        graph = Graph(self._project, Memo(), {})
        form = graph.digest_of(target(value, "", self._project)).encode()
        versions = versions_in(graph) if self._with_versions else {}
        return digest("read", form + (canonical(sorted(versions.values())) if versions else b""))


def _views_in(state: Mapping[str, Any]) -> Iterator[tuple[str, View]]:
    """The views among the attributes of a task."""
    for name, value in state.items():
        if (view := view_of(value)) is not None:
            yield f"self.{name}", view


def _walk(graph: Graph, leads: Sequence[Lead]) -> Iterator[tuple[str, Part, bool]]:
    """All places that `leads` lead to, each by its label, and whether something on the way there may be a cache."""
    todo = [
        (lead.label, lead.target, False) for lead in sorted(leads, key=lambda lead: lead.label, reverse=True)
    ]
    seen: set[tuple[int, bool]] = set()
    while todo:
        label, end, is_kept = todo.pop()
        part = graph.add(end)
        yield label, part, is_kept
        is_kept = is_kept or part.keeps
        if (id(part), is_kept) not in seen:
            seen.add((id(part), is_kept))
            todo += [(lead.label, graph.end(lead), is_kept) for lead in reversed(part.leads)]
