"""Parts: what code consists of, each with what it leads to."""

import functools
import importlib.machinery
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from lawnix.core.digest import digest
from lawnix.task.code.files import stamp_of
from lawnix.task.code.names import Names
from lawnix.task.code.project import Project, is_function, unveiled
from lawnix.task.code.tracked import TrackedFile
from lawnix.task.code.untracked import is_untracked
from lawnix.task.code.values import is_mutable, plain_form
from lawnix.task.code.views import View, path_as_text, view_of


def _always() -> bool:
    return True


@dataclass(eq=False, slots=True)
class Part:
    """One thing that code consists of.

    Attributes:
        kind: As in `Component`.
        name: For people; empty if it only matters as a piece of what leads to it.
        form: What it is, less what it leads to.
        leads: What it leads to.
        is_ordered: Whether the order of `leads` matters.
        holds: Asks the objects that it was made from whether they are still as they were.
        names: What a function of the project speaks of.
        module: The globals of such a function.
        file: Where it stands, for people.
        line: In which line.
        words: Tells how it is written.
        warning: What a person should know about it.
        view: The view that it is, if its content counts as far as it is read.
        keeps: Whether it may remember what it was told, so that it need not ask again.
        library: The top-level module of a library that it is of.
    """

    kind: str
    name: str
    form: bytes
    leads: tuple["Lead", ...] = ()
    is_ordered: bool = True
    holds: Callable[[], bool] = _always
    names: Names | None = None
    module: Mapping[str, Any] | None = None
    file: str | None = None
    line: int | None = None
    words: Callable[[], str] | None = None
    warning: str | None = None
    view: View | None = None
    keeps: bool = False
    library: str = ""

    @property
    def can_change(self) -> bool:
        """Whether `holds` may ever say no."""
        return self.holds is not _always


class Thing(NamedTuple):
    """An object that has not been looked into yet, and what people call it here."""

    value: Any
    name: str

    @property
    def key(self) -> tuple[str, object]:
        """The same for what is the same thing."""
        return ("thing", id(self.value))


class Written(NamedTuple):
    """What a module that a function imports itself says about a name; the module may never have been loaded."""

    module: str
    name: str  # "*" for all of it

    @property
    def key(self) -> tuple[str, object]:
        """The same for what is the same name."""
        return ("written", (self.module, self.name))


Target = Part | Thing | Written


class Lead(NamedTuple):
    """From a part to another.

    Attributes:
        label: Under what the other is reached.
        target: The other.
        origin: The globals and the name there that it was found under.
    """

    label: str
    target: Target
    origin: "Origin | None" = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A name in the globals of a module."""

    module: Mapping[str, Any] = field(hash=False, compare=False)
    place: int
    name: str


_WIDTH: Final = 100  # characters in a line of a value that people read
_FOREIGN: Final = frozenset({"builtin", "distribution"})


def target(value: object, name: str, project: Project) -> Target:
    """`value` as what a lead goes to: a part at once if it is plain data, which is quick."""
    value = unveiled(value)
    if is_untracked(value):
        return Part("untracked", name, b"untracked", holds=lambda: is_untracked(value))
    if isinstance(value, TrackedFile):
        return source(value, value.name)
    view = view_of(value)
    if view is not None:
        if project.by_state:
            return target(object.__getattribute__(value, "_lawnix_thing"), name, project)
        path = path_as_text(object.__getattribute__(value, "_lawnix_path"))
        return Part("tracked", name, f"tracked {view.name} {path}".encode(), view=view)
    form = plain_form(value, project)
    if form is None:
        return Thing(value, name)
    words = functools.partial(_shown, value)
    if is_mutable(value):
        return Part("value", name, form, holds=lambda: plain_form(value, project) == form, words=words)
    return Part("value", name, form, words=words)


def _shown(value: object) -> str:
    """A value as people read it."""
    from pprint import pformat  # a run shows none

    return pformat(value, width=_WIDTH, sort_dicts=False)


@functools.lru_cache(maxsize=10_000)
def named(name: str) -> Part:
    """What is known by its name alone: `name`, whose first word is a package or module that is not of the project."""
    top = name.partition(".")[0]
    if top == "builtins":
        return Part("builtin", "", name.encode())
    if top in sys.stdlib_module_names:
        return Part("builtin", top, name.encode())
    return Part("distribution", top, name.encode(), library=top)


def foreign_name(value: object) -> str:
    """The name of a class or function that is not of the project: its package, and its name in there.

    Not its module, which changes when a library is tidied up.
    """
    module: object = getattr(value, "__module__", None)
    name: object = getattr(value, "__qualname__", None)
    if is_function(value):  # functools.wraps gives a wrapper the names of what it wraps
        module, name = value.__globals__.get("__name__"), value.__code__.co_qualname
    if not isinstance(module, str) or not isinstance(name, str):
        return f"{type(value).__module__.partition('.')[0]}.{type(value).__qualname__}"
    return f"{module.partition('.')[0]}.{name}"


def missing(name: str) -> Part:
    """A name that leads nowhere, or not yet."""
    return Part("missing", name, b"missing")


def unknown(name: str, value: object, error: Exception | None = None) -> Part:
    """A value that no rule knows, by its type alone."""
    kind = foreign_name(type(value))
    failure = f", since looking at it failed: {error!r}" if error is not None else ""
    warning = f"{name or 'something'} is known by its type {kind} only{failure}"
    return Part("unknown", name or kind, kind.encode(), warning=warning, library=kind.partition(".")[0])


def compiled_part(module: str, project: Project) -> Part | None:
    """A compiled module of the project (a `.so`), by its bytes; None for any other."""
    loaded = sys.modules.get(module)
    file = getattr(loaded, "__file__", None)
    if not isinstance(file, str) or not file.endswith(_COMPILED) or not project.owns(module, file):
        return None
    return source(Path(file), module)


_COMPILED: Final = tuple(importlib.machinery.EXTENSION_SUFFIXES)


def source(path: Path, written: str) -> Part:
    """A file, by its bytes, or a folder with all files in it; known by what the author wrote."""
    try:
        files = _files_of(path)
        forms = [name.encode() + b"\0" + each.read_bytes() for name, each in files]
    except OSError as error:
        warning = f"source {written!r} cannot be read: {error.strerror}"
        return Part(
            "missing", written, b"missing", warning=warning, file=str(path), holds=lambda: not path.exists()
        )
    form = b"".join(digest("code source", each).encode() for each in forms)
    stamps = [(name, stamp_of(str(each))) for name, each in files]

    def holds() -> bool:
        return [(name, stamp_of(str(each))) for name, each in _files_of(path)] == stamps

    words = None if path.is_dir() else functools.partial(path.read_text, "utf-8", "replace")
    return Part("source", written, form, file=str(path), holds=holds, words=words)


def _files_of(path: Path) -> list[tuple[str, Path]]:
    """A file, or the files in a folder, each with its name from there."""
    if not path.is_dir():
        return [("", path)]
    files = [each for each in path.rglob("*") if each.is_file() and each.suffix != ".pyc"]
    return sorted((each.relative_to(path).as_posix(), each) for each in files)


def is_foreign(part: Part) -> bool:
    """Whether `part` is known by its name alone."""
    return part.kind in _FOREIGN
