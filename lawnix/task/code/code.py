"""What the code of a task is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import UnknownGlobalError
from lawnix.task.code.graph import Graph, versions_in
from lawnix.task.code.kept import kept
from lawnix.task.code.memo import Memo
from lawnix.task.code.methods import Reached, reach
from lawnix.task.code.parts import Lead, Origin, Part, is_foreign, source, target
from lawnix.task.code.project import Project, family_of, file_of, is_parameter, project_of
from lawnix.task.code.reads import Tracked
from lawnix.task.code.resolve import static_attribute


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that was digested.

    Attributes:
        name: As people call it: `tasks.selection.select_muons` or `Squares.run`.
        kind: function, method, class, value, builtin, distribution, missing, unknown, untracked, tracked, version or
            source.
        digest: Of it alone, without the components that it leads to: the one that changed is the one that differs.
        file: Where it stands; in no digest.
        line: In which line.
        words: Tells how it is written.
    """

    name: str
    kind: str
    digest: Digest
    file: str | None = None
    line: int | None = None
    words: Callable[[], str] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    """What the builder's code of a task class is.

    Attributes:
        digest: Of all of it.
        components: What it consists of, sorted by name.
        reads: Attributes of the task that `run()` and what it reaches read; with "*" if some cannot be known.
        warnings: What a person should know, such as that a global is digested by the name of its type.
        tracked: The views that it reaches, whose content counts as far as it is read.
    """

    digest: Digest
    components: tuple[Component, ...]
    reads: frozenset[str]
    warnings: tuple[str, ...]
    tracked: Tracked = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Known:
    """The code of a class, and what it was made from."""

    code: Code
    reached: Reached
    parts: tuple[Part, ...]  # those that can change
    said: tuple[object, ...]

    def holds(self, cls: type) -> bool:
        return (
            self.said == _said_by(cls)
            and self.reached.holds(cls)
            and all(part.holds() for part in self.parts)
        )


METHOD: Final = 1  # of digesting code; another number rebuilds the world, so it has an entry in CHANGELOG.md
_LIMIT: Final = 10_000
_memo: Final = (
    Memo()
)  # for the process: looking into a thing again costs more than asking whether it is as it was
_codes: Final[dict[tuple[object, ...], _Known]] = {}


def code_of(
    cls: type,
    *,
    track: Sequence[str] = (),
    root: str = "run",
    unknown: str = "name",
    libraries: str = "version",
) -> Code:
    """What the builder's code of `cls` is: all that its `run()` reaches by name within the project.

    The project is the top-level package of the class (for a module in no package: what lies in its folder) and the
    packages `track`. A plain class attribute `version` replaces the code, unless a class derived from it gives another
    `run`; `sources` adds functions and files; `track_code = False` leaves the code out.

    Args:
        cls: A task class.
        track: Further packages.
        root: The method that builds.
        unknown: What to do about a value that no rule knows: "name" (it counts by its type, and a warning says so),
            "pickle" (by its pickle, if it has one) or "error".
        libraries: What of an installed package that is reached counts beside its name: its "version", or nothing more
            than the "name".

    Raises:
        NoSourceError: The class has no such method.
        UnknownGlobalError: `unknown` is "error", and there is one.
    """
    place = (cls, tuple(track), root, unknown, libraries)
    known = _codes.get(place)
    if known is None or not known.holds(cls):
        if len(_codes) >= _LIMIT:
            _codes.clear()
        known = _codes[place] = _find_out(cls, track, root, unknown, with_versions=libraries == "version")
    return known.code


def code_of_function(function: Callable[..., object], *, track: Sequence[str] = ()) -> Digest:
    """What the code of one function is, with all that it reaches by name within its project."""
    project = project_of(function, track)
    place = getattr(function, "__qualname__", "function")
    return digest(
        "code", canonical([METHOD, Graph(project, _memo, {}).digest_of(target(function, place, project))])
    )


def ends_of(
    cls: type, *, track: Sequence[str] = (), root: str = "run", unknown: str = "name"
) -> tuple[Graph, list[Part]]:
    """What the code of `cls` begins with, and all that this leads to; arguments as of `code_of`."""
    project = replace(project_of(cls, track), pickles=unknown == "pickle")
    sources = _sources(cls, project)
    graph, reached = reached_of(cls, root, project, sources)
    leads = sources if _is_replaced(cls, root) else [*reached.leads, *sources]
    return graph, [graph.add(graph.end(lead)) for lead in leads]


def _find_out(cls: type, track: Sequence[str], root: str, unknown: str, *, with_versions: bool) -> _Known:
    said = _said_by(cls)
    project = replace(project_of(cls, track), pickles=unknown == "pickle")
    sources = _sources(cls, project)
    graph, reached = reached_of(cls, root, project, sources)
    if unknown == "error":
        for part in graph.parts.values():
            if part.kind == "unknown":
                raise UnknownGlobalError(cls.__qualname__, part.name, part.warning or "")
    version = _version(cls, root)
    leads = [*reached.leads, *sources]
    tracked = Tracked(graph, leads, project, with_versions=with_versions)
    versions = versions_in(graph) if with_versions else {}
    components = _components(graph, reached.methods, versions)
    warnings = {part.warning for part in graph.parts.values() if part.warning} | set(reached.warnings)
    replaced: tuple[object, ...] = ()
    if _is_replaced(cls, root):
        # the family keeps apart classes that say no more of themselves than this
        replaced = ("untracked" if version is None else "version", version, family_of(cls))
        leads, warnings, versions = sources, set(), {}
        form = canonical(replaced)
        only = Graph(project, _memo, {})
        for lead in sources:
            only.add(lead.target)
        name = f"{cls.__qualname__}.{'track_code' if version is None else 'version'}"
        components = {
            Component(name, str(replaced[0]), digest("code component", form)),
            *_components(only, set(), {}),
        }
    ends = sorted(f"{lead.label} {graph.digest_of(lead.target)}" for lead in leads)
    further: list[object] = [tracked.sharing] if tracked.views else []
    further += [sorted(versions.values())] if versions else []
    code = Code(
        digest("code", canonical([METHOD, list(replaced), ends, *further])),
        _unique(components),
        frozenset(reached.reads),
        tuple(sorted(warnings)),
        tracked,
    )
    return _Known(code, reached, tuple(part for part in graph.parts.values() if part.can_change), said)


def reached_of(cls: type, root: str, project: Project, sources: Sequence[Lead] = ()) -> tuple[Graph, Reached]:
    """What the method `root` of `cls` reaches: of the class, and the graph of all of it, which has `sources` too."""
    remembered: Mapping[tuple[int, str], Origin] = {}
    while True:
        graph = Graph(project, _memo, remembered)
        reached = reach(cls, root, graph, project)
        for lead in sources:
            graph.add(lead.target)
        memories = graph.memories()
        if memories.keys() <= remembered.keys():
            kept.flush()
            return graph, reached
        remembered = {**remembered, **memories}


# ----------------------------------------------------------------------------- what a class says itself


def _said_by(cls: type) -> tuple[object, ...]:
    values = [static_attribute(cls, name)[1] for name in ("version", "track_code", "sources")]
    return tuple(list(value) if isinstance(value, list) else value for value in values)


def _is_replaced(cls: type, root: str) -> bool:
    """Whether the class says that its code is not looked at."""
    return _version(cls, root) is not None or static_attribute(cls, "track_code")[1] is False


def _version(cls: type, root: str) -> int | str | None:
    """The version that stands for the code, unless `root` was written anew since."""
    owner, value = static_attribute(cls, "version")
    giver, _ = static_attribute(cls, root)
    if owner is None or giver is None or isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return value if cls.__mro__.index(owner) <= cls.__mro__.index(giver) else None


def _sources(cls: type, project: Project) -> list[Lead]:
    """What the class adds by hand: files as seen from its own, functions, other values."""
    owner, value = static_attribute(cls, "sources")
    if owner is None or not isinstance(value, list | tuple) or is_parameter(value):
        return []
    file = file_of(owner)
    folder = Path(file).parent if file is not None and Path(file).exists() else Path()
    return [
        Lead(f"source {each}", source(folder / each, str(each)))
        if isinstance(each, str | Path)
        else Lead("source", target(each, f"{cls.__qualname__}.sources", project))
        for each in value
    ]


# ------------------------------------------------------------------------------------------ components


def _components(graph: Graph, methods: set[int], versions: Mapping[str, str]) -> set[Component]:
    components = {
        Component(shown, "distribution", digest("code component", shown.encode()))
        for shown in versions.values()
    }
    for (_, place), part in graph.parts.items():
        if part.name:
            name, kind = part.name, part.kind
            if place in methods and part.module is not None:
                name, kind = name.removeprefix(f"{part.module.get('__name__', '?')}."), "method"
            if kind == "distribution" and name in versions:
                continue
            components.add(Component(name, kind, _alone(graph, part), part.file, part.line, part.words))
    return components


def _alone(graph: Graph, part: Part) -> Digest:
    """The digest of a part without other components, but with what has no name and what is known by name."""
    if is_foreign(part) and part.name:
        return digest("code component", part.name.encode())
    return digest("code component", f"{part.kind} ".encode() + b"".join(_own_forms(graph, part, set())))


def _own_forms(graph: Graph, part: Part, seen: set[int]) -> Iterator[bytes]:
    todo: list[tuple[str, Part]] = [("", part)]
    while todo:
        label, each = todo.pop()
        yield b"%d:%b%d:%b" % (len(label), label.encode(), len(each.form), each.form)
        if id(each) in seen:
            continue
        seen.add(id(each))
        for lead in each.leads:
            end = graph.add(graph.end(lead))
            if not end.name or is_foreign(end):
                todo.append((f"{label}/{lead.label}", end))


def _unique(components: set[Component]) -> tuple[Component, ...]:
    """Sorted by name, with a number after names that several have, as two lambdas of a module."""
    found: dict[str, Component] = {}
    for each in sorted(components, key=lambda each: (each.name, each.kind, each.digest, each.line or 0)):
        name, number = each.name, 1
        while name in found:
            number += 1
            name = f"{each.name} ({number})"
        found[name] = replace(each, name=name)
    return tuple(found[name] for name in sorted(found))
