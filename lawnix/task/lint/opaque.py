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
    found = []
    for each in ast.walk(passage.tree):
        if isinstance(each, ast.Call) and (name := words.name_of(each.func)):
            is_written_out = len(each.args) > 1 and isinstance(each.args[1], ast.Constant)
            if name in _ALL or (name in _LOOKING and not is_written_out):
                found.append((each.lineno, written(each)))
        elif isinstance(each, ast.Attribute) and each.attr == "__dict__":
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
