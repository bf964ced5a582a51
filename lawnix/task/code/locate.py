"""Location: from a code object to the piece of source that it was compiled from."""

import ast
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Any, NamedTuple

from lawnix.task.code.files import Function, SourceFile, nested, source_file


class Located(NamedTuple):
    """A definition and the file that it stands in."""

    tree: Function
    source: SourceFile


def locate(code: CodeType, module: dict[str, Any] | None = None) -> Located | None:
    """Where `code` comes from, or None if that cannot be told, as for `exec`, or for a file that was edited since.

    Args:
        code: The code of a function.
        module: The globals of that function.
    """
    source = source_of_code(code, module)
    if source is None:
        return None
    found = source.definitions(code.co_firstlineno, code.co_name)
    if not found or (source.edited and not _is_rewritten(module) and not source.has(code)):
        return None
    tree = found[0] if len(found) == 1 else _one_of(found, code)
    return None if tree is None else Located(tree, source)


def source_of_code(code: CodeType, module: dict[str, Any] | None = None) -> SourceFile | None:
    """The file that `code` was compiled from, or None; arguments as of `locate`."""
    source = source_file(code.co_filename, module)
    if source is None and module is not None and isinstance(module.get("__file__"), str):
        source = source_file(module["__file__"], module)  # compiled elsewhere, or under a relative path
    return source


def is_alone(code: CodeType, source: SourceFile) -> bool:
    """Whether line and name tell where `code` comes from in a file that was parsed."""
    return len(source.definitions(code.co_firstlineno, code.co_name)) == 1


def _is_rewritten(module: Mapping[str, Any] | None) -> bool:
    """Whether pytest compiled the module from other than its source, so that the code of both cannot be compared."""
    return module is not None and "@pytest_ar" in module


def _one_of(candidates: Sequence[Function], code: CodeType) -> Function | None:
    """The one of several lambdas on a line that `code` is."""
    # the last instruction of a lambda stands where its body stands; positions may have been switched off (-X)
    positions = {position for position in code.co_positions() if None not in position}
    exact = [each for each in candidates if isinstance(each, ast.Lambda) and _span(each.body) in positions]
    if len(exact) == 1:
        return exact[0]
    alike = [each for each in exact or candidates if _vocabulary(each) == _code_vocabulary(code)]
    return alike[0] if alike else None


def _span(tree: ast.expr) -> tuple[int | None, ...]:
    return (tree.lineno, tree.end_lineno, tree.col_offset, tree.end_col_offset)


def _vocabulary(tree: ast.AST) -> set[str]:
    words: set[str] = set()
    for each in ast.walk(tree):
        match each:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
                words.add(word)
            case ast.Constant(value=value):
                words.add(repr(value))
    return words


def _code_vocabulary(code: CodeType) -> set[str]:
    words: set[str] = set()
    for each in nested(code):
        words.update(each.co_names, each.co_varnames, each.co_freevars, each.co_cellvars)
        words.update(
            repr(value) for value in each.co_consts if value is not None and not isinstance(value, CodeType)
        )
    return words
