"""Modules that functions import themselves: read as they are written, whether or not something has loaded them yet.

Such imports keep heavy libraries out of the process that only plans, so nothing is imported here to look at it.
"""

import ast
import builtins
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence

from lawnix.core.digest import digest
from lawnix.task.code.files import SourceFile, source_file, stamp_of
from lawnix.task.code.names import Chain, Import, Names
from lawnix.task.code.normal import normal_form
from lawnix.task.code.parts import Lead, Part, Target, Written, missing, named
from lawnix.task.code.project import Project
from lawnix.task.code.reader import names_in_tree
from lawnix.task.code.resolve import OF_THE_MODULE


def imported(what: Import, package: str, project: Project) -> Target:
    """What an import statement in a function of `package` brings, followed as far as it is used."""
    module = what.module
    if what.level:
        try:
            module = importlib.util.resolve_name("." * what.level + what.module, package)
        except ImportError:
            return missing("." * what.level + what.module)
    return _attribute(module, what.chain, project)


def _attribute(module: str, chain: Chain, project: Project) -> Target:
    """What `chain` ends in, seen from the text of `module`."""
    for position, name in enumerate(chain):
        if not _is_own(module, project):
            return named(".".join([module, *chain[position:]]))
        statements = _statements(module, name)
        if not statements and name != "*" and module_path(f"{module}.{name}") is not None:
            module = f"{module}.{name}"
            continue
        aliases = [_alias(each, name) for each in statements]
        if len(aliases) == 1 and aliases[0] is not None:  # it only passes on what it imports itself
            again = Import(aliases[0].module, aliases[0].level, (*aliases[0].chain, *chain[position + 1 :]))
            return imported(again, _package(module), project)
        return Written(module, name)
    return named(f"builtins.import {module}") if _is_own(module, project) else named(module)


def _is_own(module: str, project: Project) -> bool:
    # looking for a file takes longer than all else, and the name tells for what is in a package
    return project.owns(module) or (project.folder is not None and project.owns(module, module_path(module)))


def written_part(what: Written, project: Project) -> Part:
    """What a module says about a name, and what that leads to."""
    source = _source(what.module)
    shown = f"{what.module}.{what.name}"
    if source is None:
        return missing(shown)
    if what.name == "*":
        return module_part(what.module, source)
    statements = _statements(what.module, what.name)
    if not statements:
        return _elsewhere(what, source, project)
    form = b""
    leads: list[Lead] = []
    for statement in statements:
        piece, names = _facts(statement, source)
        form += piece
        for chain in sorted(names.free):
            found = _free(chain, what.module, project)
            leads.append(Lead(f"global {'.'.join(chain)}", found))
        leads += [
            Lead(
                f"import {each.module} {'.'.join(each.chain)}", imported(each, _package(what.module), project)
            )
            for each in sorted(names.imports, key=lambda each: (each.module, each.level, each.chain))
        ]
    is_value = not isinstance(statements[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    kind = "value" if is_value else "class" if isinstance(statements[0], ast.ClassDef) else "function"
    merged = _merged([_facts(statement, source)[1] for statement in statements])
    return Part(
        kind,
        shown,
        form,
        tuple(leads),
        names=merged,
        file=source.name,
        line=statements[0].lineno,
        holds=_unchanged(source),
    )


def module_part(name: str, source: SourceFile) -> Part:
    """All of a module, for what looks at it in a way that cannot be followed."""
    form = digest("code module", normal_form(source.tree)).encode()
    warning = f"all of {name} counts, since something looks through it by exec, eval, globals() or getattr()"
    return Part("source", name, form, file=source.name, holds=_unchanged(source), warning=warning)


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


def _source(module: str) -> SourceFile | None:
    path = module_path(module)
    return source_file(path) if path is not None and path.endswith(".py") else None


def _package(module: str) -> str:
    path = module_path(module) or ""
    return module if path.endswith("__init__.py") else module.rpartition(".")[0]


def _free(chain: Chain, module: str, project: Project) -> Target:
    """What a name that the text of `module` uses ends in."""
    if chain[0] in OF_THE_MODULE:
        return named(f"builtins.{chain[0]}")
    if not _statements(module, chain[0]):
        if hasattr(builtins, chain[0]) and not _stars(module):
            return named(f"builtins.{chain[0]}")
        return Written(module, chain[0])
    return _attribute(module, chain, project)


def _elsewhere(what: Written, source: SourceFile, project: Project) -> Part:
    """A name that a module doesn't bind by itself: from `import *`, its `__getattr__`, a builtin, or nowhere."""
    for star in _stars(what.module):
        found = imported(Import(star.module, star.level, (what.name,)), _package(what.module), project)
        if isinstance(found, Written) and _statements(found.module, found.name):
            return Part("value", "", b"import *", (Lead("star", found),), holds=_unchanged(source))
        if isinstance(found, Part) and found.kind == "distribution":
            return found
    if _statements(what.module, "__getattr__"):
        return module_part(what.module, source)
    if hasattr(builtins, what.name):
        return named(f"builtins.{what.name}")
    return missing(f"{what.module}.{what.name}")


# --------------------------------------------------------------------------- statements of a module


def _facts(statement: ast.stmt, source: SourceFile) -> tuple[bytes, Names]:
    key = ("statement", id(statement))
    facts: tuple[bytes, Names] | None = source.facts.get(key)
    if facts is None:
        form = digest("code statement", normal_form(statement, as_object=False)).encode()
        facts = source.facts[key] = (form, names_in_tree(ast.Module([statement], [])))
    return facts


def _merged(names: Sequence[Names]) -> Names:
    return Names(attributes=frozenset().union(*(each.attributes for each in names)))


def _unchanged(source: SourceFile) -> Callable[[], bool]:
    stamp = stamp_of(source.name)
    return lambda: stamp_of(source.name) == stamp


def _statements(module: str, name: str) -> list[ast.stmt]:
    source = _source(module)
    return _bindings(source).get(name, []) if source is not None else []


def _bindings(source: SourceFile) -> dict[str, list[ast.stmt]]:
    """The statements of a module by the names that they bind or change."""
    known: dict[str, list[ast.stmt]] | None = source.facts.get(("bindings", 0))
    if known is None:
        known = {}
        for statement in source.tree.body:
            for name in dict.fromkeys(_bound(statement)):
                known.setdefault(name, []).append(statement)
        source.facts["bindings", 0] = known
    return known


def _bound(statement: ast.stmt) -> Iterator[str]:
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
                    yield from _bound(child)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from (name for each in child.body for name in _bound(each))
                elif isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):  # for x in …
                    yield child.id
                elif isinstance(child, ast.withitem) and isinstance(child.optional_vars, ast.Name):
                    yield child.optional_vars.id


def _alias(statement: ast.stmt, name: str) -> Import | None:
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


def _stars(module: str) -> list[Import]:
    source = _source(module)
    if source is None:
        return []
    return [
        Import(each.module or "", each.level, ("*",))
        for each in source.tree.body
        if isinstance(each, ast.ImportFrom) and each.names[0].name == "*"
    ]
