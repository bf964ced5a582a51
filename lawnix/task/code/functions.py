"""Functions: their tree, and the values that it works with: defaults, closure, globals, imports."""

import ast
import operator
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType
from typing import Any

from lawnix.core.digest import digest
from lawnix.task.code.bytecode import bytecode_form, names_in_code
from lawnix.task.code.files import SourceFile
from lawnix.task.code.kept import FunctionFacts
from lawnix.task.code.locate import is_alone, locate, source_of_code
from lawnix.task.code.names import Names
from lawnix.task.code.normal import normal_form
from lawnix.task.code.parts import Lead, Origin, Part, foreign_name, is_foreign, missing, named, target
from lawnix.task.code.project import Project
from lawnix.task.code.reader import names_in_tree
from lawnix.task.code.resolve import ABSENT, Binding, resolve
from lawnix.task.code.values import is_mutable, plain_form
from lawnix.task.code.wrappers import closure, inside, is_empty, reaches
from lawnix.task.code.written import imported, module_part


def function_part(function: FunctionType, project: Project) -> Part:
    """What `function` is and leads to."""
    if not project.owns_function(function):
        return _foreign_part(function, project)
    code, module = function.__code__, function.__globals__
    name = f"{module.get('__name__', '?')}.{code.co_qualname}"
    source, facts = _facts(function)
    names = facts.names
    bindings: list[Binding] = []
    leads = [*_defaults(function, name, facts.literals, project), *_closure(function, name, project)]
    for chain in sorted(names.free):
        if chain[0] not in code.co_freevars and not chain[0].startswith("@"):  # pytest's names for its own
            found, via = resolve(chain, module, project)
            bindings += via
            origin = (
                None
                if isinstance(found, Part) and is_foreign(found)
                else Origin(module, id(module), chain[0])
            )
            leads.append(Lead(f"global {'.'.join(chain)}", found, origin))
    package = str(module.get("__package__") or str(module.get("__name__", "")).rpartition(".")[0])
    for each in sorted(names.imports, key=lambda each: (each.module, each.level, each.chain)):
        label = f"import {'.' * each.level}{each.module} {'.'.join(each.chain)}"
        leads.append(Lead(label, imported(each, package, project), None))
    if names.opaque_module and source is not None:
        leads.append(Lead("module", module_part(str(module.get("__name__", "?")), source)))
    now = _state(function)

    def holds() -> bool:
        return _is_same(_state(function), now) and all(
            mapping.get(key, ABSENT) is value for mapping, key, value in bindings
        )

    return Part(
        "function",
        name,
        facts.form,
        tuple(leads),
        holds=holds,
        names=names,
        keeps=names.keeps,
        module=module,
        file=code.co_filename,
        line=code.co_firstlineno,
        words=partial(_words, code, module) if source else None,
        warning=None
        if source
        else f"{name} is known by its bytecode, since its source cannot be had as it was loaded",
    )


def names_of(function: FunctionType) -> Names:
    """What a function of the project speaks of; where that leads is not looked at."""
    return _facts(function)[1].names


def _facts(function: FunctionType) -> tuple[SourceFile | None, FunctionFacts]:
    """The file of a function, if it can be had as it was loaded, and what is written there; nothing else matters."""
    code, module = function.__code__, function.__globals__
    source = source_of_code(code, module)
    place = f"{code.co_firstlineno} {code.co_name}"
    if source is not None and not source.edited and place in source.functions:
        return source, source.functions[place]
    located = locate(code, module)
    if located is None:
        form = bytecode_form(code, function.__doc__)
        return None, FunctionFacts(form, names_in_code(code), {})
    source = located.source
    key = ("function", id(located.tree))
    facts: FunctionFacts | None = source.facts.get(key)
    if facts is None:
        form = digest("code function", normal_form(located.tree)).encode()
        literals = {name: normal_form(each) for name, each in _literals(located.tree.args).items()}
        facts = source.facts[key] = FunctionFacts(form, names_in_tree(located.tree), literals)
    if is_alone(code, source):
        source.keep(place, facts)
    return source, facts


def _words(code: CodeType, module: dict[str, Any]) -> str:
    """How a function is written, if that can still be had."""
    located = locate(code, module)
    return located.source.words(located.tree) if located is not None else ""


def _state(function: FunctionType) -> tuple[object, ...]:
    """What can be changed of a function, compared by identity."""
    contents = [content for _, content in closure(function)]
    defaults = (function.__defaults__ or (), tuple((function.__kwdefaults__ or {}).items()))
    return (function.__code__, len(contents), *contents, *defaults[0], *(each for _, each in defaults[1]))


def _is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _defaults(
    function: FunctionType, name: str, written: Mapping[str, bytes], project: Project
) -> Iterator[Lead]:
    """The values of defaults, by the argument that they are for, unless they are among those `written` out."""
    positional = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    pairs = [*zip(positional[len(positional) - len(defaults) :], defaults, strict=True)]
    for argument, value in [*pairs, *sorted((function.__kwdefaults__ or {}).items())]:
        label, shown = f"default {argument}", f"{name}({argument})"
        if argument in written and is_mutable(value) and plain_form(value, project) is not None:
            # `def f(seen=[])`: what was added to it since is not what the author wrote
            yield Lead(label, Part("value", shown, written[argument]))
        else:
            yield Lead(label, target(value, shown, project))


def _literals(arguments: ast.arguments) -> dict[str, ast.expr]:
    """The defaults that are written out, as `[]` or `{"a": 1}`, by argument."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {
        argument.arg: default
        for argument, default in pairs
        if isinstance(default, ast.List | ast.Dict | ast.Set)
        and not any(isinstance(each, ast.Name | ast.Call) for each in ast.walk(default))
    }


def _closure(function: FunctionType, name: str, project: Project) -> Iterator[Lead]:
    contents = closure(function)
    for variable, value in contents:
        shown = f"{name}[{variable}]"
        yield Lead(
            f"closure {variable}", missing(shown) if is_empty(value) else target(value, shown, project)
        )
    known = {id(value) for _, value in contents}
    for word, value in inside(function):
        if word in ("wrapped", "registry") and id(value) not in known:
            yield Lead(word, target(value, f"{name}[{word}]", project))


def _foreign_part(function: FunctionType, project: Project) -> Part:
    """A function of a library: its name, and what it was given of the project, as a decorator is."""
    part = named(foreign_name(function))
    leads: list[Lead] = []
    for word, value in inside(function):
        label = (
            word if word in ("wrapped", "registry") else "closure"
        )  # other words are the library's own affair
        if (
            word == "registry"
            or project.by_state
            or reaches(value, project)
            or (label == "closure" and not is_mutable(value) and plain_form(value, project) is not None)
        ):
            leads.append(Lead(label, target(value, "", project)))
    if not leads:
        return part
    now = _state(function)
    return Part(
        part.kind,
        part.name,
        part.form,
        tuple(leads),
        is_ordered=False,
        holds=lambda: _is_same(_state(function), now),
        keeps=True,  # a library's decorator may be a cache
        library=part.library,
    )
