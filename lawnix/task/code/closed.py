"""Closed methods: what they return follows from their code and from the parameters of the task, from nothing else.

`requires()` and `output()` mostly are: they put parameters into names. What they returned once they return again, in
any later process, so that they need not be asked. Those that look elsewhere (at files, the clock, the environment, a
global that changes) have to be asked each time. It is read off their code; what cannot be told counts as elsewhere.
"""

import builtins
import datetime
import functools
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import law
import luigi

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.task.code.anything import CodeOfProjects, Running, doubts_of_code, made_in, may_run, words_in
from lawnix.task.code.code import reached_of
from lawnix.task.code.methods import NOT_OF_THE_BUILDER, Reached
from lawnix.task.code.objects import QUIET
from lawnix.task.code.parts import Part, foreign_name, is_foreign
from lawnix.task.code.project import Project, is_parameter, is_tool, project_of, unwrapped
from lawnix.task.code.resolve import static_attribute
from lawnix.task.derived import DerivedTask

# ------------------------------------------------------------------------ what such a method may speak of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUILTINS: Final = _words(
    "abs all any ascii bin bool bytes chr complex dict divmod enumerate filter float format frozenset hex int "
    "isinstance issubclass iter len list map max min next object oct ord pow property range repr reversed round set "
    "slice sorted staticmethod str sum super tuple type zip NotImplemented Ellipsis __name__ __debug__"
) | {
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
}
_MODULES: Final = _words(
    "bisect collections copy dataclasses decimal enum fnmatch fractions functools heapq itertools math operator re "
    "string textwrap types typing typing_extensions"
)
_NAMES: Final = _words(
    "os.path.join os.path.basename os.path.dirname os.path.splitext os.path.normpath os.path.split os.sep "
    "posixpath.join posixpath.basename posixpath.dirname posixpath.splitext posixpath.normpath posixpath.split "
    "json.dumps json.loads datetime.date datetime.datetime datetime.time datetime.timedelta "
    "law.NO_STR law.NO_INT law.NO_FLOAT luigi.Task law.Task lawnix.only lawnix.Task lawnix.WrapperTask "
    "lawnix.ExternalTask lawnix.LocalWorkflow lawnix.Fetch"
)
_BY_TEXT: Final = _words(
    "operator.attrgetter operator.methodcaller string.Formatter"
)  # attributes named by text
_OF_OBJECTS: Final = _words(
    "__init__ __new__ __post_init__ __init_subclass__ __getitem__ __contains__ __iter__ __next__ __len__ __str__ "
    "__repr__ __format__ __eq__ __hash__ __call__ __doc__ __missing__"
)
_VALUES: Final = _words(  # where the types of values come from that hold nothing but what can be seen
    "builtins collections types datetime decimal fractions enum re string operator functools luigi law"
)
_OF_PLAIN_VALUES: Final = frozenset(
    word
    for kind in (str, bytes, list, tuple, dict, set, frozenset, int, float, bool, complex, slice, range)
    for word in dir(kind)
    if not word.startswith("__")
)
_OF_DATES: Final = _words(
    "year month day hour minute second microsecond days seconds microseconds isoformat weekday isoweekday "
    "isocalendar toordinal total_seconds"
)
_OF_TASKS: Final = _words(
    "req req_different_branching target branch branch_data branch_map is_branch is_workflow task_family "
    "get_task_family"
)
_HARMLESS: Final = (
    _OF_PLAIN_VALUES | _OF_DATES | _OF_TASKS | _words("name value __class__ __name__ __qualname__")
)
_QUIET: Final = frozenset(foreign_name(kind).encode() for kind in QUIET if kind is not object)


class Closed(NamedTuple):
    """What some methods of a class are.

    Attributes:
        digest: Of their code, with all that it reaches.
        doubts: Why what they return may be another although this is the same; empty if it cannot be.
    """

    digest: Digest
    doubts: tuple[str, ...]


class _Known(NamedTuple):
    """What was found out about a class, and what it was made from."""

    closed: Closed
    project: Project
    reached: tuple[Reached, ...]
    parts: tuple[Part, ...]  # those that can change
    words: frozenset[str]  # all attributes that are asked for
    running: Running  # what classes of the project had for these

    def holds(self, cls: type, code: CodeOfProjects) -> bool:
        return (
            code.of(self.project).has_for(self.words, self.running)
            and all(each.holds(cls) for each in self.reached)
            and all(part.holds() for part in self.parts)
        )


_known: Final[dict[tuple[object, ...], _Known]] = {}


def closed_methods(
    cls: type, names: Sequence[str], *, track: Sequence[str] = (), code: CodeOfProjects | None = None
) -> Closed:
    """What the methods `names` of a task class are, and whether they are closed; `track` as of `code_of`.

    Who asks for many classes hands on one `code` for all.
    """
    place = (cls, tuple(names), tuple(track))
    code = code or CodeOfProjects()
    known = _known.get(place)
    if known is None or not known.holds(cls, code):
        known = _known[place] = _find_out(cls, names, project_of(cls, track), code)
    return known.closed


def _find_out(cls: type, names: Sequence[str], project: Project, code: CodeOfProjects) -> _Known:
    forms: list[str] = [*project.roots]  # a path into the project is another one elsewhere
    doubts: set[str] = set()
    found: list[Reached] = []
    parts: dict[int, Part] = {}
    words: set[str] = set()
    running = code.of(project)
    for name in names:
        owner, value = static_attribute(cls, name)
        if owner is None:
            continue
        if not project.owns_class(owner):
            forms.append(f"{name} {foreign_name(unwrapped(value))}")
            if not is_tool(owner) or owner.__module__.startswith("law.contrib"):
                doubts.add(f"{name}() is that of {foreign_name(owner)}")
            continue
        graph, reached = reached_of(cls, name, project)
        further = may_run(graph, project, running)
        forms += sorted(f"{lead.label} {graph.digest_of(lead.target)}" for lead in (*reached.leads, *further))
        found.append(reached)
        parts |= {id(part): part for part in graph.parts.values()}
        made, not_told = made_in(graph, project, running)
        forms += made
        words |= words_in(graph)
        inside = [doubt for part in graph.parts.values() for doubt in _of_part(part)]
        inside += [*not_told, *doubts_of_code(graph, reached, project)]
        doubts.update(f"{name}() {doubt}" for doubt in (*_of_task(cls, reached, project), *inside))
    return _Known(
        Closed(digest("closed", canonical(forms)), tuple(sorted(doubts))),
        project,
        tuple(found),
        tuple(part for part in parts.values() if part.can_change),
        frozenset(words),
        running,
    )


def _of_task(cls: type, reached: Reached, project: Project) -> Iterator[str]:
    """What is read of the task that may change by itself."""
    for name in sorted(reached.reads):
        owner, value = static_attribute(cls, name)
        if name in _OF_TASKS or (owner is not None and is_parameter(value)):
            continue
        if owner is None or name in NOT_OF_THE_BUILDER or not project.owns_class(owner):
            yield f"reads self.{name}"


def _of_part(part: Part) -> Iterator[str]:
    """What a part is, or speaks of, that may change by itself."""
    shown = part.name or part.form.decode(errors="replace")
    if part.names is not None:
        if part.names.opaque_self or part.names.opaque_module:
            yield f"looks at its names in a way that cannot be followed, in {shown}"
        if part.names.keeps:
            yield f"may remember something between calls, in {shown}"
        for word in sorted(filter(_may_tell, part.names.attributes)):
            yield f"speaks of .{word}, in {shown}"
    if (
        part.form.decode(errors="replace") in _BY_TEXT
        or part.kind in ("unknown", "missing", "untracked", "tracked")
        or part.form in _QUIET
    ):
        yield f"speaks of {shown}"
    elif is_foreign(part) or any(lead.label == "self" for lead in part.leads):
        name = part.form.decode(errors="replace")
        if not _is_closed_name(name):
            yield f"speaks of {name}"
    elif part.form.startswith((b"hook ", b"pickle ", b"compiled ")) or (
        part.library and part.library not in _VALUES
    ):
        yield f"speaks of {shown}"


def _is_closed_name(name: str) -> bool:
    top, _, rest = name.partition(".")
    if top == "builtins":
        first, _, method = rest.partition(".")
        return first in _BUILTINS and (not method or method in _OF_PLAIN_VALUES)
    return (top in _MODULES and name not in _BY_TEXT) or name in _NAMES


def _may_tell(word: str) -> bool:
    is_pythons = word.startswith("__") and word.endswith("__") and word not in _OF_OBJECTS
    return word not in _HARMLESS and (is_pythons or word in _foreign_words())


@functools.cache
def _foreign_words() -> frozenset[str]:
    """Attributes of what libraries may give such a method, which may tell of files, the clock or the store."""
    tasks = (luigi.Task, law.Task, law.LocalWorkflow, DerivedTask)
    others = (
        law.LocalFileTarget,
        law.LocalDirectoryTarget,
        law.SiblingFileCollection,
        Path,
        datetime.datetime,
    )
    return frozenset(itertools.chain.from_iterable(map(dir, (*tasks, *others))))
