"""Passages: the pieces of source that something reaches by name."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lawnix.settings import Settings
from lawnix.task.code.code import Code, code_of, ends_of
from lawnix.task.code.files import first_line, source_file, statements
from lawnix.task.code.graph import Graph
from lawnix.task.code.modules import bound_by, source_of, statements_for
from lawnix.task.code.parts import Part
from lawnix.task.code.project import family_of
from lawnix.task.code.resolve import static_attribute


@dataclass(frozen=True, slots=True)
class Passage:
    """A function, class or assignment.

    Attributes:
        name: As people call it.
        module: The name of the module that it stands in.
        file: Where it stands.
        tree: What stands there.
        part: What the digest of the code knows of it.
    """

    name: str
    module: str
    file: str
    tree: ast.AST
    part: Part


@dataclass(frozen=True)
class Subject:
    """A task class that is looked at.

    Attributes:
        cls: The class.
        settings: What the user set.
        code: What its code is.
        graph: All that `run()` reaches.
        passages: The functions and classes in it.
    """

    cls: Any
    settings: Settings
    code: Code
    graph: Graph
    passages: tuple[Passage, ...]

    @property
    def family(self) -> str:
        """The task family."""
        return family_of(self.cls)

    def values(self) -> Iterator[Part]:
        """The values of modules that it reaches."""
        for part in self.graph.parts.values():
            if part.name and part.kind in ("value", "unknown"):
                yield part

    def place(self) -> tuple[str, int]:
        """Where its `run()` stands."""
        found = [each for each in self.passages if each.name.endswith(".run")]
        own = [each for each in found if each.name == f"{self.cls.__module__}.{self.cls.__qualname__}.run"]
        for each in [*own, *found]:
            return each.file, line_of(each.tree)
        source = source_of(self.cls.__module__)
        return (source.name if source else self.cls.__module__), 0

    def graph_of(self, root: str) -> Graph:
        """All that another method reaches."""
        return ends_of(self.cls, track=self.settings.track, root=root, unknown=self.settings.unknown)[0]


def subject_of(cls: Any, settings: Settings) -> Subject:
    """The class with all that its `run()` reaches."""
    code = code_of(cls, track=settings.track, unknown=settings.unknown, libraries=settings.libraries)
    graph, _ = ends_of(cls, track=settings.track, unknown=settings.unknown)
    return Subject(cls, settings, code, graph, tuple(passages_in(graph)))


def passages_in(graph: Graph) -> Iterator[Passage]:
    """The functions and classes in a graph, each once."""
    told: set[int] = set()
    for part in graph.parts.values():
        if part.kind in ("function", "class") and part.file is not None and part.line is not None:
            for module, tree in _definitions(part):
                if id(tree) not in told:
                    told.add(id(tree))
                    yield Passage(part.name, module, part.file, tree, part)


def _definitions(part: Part) -> Iterator[tuple[str, ast.AST]]:
    """What stands at the place of a part."""
    assert part.file is not None
    assert part.line is not None
    source = source_file(part.file)
    if source is None:
        return
    if part.module is not None:
        name = part.name.rpartition(".")[2]
        for tree in source.definitions(part.line, name):
            yield str(part.module.get("__name__", "?")), tree
        return
    for statement in statements(source.tree):  # of a module that nothing has loaded yet
        if part.line in (statement.lineno, first_line(statement)):
            yield module_of(part.name), statement
            return


def module_of(name: str) -> str:
    """The module that the name of a part begins with."""
    module = name
    while module and source_of(module) is None:
        module = module.rpartition(".")[0]
    return module


def assignments(part: Part, cls: type) -> list[tuple[str, str, ast.stmt]]:
    """Where a value is assigned, as a name of a module or an attribute of the class: module, file and statement."""
    module = module_of(part.name)
    if module:
        name = part.name[len(module) + 1 :].partition(".")[0]
        found = statements_for(module, name)
    else:
        owner, _, name = part.name.rpartition(".")
        module = next((base.__module__ for base in cls.__mro__ if base.__qualname__ == owner), "")
        bodies = [each.body for each in statements_for(module, owner) if isinstance(each, ast.ClassDef)]
        found = [each for body in bodies for each in body if name in bound_by(each)]
    source = source_of(module) if module else None
    return [(module, source.name, each) for each in found] if source is not None else []


def own_value(cls: type, name: str) -> object:
    """What stands at an attribute of a class; nothing is called."""
    return static_attribute(cls, name)[1]


def line_of(tree: ast.AST) -> int:
    """Where something begins."""
    return getattr(tree, "lineno", 0)
