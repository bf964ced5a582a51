"""The code of a task as people look at it: a tree of what `run()` reaches, and what is left out."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from lawnix.task.code.code import Code, code_of, ends_of
from lawnix.task.code.graph import Graph, versions_in
from lawnix.task.code.parts import Part, is_foreign

_BY_NAME = {
    "missing": "is not there",
    "tracked": "counts as far as it is read",
    "unknown": "known by its type",
    "untracked": "left out by the author",
}


@dataclass(slots=True)
class Reach:
    """Something that is reached, and what it reaches.

    Attributes:
        name: As people call it.
        kind: As in `Component`; with the reason if it does not count as it is.
        file: Where it stands.
        line: In which line.
        below: What it reaches; nothing if that was told before.
        is_told: Whether it was told before.
    """

    name: str
    kind: str
    file: str | None
    line: int | None
    below: "list[Reach]" = field(default_factory=list)
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class CodeTree:
    """The code of a task class.

    Attributes:
        code: Its digest, components and warnings.
        reached: What `run()` reaches, beginning with itself.
        libraries: Packages whose code is used and does not count, with those versions that do.
    """

    code: Code
    reached: Sequence[Reach]
    libraries: Sequence[str]


def code_tree_of(
    cls: type, *, track: Sequence[str] = (), unknown: str = "name", libraries: str = "version"
) -> CodeTree:
    """What the builder's code of `cls` consists of; arguments as of `code_of`."""
    code = code_of(cls, track=track, unknown=unknown, libraries=libraries)
    graph, ends = ends_of(cls, track=track, unknown=unknown)
    told: set[int] = set()
    roots: list[Reach] = []
    stack = [(roots, part) for part in reversed(ends)]
    while stack:
        into, part = stack.pop()
        if is_foreign(part):
            continue
        below = into
        if part.name:
            shown = Reach(part.name, _BY_NAME.get(part.kind, part.kind), part.file, part.line)
            shown.is_told = id(part) in told and bool(_parts_below(graph, part))
            if not any((each.name, each.kind) == (shown.name, shown.kind) for each in into):
                into.append(shown)
            below = shown.below
        if id(part) not in told:
            told.add(id(part))
            stack.extend((below, each) for each in reversed(_parts_below(graph, part)))
    used = (
        {part.library for part in graph.parts.values() if part.library}
        - sys.stdlib_module_names
        - {"builtins"}
    )
    versions = versions_in(graph) if libraries == "version" else {}
    return CodeTree(code, roots, sorted({versions.get(each, each) for each in used}))


def _parts_below(graph: Graph, part: Part) -> list[Part]:
    below = {id(end): end for lead in part.leads if not is_foreign(end := graph.add(graph.end(lead)))}
    return list(below.values())
