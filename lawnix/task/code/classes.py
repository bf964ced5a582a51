"""Classes: what stands in them, by value; annotations only where they are data."""

import ast
import enum
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any, Final

from lawnix.task.code.files import SourceFile, first_line, source_file, statements
from lawnix.task.code.machinery import is_made_up
from lawnix.task.code.normal import normal_form
from lawnix.task.code.parts import Lead, Part, Target, foreign_name, named, target
from lawnix.task.code.project import (
    Project,
    family_of,
    file_of,
    is_function,
    is_parameter,
    is_task_class,
    unwrapped,
)
from lawnix.task.code.reader import names_in_tree
from lawnix.task.code.resolve import ABSENT, Binding, resolve

_DATA: Final = (
    "__dataclass_fields__",
    "__attrs_attrs__",
    "__pydantic_fields__",
    "__struct_fields__",
    "__total__",
)


def class_part(cls: type, project: Project) -> Part:
    """What `cls` is and leads to; a task class is known by its family, since what is required is in the derivation."""
    if is_task_class(cls):
        return Part("value", "", b"task " + family_of(cls).encode())
    if not project.owns_class(cls):
        return named(foreign_name(cls))
    name = f"{cls.__module__}.{cls.__qualname__}"
    is_data = any(mark in vars(cls) for mark in _DATA) or (issubclass(cls, tuple) and "_fields" in vars(cls))
    form = b"class"
    bindings: list[Binding] = []
    leads = [Lead(f"base {place}", target(base, "", project)) for place, base in enumerate(cls.__bases__)]
    leads.append(Lead("metaclass", target(type(cls), "", project)))
    file = file_of(cls)
    tree = _definition(cls, file) if is_data else None
    if tree is not None:
        form, more, bindings = _declarations(tree, cls, project)
        leads += more
    elif is_data:
        more_form, more = _fields_of(cls, project)
        form += more_form
        leads += more
    now = dict(vars(cls))
    for attribute, value in sorted(now.items()):
        if not is_made_up(cls, attribute, value, is_data=is_data):
            leads.append(Lead(f"attribute {attribute}", _attribute(value, f"{name}.{attribute}", project)))

    def holds() -> bool:
        after = vars(cls)
        return (
            len(after) == len(now)
            and all(after.get(key, ABSENT) is value for key, value in now.items())
            and all(mapping.get(key, ABSENT) is value for mapping, key, value in bindings)
        )

    return Part(
        "class",
        name,
        form,
        tuple(leads),
        holds=holds,
        file=file,
        line=tree.lineno if tree is not None else None,
    )


def member_part(member: enum.Enum, name: str, project: Project) -> Part:
    """A member of an enumeration: its name and value, and its class if that has methods."""
    cls = type(member)
    leads = [Lead("value", target(member.value, "", project))]
    if project.owns_class(cls) and any(
        isinstance(unwrapped(value), FunctionType) and not is_made_up(cls, attribute, value, is_data=False)
        for attribute, value in vars(cls).items()
    ):
        leads.append(Lead("class", target(cls, "", project)))
    return Part("value", name, b"enum " + str(member.name).encode(), tuple(leads))


def _attribute(value: Any, name: str, project: Project) -> Target:
    if is_parameter(value):
        return Part("value", "", b"parameter")
    found = target(value, name, project)
    if isinstance(found, Part) and found.kind == "value":
        found.name = ""  # told of with its class
    return found


def _declarations(tree: ast.ClassDef, cls: type, project: Project) -> tuple[bytes, list[Lead], list[Binding]]:
    """The annotated attributes of a dataclass or its like, with its decorators, as they are written."""
    mark = tree.decorator_list or [ast.Constant(value=None)]  # makes the annotations stay
    lines = ast.ClassDef(
        name="",
        bases=[],
        keywords=tree.keywords,
        body=[each for each in tree.body if isinstance(each, ast.AnnAssign)],
        decorator_list=mark,
    )
    module = vars(sys.modules.get(cls.__module__) or sys)
    leads: list[Lead] = []
    bindings: list[Binding] = []
    for chain in sorted(names_in_tree(lines).free):
        found, via = resolve(chain, module, project)
        leads.append(Lead(f"global {'.'.join(chain)}", found))
        bindings += via
    return normal_form(lines, as_object=False), leads, bindings


def _fields_of(cls: type, project: Project) -> tuple[bytes, list[Lead]]:
    """What can be told of such a class whose source cannot be had."""
    fields: dict[str, Any] = vars(cls).get("__dataclass_fields__", {})
    leads = [
        Lead(f"factory {name}", target(field.default_factory, "", project))
        for name, field in fields.items()
        if callable(field.default_factory)
    ]
    leads.append(Lead("defaults", target(vars(cls).get("_field_defaults", {}), "", project)))
    annotations = getattr(cls, "__annotations__", {})
    names = vars(cls).get("_fields", ())
    return repr((names, [(name, str(value)) for name, value in annotations.items()])).encode(), leads


def _definition(cls: type, file: str | None) -> ast.ClassDef | None:
    """The class statement that made `cls`."""
    source = source_file(file, vars(sys.modules.get(cls.__module__) or sys)) if file is not None else None
    if source is None:
        return None
    found = [each for each in _class_statements(source) if each.name == cls.__name__]
    if len(found) > 1:  # one for each version of a library, or of the same name elsewhere in the file
        lines = [
            function.__code__.co_firstlineno
            for function in map(unwrapped, vars(cls).values())
            if is_function(function) and function.__code__.co_filename == file
        ]
        line = vars(cls).get("__firstlineno__", lines[0] if lines else None)
        found = [
            each for each in found if line is None or first_line(each) <= line <= (each.end_lineno or line)
        ]
    return found[-1] if found else None


def _class_statements(source: SourceFile) -> Iterator[ast.ClassDef]:
    known: list[ast.ClassDef] | None = source.facts.get(("classes", 0))
    if known is None:
        known = [each for each in statements(source.tree) if isinstance(each, ast.ClassDef)]
        source.facts["classes", 0] = known
    return iter(known)
