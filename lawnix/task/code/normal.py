"""The normal form: one byte string for a piece of source, whatever its layout, comments, docstrings and annotations.

It is written here, not by `ast.dump`, so that all versions of Python write the same bytes. Needs the standard library
only, so that this can be tried on every Python there is.
"""

import ast
import functools
from collections.abc import Iterator, Sequence
from typing import Any, Final

# what an interpreter does not act on, or what can be told from where a thing stands
_SILENT: Final = frozenset({"ctx", "kind", "returns", "type_comment", "type_ignores", "type_params"})

_Piece = ast.AST | bytes


def normal_form(tree: ast.AST, *, as_object: bool = True) -> bytes:
    """The normal form of `tree`.

    Args:
        tree: A module, a statement or an expression.
        as_object: Whether `tree` defines a function that is known as an object: then its decorators and defaults act
            through that object, and its own name does not matter. Otherwise all three stay.
    """
    form: list[bytes] = []
    bare = {id(tree)} if as_object else set()
    annotated: set[int] = set()  # declarations whose annotation is data
    pieces: list[_Piece] = [tree]
    while pieces:  # no recursion: a sum of a thousand terms is a tree a thousand deep
        piece = pieces.pop()
        if isinstance(piece, bytes):
            form.append(piece)
        else:
            pieces.extend(reversed(list(_pieces(piece, bare, annotated))))
    return b"".join(form)


def _pieces(tree: ast.AST, bare: set[int], annotated: set[int]) -> Iterator[_Piece]:
    """What the form of `tree` consists of: its name, then its fields in the order of their names."""
    match tree:
        case ast.Constant():
            yield b"=" + _constant(tree.value)
            return
        case ast.JoinedStr():
            yield from _joined(tree)
            return
        case ast.AnnAssign() if id(tree) not in annotated:
            yield from _open("Assign", targets=[tree.target], value=tree.value)
        case ast.AnnAssign():
            yield from _open("AnnAssign", annotation=tree.annotation, target=tree.target, value=tree.value)
        case ast.arg():
            yield from _open("arg", arg=tree.arg)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if id(tree) in bare:
            body = _statements(tree.body) if isinstance(tree.body, list) else tree.body
            bare.add(id(tree.args))
            yield from _open(type(tree).__name__, args=tree.args, body=body)
        case ast.arguments() if id(tree) in bare:
            yield from _open(
                "arguments",
                args=tree.args,
                kwarg=tree.kwarg,
                kwonlyargs=tree.kwonlyargs,
                posonlyargs=tree.posonlyargs,
                vararg=tree.vararg,
            )
        case ast.ClassDef():
            if (
                tree.decorator_list or tree.bases or tree.keywords
            ):  # may be a dataclass, a NamedTuple, a model
                annotated.update(id(each) for each in tree.body if isinstance(each, ast.AnnAssign))
            yield from _fields(tree, annotated)
        case ast.Delete(targets=[ast.Tuple(elts=targets)]):  # `del (a, b)` is `del a, b`
            yield from _open("Delete", targets=targets)
        case _:
            yield from _fields(tree, annotated)
    yield b")"


def _fields(tree: ast.AST, annotated: set[int]) -> Iterator[_Piece]:
    yield from _open(
        type(tree).__name__,
        **{
            name: _statements(value, annotated) if name in _BODIES and isinstance(value, list) else value
            for name, value in ((name, getattr(tree, name, None)) for name in _field_names(type(tree)))
        },
    )


_BODIES: Final = frozenset({"body", "orelse", "finalbody"})


@functools.cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(sorted(set(kind._fields) - _SILENT))


def _statements(body: Sequence[ast.stmt], annotated: set[int] | None = None) -> list[ast.stmt]:
    """`body` without what does nothing: docstrings and other bare constants, `pass`, declarations of a local's type."""
    return [each for each in body if not _is_idle(each, annotated or set())]


def _is_idle(statement: ast.stmt, annotated: set[int]) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.AnnAssign(value=None):
            return id(statement) not in annotated
        case _:
            return False


def _open(name: str, /, **fields: object) -> Iterator[_Piece]:
    """The beginning of a tree's form and its fields, of which None and [] say nothing."""
    yield b"(" + name.encode()
    for field, value in fields.items():
        if value is None or value == []:
            continue
        yield b"." + field.encode()
        if isinstance(value, list):
            yield b"[%d" % len(value)
            for item in value:
                yield item if isinstance(item, ast.AST) else _constant(item)
        else:
            yield value if isinstance(value, ast.AST) else _constant(value)


def _joined(tree: ast.JoinedStr) -> Iterator[_Piece]:
    """An f-string, whose parts differ over the versions of Python; one without values is a plain string."""
    parts: list[ast.expr | str] = []
    for part in tree.values:
        if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
            parts.append(part)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += part.value
        elif part.value:
            parts.append(part.value)
    if all(isinstance(part, str) for part in parts):
        yield b"=" + _constant("".join(map(str, parts)))
        return
    yield b"(JoinedStr[%d" % len(parts)
    for each in parts:
        yield b"=" + _constant(each) if isinstance(each, str) else each
    yield b")"


def _constant(value: object) -> bytes:
    """A constant with its type, in a form that ends where its length says (`repr` of a str differs over versions)."""
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes):
        raw = value
    elif type(value) is int:
        raw = hex(value).encode()  # decimal digits are limited, and slow
    else:
        raw = repr(value).encode()
    return b"%b%d:%b" % (type(value).__name__.encode(), len(raw), raw)
