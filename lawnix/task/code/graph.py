"""The graph of parts: everything that is reached, looked into once, and a Merkle digest for each part of it."""

import sys
from collections.abc import Iterator, Mapping

from lawnix.core.digest import Digest, digest
from lawnix.task.code.distributions import distribution_of
from lawnix.task.code.memo import Memo
from lawnix.task.code.objects import part_of
from lawnix.task.code.parts import Lead, Origin, Part, Target, Thing, Written
from lawnix.task.code.project import TOOLS, Project
from lawnix.task.code.written import written_part

Key = tuple[str, object]


class Graph:
    """All that some targets lead to.

    A global that functions of the graph rebind or change themselves is their memory (`_seen = {}`, filled as they run),
    and known by what the module first assigns to it, as its value depends on what ran before.
    """

    def __init__(self, project: Project, memo: Memo, remembered: Mapping[tuple[int, str], Origin]) -> None:
        """An empty graph, in which the globals `remembered` are known to be such memory."""
        self._project, self._memo = project, memo
        self._remembered = remembered
        self._parts: dict[Key, Part] = {}
        self._things: list[Target] = []  # held, since keys are their places in memory
        self._rings: dict[Key, frozenset[Key]] = {}  # the parts that each settled part is in a ring with
        self._digests: dict[Key, bytes] = {}
        self._known_ends: dict[Key, list[tuple[bytes, Key]]] = {}

    @property
    def parts(self) -> Mapping[Key, Part]:
        """Everything in the graph."""
        return self._parts

    def things(self) -> Iterator[object]:
        """The objects that were looked into."""
        return (each.value for each in self._things if isinstance(each, Thing))

    def add(self, target: Target) -> Part:
        """The part at `target`; all that it leads to is in the graph then."""
        todo = [target]
        while todo:
            each = todo.pop()
            key = _key(each)
            if key not in self._parts:
                part = self._parts[key] = self._look_into(each)
                self._things.append(each)
                todo.extend(self.end(lead) for lead in reversed(part.leads))
        return self._parts[_key(target)]

    def end(self, lead: Lead) -> Target:
        """Where `lead` goes to."""
        origin = lead.origin
        if origin is None or (origin.place, origin.name) not in self._remembered:
            return lead.target
        return Written(str(origin.module.get("__name__", "?")), origin.name)

    def memories(self) -> Mapping[tuple[int, str], Origin]:
        """The globals that functions of the graph change."""
        return {
            (lead.origin.place, lead.origin.name): lead.origin
            for part in self._parts.values()
            if part.names is not None
            for lead in part.leads
            if lead.origin is not None and lead.origin.name in part.names.stored
        }

    def digest_of(self, target: Target) -> Digest:
        """The digest of what `target` is, with all that it leads to."""
        self.add(target)
        key = _key(target)
        if key not in self._rings:
            self._settle(key)
        return digest("code part", self._digest_at(key))

    def _look_into(self, target: Target) -> Part:
        match target:
            case Part():
                return target
            case Written():
                return written_part(target, self._project)
            case Thing():
                return self._memo.part(target, self._project, part_of)

    # ------------------------------------------------------------------------------------- digests

    def _settle(self, root: Key) -> None:
        """Find the rings in all that `root` leads to, and digest what is in none, what others lead to first."""
        for ring in self._found_rings(root):
            if len(ring) > 1 or any(end == ring[0] for _, end in self._ends(ring[0])):
                self._rings.update(dict.fromkeys(ring, frozenset(ring)))
            else:
                self._rings[ring[0]] = frozenset()
                self._digests[ring[0]] = self._digest_of_one(ring[0])

    def _digest_at(self, key: Key) -> bytes:
        if key not in self._digests:
            self._digests[key] = self._digest_of_ring(key, self._rings[key])
        return self._digests[key]

    def _digest_of_one(self, key: Key) -> bytes:
        part = self._parts[key]
        leads = [b"%b>%b" % (_sized(label), self._digest_at(end)) for label, end in self._ends(key)]
        return _merkle(part, leads if part.is_ordered else sorted(leads))

    def _digest_of_ring(self, start: Key, ring: frozenset[Key]) -> bytes:
        """The digest of a part of parts that lead to each other: all of them in the order in which they are met."""
        number = {start: 0}
        met = [start]
        forms: list[bytes] = []
        for key in met:
            leads: list[bytes] = []
            for label, end in self._ends(key):
                if end not in ring:
                    leads.append(b"%b>%b" % (_sized(label), self._digest_at(end)))
                    continue
                if end not in number:
                    number[end] = len(met)
                    met.append(end)
                leads.append(b"%b<%d;" % (_sized(label), number[end]))
            forms.append(_merkle(self._parts[key], leads))
        return digest("code ring", b"".join(forms)).encode()

    def _ends(self, key: Key) -> list[tuple[bytes, Key]]:
        ends = self._known_ends.get(key)
        if ends is None:
            leads = self._parts[key].leads
            ends = self._known_ends[key] = [(lead.label.encode(), _key(self.end(lead))) for lead in leads]
        return ends

    def _found_rings(self, root: Key) -> Iterator[list[Key]]:
        """Parts that lead to each other, or single ones; each after all that it leads to (Tarjan's algorithm)."""
        index: dict[Key, int] = {}
        low: dict[Key, int] = {}
        open_: list[Key] = []
        is_open: set[Key] = set()
        path: list[tuple[Key, Iterator[tuple[bytes, Key]]]] = []

        def enter(key: Key) -> None:
            index[key] = low[key] = len(index)
            open_.append(key)
            is_open.add(key)
            path.append((key, iter(self._ends(key))))

        enter(root)
        while path:
            key, ends = path[-1]
            for _, end in ends:
                if end in self._rings:
                    continue
                if end not in index:
                    enter(end)
                    break
                if end in is_open:
                    low[key] = min(low[key], index[end])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[key])
                if low[key] == index[key]:
                    ring = [open_.pop()]
                    while ring[-1] != key:
                        ring.append(open_.pop())
                    is_open.difference_update(ring)
                    yield ring


def versions_in(graph: Graph) -> dict[str, str]:
    """The installed packages that are reached, by their top-level modules: name and version."""
    tops = {part.library for part in graph.parts.values()} - TOOLS - {""}
    found = {top: distribution_of(top) for top in tops if top not in sys.stdlib_module_names}
    return {top: shown for top, shown in sorted(found.items()) if shown is not None}


def _key(target: Target) -> Key:
    return ("part", id(target)) if isinstance(target, Part) else target.key


def _sized(label: bytes) -> bytes:
    return b"%d:%b" % (len(label), label)


def _merkle(part: Part, leads: list[bytes]) -> bytes:
    return digest(f"code {part.kind}", _sized(part.form) + b"".join(leads)).encode()
