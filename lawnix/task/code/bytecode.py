"""Code without source, as `exec` and lone .pyc files leave it: known by its bytecode, which each Python writes anew."""

import dis
import sys
from types import CodeType

from lawnix.task.code.files import nested
from lawnix.task.code.names import Chain, Import, Names


def bytecode_form(code: CodeType, documentation: str | None = None) -> bytes:
    """One byte string for `code`, never equal to that of another minor version or to a normal form.

    Args:
        code: The code of a function.
        documentation: The docstring of that function, which is left out.
    """
    return repr(("bytecode", sys.version_info[:2], _form(code, documentation))).encode(
        "utf-8", "surrogatepass"
    )


def _form(code: CodeType, documentation: str | None = None) -> tuple[object, ...]:
    return (
        code.co_code,
        code.co_flags,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars),
        code.co_exceptiontable,
        [_constant(each) for each in _constants(code, documentation)],
    )


def _constants(code: CodeType, documentation: str | None) -> list[object]:
    """The constants of `code`, with None where its docstring stands."""
    constants = list(code.co_consts)
    if documentation is not None and constants and constants[0] == documentation:
        constants[0] = None
    return constants


def _constant(value: object) -> object:
    match value:
        case CodeType():
            return _form(value)
        case frozenset():
            return ("frozenset", sorted(repr(_constant(item)) for item in value))
        case tuple():
            return ("tuple", [_constant(item) for item in value])
        case _:
            return (type(value).__name__, repr(value))


def names_in_code(code: CodeType) -> Names:
    """What `code` speaks of, as far as bytecode tells; every attribute may then be one of its first argument."""
    free: set[Chain] = set()
    imports: set[Import] = set()
    for each in nested(code):
        chain: Chain = ()
        for instruction in dis.get_instructions(each):
            if chain and instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                chain = (*chain, str(instruction.argval))
                continue
            if chain:
                free.add(chain)
            chain = (str(instruction.argval),) if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") else ()
            if instruction.opname == "IMPORT_NAME":
                imports.add(Import(str(instruction.argval), 0, ()))
        if chain:
            free.add(chain)
    attributes = frozenset(name for each in nested(code) for name in each.co_names)
    above = attributes if ("super",) in free else frozenset()
    return Names(
        free=frozenset(free),
        own=attributes,
        above=above,
        attributes=attributes,
        sets=attributes | ({"*"} if ("setattr",) in free else set()),
        imports=frozenset(imports),
        keeps=True,
    )
