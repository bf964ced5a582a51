"""Opaque code: what cannot be followed, and what is not looked at."""

import ast
from collections.abc import Iterator
from typing import Final

from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Passage, Subject, own_value
from lawnix.task.lint.words import Words, written

_LOOKING: Final = frozenset({"delattr", "getattr", "hasattr", "vars"})
_ALL: Final = frozenset({"eval", "exec", "globals"})


def opaque_code(subject: Subject) -> Iterator[Finding]:
    """`getattr()` of the task with a computed name, `vars(self)`, `exec`, `eval`, `globals()`."""
    owners = {f"{base.__module__}.{base.__qualname__}." for base in subject.cls.__mro__}
    for passage in subject.passages:
        names = passage.part.names
        is_method = passage.name[: passage.name.rfind(".") + 1] in owners
        if names is None or not (names.opaque_module or (names.opaque_self and is_method)):
            continue
        reader = f"{passage.name.removeprefix(f'{passage.module}.')}()"
        counts = "its whole module" if names.opaque_module else f"all of {subject.cls.__qualname__}"
        for line, text in _looks(passage):
            yield Finding("opaque-code", f"{reader} calls {text}, so {counts} counts", passage.file, line)


def _looks(passage: Passage) -> Iterator[tuple[int, str]]:
    """The places where something is looked at in such a way; the definition itself if none can be told."""
    words = Words(passage.module, passage.tree)
    arguments = (
        passage.tree.args.args if isinstance(passage.tree, ast.FunctionDef | ast.AsyncFunctionDef) else []
    )
    task = arguments[0].arg if arguments else None
    found = []
    for each in ast.walk(passage.tree):
        match each:
            case ast.Call(func=function) if words.name_of(function) in _ALL:
                found.append((each.lineno, written(each)))
            case ast.Call(func=function, args=[ast.Name(id=name), *rest]) if name == task:
                is_written_out = bool(rest) and isinstance(rest[0], ast.Constant)
                if words.name_of(function) in _LOOKING and not is_written_out:
                    found.append((each.lineno, written(each)))
            case ast.Attribute(value=ast.Name(id=name), attr="__dict__") if name == task:
                found.append((each.lineno, written(each)))
    yield from found or [(getattr(passage.tree, "lineno", 0), "what cannot be followed")]


def unread_code(subject: Subject) -> Iterator[Finding]:
    """Functions and files that count and cannot be read."""
    for part in subject.graph.parts.values():
        if part.warning and part.kind in ("function", "missing"):
            is_code = part.kind == "function" and part.file is not None
            file, line = (part.file or "", part.line or 0) if is_code else subject.place()
            yield Finding("unread-code", part.warning, file, line)


def uncounted_code(subject: Subject) -> Iterator[Finding]:
    """`track_code = False`."""
    if own_value(subject.cls, "track_code") is False:
        file, line = subject.place()
        what = f"{subject.cls.__qualname__} says track_code = False: an edit of its run() runs nothing"
        yield Finding("uncounted-code", what, file, line)
