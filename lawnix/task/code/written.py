"""Modules that functions import themselves: read as they are written, whether or not something has loaded them yet.

Such imports keep heavy libraries out of the process that only plans, so nothing is imported here to look at it.
"""

import ast
import builtins
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lawnix.core.digest import digest
from lawnix.task.code.files import SourceFile, stamp_of
from lawnix.task.code.modules import (
    alias_of,
    bound_by,
    module_path,
    package_of,
    source_of,
    stars_of,
    statements_for,
)
from lawnix.task.code.names import Chain, Import, Names
from lawnix.task.code.normal import normal_form
from lawnix.task.code.parts import Lead, Part, Target, Written, is_foreign, missing, named
from lawnix.task.code.parts import source as compiled
from lawnix.task.code.project import TOOLS, Project
from lawnix.task.code.reader import chain_of, names_in_tree
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
        statements = statements_for(module, name)
        if not statements and name != "*" and module_path(f"{module}.{name}") is not None:
            module = f"{module}.{name}"
            continue
        attribute = _attribute_of_task(statements, module, chain[position + 1 :], project)
        if attribute is not None:
            return attribute
        aliases = [alias_of(each, name) for each in statements]
        if len(aliases) == 1 and aliases[0] is not None:  # it only passes on what it imports itself
            again = Import(aliases[0].module, aliases[0].level, (*aliases[0].chain, *chain[position + 1 :]))
            return imported(again, package_of(module), project)
        return Written(module, name)
    return named(f"builtins.import {module}") if _is_own(module, project) else named(module)


def _is_own(module: str, project: Project) -> bool:
    # looking for a file takes longer than all else, and the name tells for what is in a package
    if project.owns(module):
        return True
    has_folders = project.folder is not None or bool(project.editable)
    return has_folders and project.owns(module, module_path(module))


def written_part(what: Written, project: Project) -> Part:
    """What a module says about a name, and what that leads to."""
    source = source_of(what.module)
    shown = f"{what.module}.{what.name}"
    if source is None:
        path = module_path(what.module)
        return compiled(Path(path), what.module) if path is not None else missing(shown)
    if what.name == "*":
        return module_part(what.module, source)
    owner, _, attribute = what.name.rpartition(".")
    statements = statements_for(what.module, owner or what.name)
    if owner:
        statements = [each for cls in statements for each in _in_body(cls, attribute)]
    elif not statements:
        return _elsewhere(what, source, project)
    elif isinstance(statements[-1], ast.ClassDef) and _is_task(statements[-1], what.module, project):
        return Part("value", "", b"task " + what.name.encode(), holds=_unchanged(source))
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
                f"import {each.module} {'.'.join(each.chain)}",
                imported(each, package_of(what.module), project),
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


def _free(chain: Chain, module: str, project: Project) -> Target:
    """What a name that the text of `module` uses ends in."""
    if chain[0] in OF_THE_MODULE:
        return named(f"builtins.{chain[0]}")
    if not statements_for(module, chain[0]):
        if hasattr(builtins, chain[0]) and not stars_of(module):
            return named(f"builtins.{chain[0]}")
        return Written(module, chain[0])
    return _attribute(module, chain, project)


def _is_task(statement: ast.ClassDef, module: str, project: Project) -> bool:
    """Whether one of the bases of a class, or of theirs, is of law, luigi or lawnix: what is required is an input."""
    return any(
        isinstance(base, Part) and is_foreign(base) and base.name in TOOLS
        for base, _ in _bases(statement, module, project)
    )


def _attribute_of_task(
    statements: Sequence[ast.stmt], module: str, rest: Chain, project: Project
) -> Written | None:
    """The constant or static method that `Task.attribute` is, which counts although the rest of the task does not."""
    if not (rest and statements and isinstance(statements[-1], ast.ClassDef)):
        return None
    if not _is_task(statements[-1], module, project):
        return None
    bases = [base for base, _ in _bases(statements[-1], module, project) if isinstance(base, Written)]
    for cls in (Written(module, statements[-1].name), *bases):
        if any(_in_body(each, rest[0]) for each in statements_for(cls.module, cls.name)):
            return Written(cls.module, f"{cls.name}.{rest[0]}")
    return None


def _in_body(statement: ast.stmt, name: str) -> list[ast.stmt]:
    """The statements in the body of a class that bind `name`."""
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    return [each for each in body if name in bound_by(each)]


def _bases(statement: ast.ClassDef, module: str, project: Project) -> Iterator[tuple[Target, str]]:
    """All bases of a class that can be told from the text, each with the module that names it."""
    todo = [(base, module) for base in statement.bases]
    seen: set[Written] = set()
    while todo:
        base, around = todo.pop(0)
        chain = chain_of(base)
        if not chain:
            continue
        found = _free(chain, around, project)
        yield found, around
        if isinstance(found, Written) and found not in seen:
            seen.add(found)
            classes = statements_for(found.module, found.name)
            todo += [
                (each, found.module) for cls in classes if isinstance(cls, ast.ClassDef) for each in cls.bases
            ]


def _elsewhere(what: Written, source: SourceFile, project: Project) -> Part:
    """A name that a module doesn't bind by itself: from `import *`, its `__getattr__`, a builtin, or nowhere."""
    for star in stars_of(what.module):
        found = imported(Import(star.module, star.level, (what.name,)), package_of(what.module), project)
        if isinstance(found, Written) and statements_for(found.module, found.name):
            return Part("value", "", b"import *", (Lead("star", found),), holds=_unchanged(source))
        if isinstance(found, Part) and found.kind == "distribution":
            return found
    if statements_for(what.module, "__getattr__"):
        return module_part(what.module, source)
    if hasattr(builtins, what.name):
        return named(f"builtins.{what.name}")
    return missing(f"{what.module}.{what.name}")


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
