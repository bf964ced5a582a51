"""The text of modules: where it lies and which statements bind a name; nothing is imported to look at it."""

import ast
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence

from lawnix.task.code.files import SourceFile, source_file
from lawnix.task.code.names import Import


def module_path(name: str) -> str | None:
    """Where the text of the module `name` lies, or None; nothing is imported for it, not even packages around it."""
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    if isinstance(file, str):
        return file
    package = name.rpartition(".")[0]
    search = _search_path(package) if package else None
    if package and search is None:
        return None
    try:
        spec = importlib.machinery.PathFinder.find_spec(name, search)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec.origin if spec is not None else None


def _search_path(package: str) -> Sequence[str] | None:
    loaded = sys.modules.get(package)
    if loaded is not None:
        return list(getattr(loaded, "__path__", ())) or None
    around, _, _ = package.rpartition(".")
    search = _search_path(around) if around else None
    if around and search is None:
        return None
    spec = importlib.machinery.PathFinder.find_spec(package, search)
    return list(spec.submodule_search_locations or ()) if spec is not None else None


def source_of(module: str) -> SourceFile | None:
    """The parsed text of `module`, or None if it has none."""
    path = module_path(module)
    return source_file(path) if path is not None and path.endswith(".py") else None


def package_of(module: str) -> str:
    """What relative imports in `module` start from."""
    path = module_path(module) or ""
    return module if path.endswith("__init__.py") else module.rpartition(".")[0]


def statements_for(module: str, name: str) -> list[ast.stmt]:
    """The statements of `module` that bind or change `name`, in their order."""
    source = source_of(module)
    return _bindings(source).get(name, []) if source is not None else []


def _bindings(source: SourceFile) -> dict[str, list[ast.stmt]]:
    """The statements of a module by the names that they bind or change."""
    known: dict[str, list[ast.stmt]] | None = source.facts.get(("bindings", 0))
    if known is None:
        known = {}
        for statement in source.tree.body:
            for name in dict.fromkeys(bound_by(statement)):
                known.setdefault(name, []).append(statement)
        source.facts["bindings", 0] = known
    return known


def bound_by(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds or changes."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (each.asname or each.name.partition(".")[0] for each in names)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):  # TABLE.update(…)
            yield name
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete() | ast.Expr():
            for each in ast.walk(statement):
                match each:
                    case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                        yield name
                    case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                        yield name
                    case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                        yield name
        case _:
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from bound_by(child)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from (name for each in child.body for name in bound_by(each))
                elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):  # for x in …
                    yield child.id
                elif isinstance(child, ast.withitem) and isinstance(child.optional_vars, ast.Name):
                    yield child.optional_vars.id


def alias_of(statement: ast.stmt, name: str) -> Import | None:
    """What `name` is imported from, if the statement is an import."""
    match statement:
        case ast.ImportFrom(module=module, level=level, names=names):
            for each in names:
                if (each.asname or each.name) == name:
                    return Import(module or "", level, (each.name,))
        case ast.Import(names=names):
            for each in names:
                if each.asname == name:
                    return Import(each.name, 0, ())
                if each.asname is None and each.name.partition(".")[0] == name:
                    return Import(name, 0, ())
    return None


def stars_of(module: str) -> list[Import]:
    """What `module` imports all names of."""
    source = source_of(module)
    if source is None:
        return []
    return [
        Import(each.module or "", each.level, ("*",))
        for each in source.tree.body
        if isinstance(each, ast.ImportFrom) and each.names[0].name == "*"
    ]
