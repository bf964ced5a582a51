"""Anything: what code may run, or be told, that it does not name: of objects that come from wherever.

Who asks an object for an attribute, or puts it into an operator or a text, gets what its class has for that, and of
many objects nobody can tell the class: parameters, branch data, other tasks. So whatever a class of the project has
under that name counts.
"""

import dataclasses
import dis
import enum
import functools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import PurePath
from types import BuiltinFunctionType, CodeType
from typing import Any, Final

import luigi

from lawnix.core.canonical import canonical
from lawnix.errors import NoCanonicalFormError
from lawnix.task.code.files import nested
from lawnix.task.code.graph import Graph
from lawnix.task.code.machinery import is_made_up
from lawnix.task.code.methods import Reached
from lawnix.task.code.parts import Lead, Part, target
from lawnix.task.code.project import (
    Project,
    family_of,
    is_function,
    is_parameter,
    is_task_class,
    is_tool,
    unveiled,
)

_ALWAYS: Final = ""  # the place of what needs no word to run
_PLAIN: Final = (str, bytes, int, float, complex, tuple, list, dict, set, frozenset, PurePath, Mapping, Set)
_MAKING: Final = frozenset(
    [
        "__call__",
        "__init__",
        "__new__",
        "as_branch",
        "get_param_values",
        "get_params",
        "modify_param_args",
        "modify_param_values",
        "req",
        "req_params",
    ]
)
_OF_BRANCHES: Final = frozenset({"branch_map", "branch_data"})
_FORMATS: Final = frozenset({"format", "format_map", "vformat"})
_FIELD: Final = re.compile(rb"\{[^{}:!]*[.\[]")  # of a format, which takes an attribute or item


class Running:
    """What the classes of a project have for attributes, by their names.

    Attributes:
        values: These, and under the empty name what runs without being named.
        tasks: The task classes of the project, by all that they are called.
    """

    def __init__(self, project: Project) -> None:
        """Look at all classes that there are now."""
        self.values: dict[str, list[Any]] = {}
        self.tasks: dict[str, list[Any]] = {}
        cls: Any
        for cls in _classes_of(project):
            for word, value in vars(cls).items():
                if not word.startswith("__"):
                    self.values.setdefault(word, []).append(unveiled(value))
                elif _runs_unnamed(cls, word, value):
                    self.values.setdefault(_ALWAYS, []).append(unveiled(value))
            if isinstance(cls, enum.EnumMeta):
                self.values.setdefault(_ALWAYS, []).append(cls._member_map_)
            if is_task_class(cls):
                for name in {family_of(cls), cls.__name__, cls.__qualname__}:
                    self.tasks.setdefault(name, []).append(cls)

    def has_for(self, words: frozenset[str], earlier: "Running") -> bool:
        """Whether there is the same for these words as there was, and the same task classes."""
        return self is earlier or (
            self.tasks == earlier.tasks
            and all(
                len(now := self.values.get(word, ())) == len(then := earlier.values.get(word, ()))
                and all(one is other for one, other in zip(now, then, strict=True))
                for word in (*words, _ALWAYS)
            )
        )


class CodeOfProjects:
    """What the classes of projects may run; looked at once, and so good for as long as nobody changes a class."""

    def __init__(self) -> None:
        self._found: dict[Project, Running] = {}

    def of(self, project: Project) -> Running:
        """That of one project."""
        if project not in self._found:
            self._found[project] = Running(project)
        return self._found[project]


def _classes_of(project: Project) -> list[Any]:
    """The classes of modules of the project, and all task classes, wherever they stand."""
    found: dict[type, None] = {}
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", None)
        if isinstance(name, str) and project.owns(name, getattr(module, "__file__", None)):
            found.update(dict.fromkeys(each for each in vars(module).values() if isinstance(each, type)))
    todo: list[type] = [luigi.Task]
    seen: set[type] = set()
    while todo:
        subclasses: list[type] = type.__subclasses__(todo.pop())
        for cls in subclasses:
            if cls not in seen:
                seen.add(cls)
                todo.append(cls)
    found.update(dict.fromkeys(seen))
    own: list[Any] = [cls for cls in found if project.owns_class(cls)]
    return sorted(own, key=lambda cls: (cls.__module__, cls.__qualname__))


def _runs_unnamed(cls: type, word: str, value: object) -> bool:
    """Whether an operator, a loop or a format may run this of an object that comes from outside."""
    if is_task_class(cls):
        return is_function(unveiled(value)) and word not in _MAKING
    is_data = dataclasses.is_dataclass(cls)
    return (
        (is_data or issubclass(cls, _PLAIN) or isinstance(cls, enum.EnumMeta))
        and is_function(unveiled(value))
        and not is_made_up(cls, word, value, is_data=is_data)
    )


def words_in(graph: Graph) -> set[str]:
    """All attributes that anything is asked for."""
    return {word for part in graph.parts.values() if part.names for word in part.names.attributes}


def may_run(graph: Graph, project: Project, running: Running) -> list[Lead]:
    """Take in all of the project that may be asked of whatever object; leads to it."""
    leads: list[Lead] = []
    seen: set[str] = set()
    while fresh := sorted(((words_in(graph) | {_ALWAYS}) & running.values.keys()) - seen):
        seen.update(fresh)
        for word in fresh:
            leads += [_lead(word, value, project) for value in running.values[word]]
        for lead in leads:
            graph.add(lead.target)
    return leads


def _lead(word: str, value: object, project: Project) -> Lead:
    if is_parameter(value):
        return Lead(f"any {word}", Part("value", "", form_of_parameter(value)[0].encode()))
    return Lead(f"any {word}", target(value, "", project))


# ------------------------------------------------------------------------------- tasks that are made


def made_in(graph: Graph, project: Project, running: Running) -> tuple[list[str], list[str]]:
    """How tasks of the classes that are reached are made, and why that may change by itself."""
    forms: list[str] = []
    doubts: list[str] = []
    for name in sorted(_reached_tasks(graph)):
        for cls in running.tasks.get(name, ()):
            for form, doubt in how_made(cls):
                forms.append(f"{name} {form}")
                doubts += [f"makes a {name}: {doubt}"] if doubt else []
    return forms, doubts


def how_made(cls: Any) -> Iterator[tuple[str, str]]:
    """How tasks of a class are made of what is given, piece by piece, and why a piece may change by itself."""
    for meta in type(cls).__mro__:
        if not is_tool(meta) and meta not in (type, object) and meta.__module__ != "abc":
            yield "metaclass", f"{meta.__qualname__} makes it"
    for base in cls.__mro__:
        if not is_tool(base) and base is not object:
            for word in sorted(vars(base)):
                if word in _MAKING:
                    yield word, f"{base.__qualname__} has a {word} of its own"
                elif word.startswith(("exclude_params", "prefer_params")):
                    form = form_of(vars(base)[word])
                    yield (
                        f"{base.__qualname__}.{word} {form}",
                        "" if form else f"{word} cannot be written down",
                    )
    for name, parameter in cls.get_params():
        form, doubt = form_of_parameter(parameter)
        yield f"{name} {form}", f"{name} {doubt}" if doubt else ""


def form_of_parameter(parameter: Any) -> tuple[str, str]:
    """What a parameter is, and why that may not be all."""
    doubt = "" if is_tool(type(parameter)) else f"is a {type(parameter).__name__}"
    said: dict[str, str] = {}
    for name, value in sorted(vars(parameter).items()):
        if name in ("_counter", "description"):
            continue
        if is_parameter(value):
            said[name], inner = form_of_parameter(value)
            doubt = doubt or inner
            continue
        form = form_of(value)
        is_known = isinstance(value, type | BuiltinFunctionType) or is_tool(
            type(value)
        )  # luigi's own `no_value`
        if form is None and not is_known:
            doubt = doubt or f"has a {name} that cannot be written down"
        said[name] = form or repr(value)
    return f"{type(parameter).__qualname__} {said}", doubt


def form_of(value: object) -> str | None:
    """A value as text, or None if it has no canonical form."""
    try:
        return canonical(value).decode("utf-8", "replace")
    except NoCanonicalFormError:
        return None


def _reached_tasks(graph: Graph) -> set[str]:
    """What the task classes are called that code speaks of."""
    found: set[str] = set()
    for (kind, place), part in graph.parts.items():
        if part.form.startswith(b"task "):
            found.add(part.form[len(b"task ") :].decode())
        if kind == "written" and isinstance(place, tuple):
            found.add(str(place[1]).partition(".")[0])
        if part.names is not None and part.module is not None:
            for chain in part.names.free:
                value = part.module.get(chain[0])
                rest = list(chain[1:])
                while rest and type(value) is type(sys):
                    value = vars(value).get(rest.pop(0))
                if isinstance(value, type) and is_task_class(value):
                    found.add(family_of(value))
    return found


# ------------------------------------------------------------------------------- what names do not say


def doubts_of_code(graph: Graph, reached: Reached, project: Project) -> Iterator[str]:
    """What the code does that no name of an attribute tells of."""
    is_formatting = bool(words_in(graph) & _FORMATS)
    for thing in graph.things():
        if is_function(thing) and project.owns_function(thing):
            yield from _of_code(thing.__code__, is_method=id(thing) in reached.methods)
            texts = (
                each for code in nested(thing.__code__) for each in code.co_consts if isinstance(each, str)
            )
            if is_formatting and any(map(_takes_attributes, texts)):
                yield f"has a format that takes attributes, in {thing.__qualname__}"
    if is_formatting and any(
        part.kind == "value" and _FIELD.search(part.form) for part in graph.parts.values()
    ):
        yield "has a format that takes attributes"


@functools.lru_cache(maxsize=10_000)
def _takes_attributes(text: str) -> bool:
    return _FIELD.search(text.encode("utf-8", "replace")) is not None


@functools.lru_cache(maxsize=10_000)
def _of_code(function: CodeType, *, is_method: bool) -> Sequence[str]:
    doubts: list[str] = []
    for code in nested(function):
        before = None
        for step in dis.get_instructions(code):
            if step.opname == "MATCH_CLASS":
                doubts.append(f"takes attributes by a pattern, in {code.co_qualname}")
            if step.argval in _OF_BRANCHES and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                name: Any = before.argval if before is not None else None
                name = name[-1] if isinstance(name, tuple) and name else name
                if not (is_method and name == "self"):
                    doubts.append(f"asks another task for its {step.argval}, in {code.co_qualname}")
            if step.opname not in ("CACHE", "EXTENDED_ARG"):
                before = step
    return doubts
