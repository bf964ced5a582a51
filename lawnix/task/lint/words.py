"""Words: what the names in a piece of source stand for, told from imports."""

import ast
import builtins
import functools
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lawnix.task.code.files import statements
from lawnix.task.code.modules import package_of, source_of, statements_for
from lawnix.task.code.reader import chain_of
from lawnix.task.code.tracked import TrackedFile
from lawnix.task.code.untracked import is_untracked

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Words:
    """What names mean in `tree`, which stands in `module`."""

    def __init__(self, module: str, tree: ast.AST, cls: type | None = None) -> None:
        self._module, self._cls = module, cls
        self._imports = {**_imports_of_module(module), **_imports_in(tree, module)}
        self._bound = _bound(tree)

    def name_of(self, expression: ast.expr) -> str | None:
        """The name that others know something by: `numpy.random.rand` for `np.random.rand`; None if it has none."""
        chain = chain_of(expression)
        if not chain:
            return None
        first = chain[0]
        if first in self._imports:
            return ".".join([self._imports[first], *chain[1:]])
        if first in self._bound or statements_for(self._module, first):
            return None
        return ".".join(chain) if hasattr(builtins, first) else None

    def literal(self, expression: ast.expr | None) -> str | None:
        """The text that an expression is, or begins with, as far as it can be told without running it."""
        match expression:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return f"{text}…"
            case ast.BinOp(left=left, op=ast.Add() | ast.Div()):
                start = self.literal(left)
                return None if start is None else f"{start}…"
            case ast.Call(func=function, args=[first, *more]):
                name = self.name_of(function)
                if name in (
                    "pathlib.Path",
                    "str",
                    "os.fspath",
                    "os.path.abspath",
                    "os.path.expanduser",
                    "os.path.expandvars",
                ):
                    return self.literal(first)
                if name == "os.path.join":
                    start = self.literal(first)
                    return f"{start}…" if start is not None and more else start
            case ast.Name(id=name) if name not in self._bound:
                return _text(getattr(sys.modules.get(self._module), name, None))
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if self._cls is not None:
                owned = next((vars(base)[name] for base in self._cls.__mro__ if name in vars(base)), None)
                return _text(owned)
        return None


def _text(value: Any) -> str | None:
    """The path that a value is, unless its content counts already."""
    if isinstance(value, TrackedFile) or is_untracked(value):
        return None
    return str(value) if isinstance(value, str | Path) else None


@functools.lru_cache(maxsize=10_000)
def calls_in(tree: ast.AST) -> Sequence[ast.Call]:
    """All calls in a piece of source, in their order; decorators and annotations of a function are not its own."""
    body = tree.body if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef) else [tree]
    found = [each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
    return sorted(found, key=lambda each: (each.lineno, each.col_offset))


def argument(call: ast.Call, place: int, *names: str) -> ast.expr | None:
    """What is given at a place, or by a name."""
    if len(call.args) > place:
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg in names), None)


def written(tree: ast.AST) -> str:
    """A piece of source as people read it, on one line and not too long."""
    text = " ".join(ast.unparse(tree).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _imports_of_module(module: str) -> Mapping[str, str]:
    source = source_of(module)
    if source is None:
        return {}
    known: dict[str, str] | None = source.facts.get(("imports", 0))
    if known is None:
        inner = {
            id(each)
            for function in statements(source.tree)
            if isinstance(function, _FUNCTIONS)
            for each in statements(function)
        }
        known = {}
        for each in statements(source.tree):
            if id(each) not in inner:
                known.update(_imports(each, module))
        source.facts["imports", 0] = known
    return known


@functools.lru_cache(maxsize=10_000)
def _imports_in(tree: ast.AST, module: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in ast.walk(tree):
        found.update(_imports(each, module))
    return found


def _imports(tree: ast.AST, module: str) -> Mapping[str, str]:
    """What an import statement binds, by name."""
    match tree:
        case ast.Import(names=names):
            return {
                each.asname or each.name.partition(".")[0]: each.name
                if each.asname
                else each.name.partition(".")[0]
                for each in names
            }
        case ast.ImportFrom(module=name, level=level, names=names):
            home = name or ""
            if level:
                try:
                    home = importlib.util.resolve_name("." * level + home, package_of(module))
                except ImportError:
                    return {}
            return {each.asname or each.name: f"{home}.{each.name}" for each in names}
    return {}


@functools.lru_cache(maxsize=10_000)
def _bound(tree: ast.AST) -> frozenset[str]:
    """The names that a definition binds itself."""
    if not isinstance(tree, _FUNCTIONS):
        return frozenset()
    arguments = {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
    names = [
        each for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]
    return frozenset(arguments | {each.id for each in names})
