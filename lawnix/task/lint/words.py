"""Words: what the names in a piece of source stand for, told from imports."""

import ast
import builtins
import functools
import importlib.util
from collections import Counter
from collections.abc import Mapping, Sequence

from lawnix.task.code.files import statements
from lawnix.task.code.modules import package_of, source_of, statements_for
from lawnix.task.code.reader import chain_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Words:
    """What names mean in a piece of source.

    Attributes:
        module: The module that it stands in.
        cls: The task class that is looked at.
    """

    def __init__(self, module: str, tree: ast.AST, cls: type | None = None) -> None:
        self.module, self.cls = module, cls
        self._imports = {**_imports_of_module(module), **_imports_in(tree, module)}
        self._bound = _bound(tree)
        self._aliases = _aliases(tree)

    def name_of(self, expression: ast.expr) -> str | None:
        """The name that others know something by: `numpy.random.rand` for `np.random.rand`; None if it has none."""
        chain = chain_of(expression)
        if not chain:
            return None
        first = chain[0]
        if first in self._imports:
            return ".".join([self._imports[first], *chain[1:]])
        if first in self._aliases:  # d = os.environ
            said = chain_of(self._aliases[first])
            return (
                ".".join([self._imports[said[0]], *said[1:], *chain[1:]])
                if said[0] in self._imports
                else None
            )
        if first in self._bound or statements_for(self.module, first):
            return None
        return ".".join(chain) if hasattr(builtins, first) else None

    def binds(self, name: str) -> bool:
        """Whether a name is an argument or a variable here."""
        return name in self._bound


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
def _aliases(tree: ast.AST) -> Mapping[str, ast.expr]:
    """The other names that a function gives to something, each once."""
    names = [
        each for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]
    count = Counter(each.id for each in names)
    return {
        each.targets[0].id: each.value
        for each in ast.walk(tree)
        if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Name)
        and count[each.targets[0].id] == 1
        and chain_of(each.value)
    }


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
