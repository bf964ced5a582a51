"""Functions: their tree, and the values that it works with: defaults, closure, globals, imports."""

import ast
import operator
from collections.abc import Iterator
from functools import partial
from types import FunctionType

from lawnix.core.digest import digest
from lawnix.task.code.bytecode import bytecode_form, names_in_code
from lawnix.task.code.locate import Located, locate
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
    located = locate(code, module)
    form, names = _facts(function, located)
    bindings: list[Binding] = []
    leads = [*_defaults(function, name, located, project), *_closure(function, name, project)]
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
    if names.opaque_module and located is not None:
        leads.append(Lead("module", module_part(str(module.get("__name__", "?")), located.source)))
    now = _state(function)

    def holds() -> bool:
        return _is_same(_state(function), now) and all(
            mapping.get(key, ABSENT) is value for mapping, key, value in bindings
        )

    return Part(
        "function",
        name,
        form,
        tuple(leads),
        holds=holds,
        names=names,
        keeps=names.keeps,
        module=module,
        file=code.co_filename,
        line=code.co_firstlineno,
        words=partial(located.source.words, located.tree) if located else None,
        warning=None
        if located
        else f"{name} is known by its bytecode, since its source cannot be had as it was loaded",
    )


def _facts(function: FunctionType, located: Located | None) -> tuple[bytes, Names]:
    """The form of the code itself and what it speaks of; both depend on nothing but the file."""
    if located is None:
        return bytecode_form(function.__code__, function.__doc__), names_in_code(function.__code__)
    key = ("function", id(located.tree))
    facts: tuple[bytes, Names] | None = located.source.facts.get(key)
    if facts is None:
        form = digest("code function", normal_form(located.tree)).encode()
        facts = located.source.facts[key] = (form, names_in_tree(located.tree))
    return facts


def _state(function: FunctionType) -> tuple[object, ...]:
    """What can be changed of a function, compared by identity."""
    contents = [content for _, content in closure(function)]
    defaults = (function.__defaults__ or (), tuple((function.__kwdefaults__ or {}).items()))
    return (function.__code__, len(contents), *contents, *defaults[0], *(each for _, each in defaults[1]))


def _is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))


def _defaults(function: FunctionType, name: str, located: Located | None, project: Project) -> Iterator[Lead]:
    """The values of defaults, by the argument that they are for."""
    written = _literals(located.tree.args) if located is not None else {}
    positional = function.__code__.co_varnames[: function.__code__.co_argcount]
    defaults = function.__defaults__ or ()
    pairs = [*zip(positional[len(positional) - len(defaults) :], defaults, strict=True)]
    for argument, value in [*pairs, *sorted((function.__kwdefaults__ or {}).items())]:
        label, shown = f"default {argument}", f"{name}({argument})"
        if argument in written and is_mutable(value) and plain_form(value, project) is not None:
            # `def f(seen=[])`: what was added to it since is not what the author wrote
            yield Lead(label, Part("value", shown, normal_form(written[argument])))
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
