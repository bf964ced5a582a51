"""The normal form: one byte string for a piece of source, whatever its layout, comments, docstrings and annotations.

It is written here, not by `ast.dump`, so that all versions of Python write the same bytes. Needs the standard library
only, so that this can be tried on every Python there is.
"""

import ast
from collections.abc import Callable, Iterable
from typing import Any, Final

# what an interpreter does not act on, or what can be told from where a thing stands
_SILENT: Final = frozenset({"ctx", "kind", "returns", "type_comment", "type_ignores", "type_params"})
_BODIES: Final = frozenset({"body", "finalbody", "orelse"})

_Pieces = list[ast.AST | bytes]


def normal_form(tree: ast.AST, *, as_object: bool = True) -> bytes:
    """The normal form of `tree`.

    Args:
        tree: A module, a statement or an expression.
        as_object: Whether `tree` defines a function that is known as an object: then its decorators and defaults act
            through that object, and its own name does not matter. Otherwise all three stay.
    """
    form: list[bytes] = []
    annotated: set[int] = set()  # declarations whose annotation is data
    if as_object and isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        pieces = _bare_function(tree)
    else:
        pieces = [tree]
    pieces.reverse()
    while pieces:  # no recursion: a sum of a thousand terms is a tree a thousand deep
        piece = pieces.pop()
        if isinstance(piece, bytes):
            form.append(piece)
            continue
        special = _SPECIAL.get(type(piece))
        inner = special(piece, annotated) if special is not None else _fields(piece, annotated)
        inner.reverse()
        pieces += inner
    return b"".join(form)


# a field's name, that name as it is written, and whether it is a body of statements
_known_fields: Final[dict[type, tuple[tuple[str, bytes, bool], ...]]] = {}


def _fields(tree: ast.AST, annotated: set[int], only: Iterable[str] | None = None) -> _Pieces:
    """The name of a tree, then its fields in the order of their names."""
    kind = type(tree)
    fields = _known_fields.get(kind)
    if fields is None:
        names = sorted(set(kind._fields) - _SILENT)
        fields = _known_fields[kind] = tuple((name, b"." + name.encode(), name in _BODIES) for name in names)
    pieces: _Pieces = [b"(" + kind.__name__.encode()]
    for name, written, is_body in fields:
        if only is None or name in only:
            value = getattr(tree, name, None)
            if is_body and isinstance(value, list):
                value = [each for each in value if not _is_idle(each, annotated)]
            _field(written, value, pieces)
    pieces.append(b")")
    return pieces


def _field(written: bytes, value: object, pieces: _Pieces) -> None:
    """Add one field to `pieces`; None and [] say nothing."""
    if value is None or value == []:
        return
    pieces.append(written)
    if isinstance(value, list):
        pieces.append(b"[%d" % len(value))
        pieces += [item if isinstance(item, ast.AST) else _constant(item) for item in value]
    else:
        pieces.append(value if isinstance(value, ast.AST) else _constant(value))


def _is_idle(statement: ast.AST, annotated: set[int]) -> bool:
    """Whether a statement does nothing: a docstring or another bare constant, `pass`, the type of a local."""
    kind = type(statement)
    if kind is ast.Expr:
        return type(statement.value) is ast.Constant  # type: ignore[attr-defined]  # see kind
    return kind is ast.Pass or (
        kind is ast.AnnAssign and statement.value is None and id(statement) not in annotated  # type: ignore[attr-defined]  # see kind
    )


def _bare_function(tree: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Pieces:
    """A function without its name, decorators and defaults."""
    arguments = _fields(tree.args, set(), ("args", "kwarg", "kwonlyargs", "posonlyargs", "vararg"))
    body = _fields(tree, set(), ("body",))
    return [b"(as object " + type(tree).__name__.encode(), *arguments, *body, b")"]


def _name(tree: ast.Name, annotated: set[int]) -> _Pieces:
    return [b"(Name.id%b)" % _constant(tree.id)]


def _argument(tree: ast.arg, annotated: set[int]) -> _Pieces:
    return [b"(arg.arg%b)" % _constant(tree.arg)]


def _written_constant(tree: ast.Constant, annotated: set[int]) -> _Pieces:
    return [b"=" + _constant(tree.value)]


def _class(tree: ast.ClassDef, annotated: set[int]) -> _Pieces:
    if tree.decorator_list or tree.bases or tree.keywords:  # may be a dataclass, a NamedTuple, a model
        annotated.update(id(each) for each in tree.body if isinstance(each, ast.AnnAssign))
    return _fields(tree, annotated)


def _declaration(tree: ast.AnnAssign, annotated: set[int]) -> _Pieces:
    if id(tree) in annotated:
        return _fields(tree, annotated, ("annotation", "target", "value"))
    return _fields(ast.Assign(targets=[tree.target], value=tree.value), annotated)  # type: ignore[arg-type]  # only its fields are read


def _deletion(tree: ast.Delete, annotated: set[int]) -> _Pieces:
    match tree.targets:
        case [ast.Tuple(elts=targets)]:  # `del (a, b)` is `del a, b`
            return _fields(ast.Delete(targets=targets), annotated)
        case _:
            return _fields(tree, annotated)


def _joined(tree: ast.JoinedStr, annotated: set[int]) -> _Pieces:
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
        return [b"=" + _constant("".join(map(str, parts)))]
    pieces: _Pieces = [b"(JoinedStr[%d" % len(parts)]
    pieces += [b"=" + _constant(each) if isinstance(each, str) else each for each in parts]
    pieces.append(b")")
    return pieces


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


_SPECIAL: Final[dict[type, Callable[[Any, set[int]], _Pieces]]] = {
    ast.AnnAssign: _declaration,
    ast.ClassDef: _class,
    ast.Constant: _written_constant,
    ast.Delete: _deletion,
    ast.JoinedStr: _joined,
    ast.Name: _name,
    ast.arg: _argument,
}
