"""Texts: the paths and addresses that stand in the code, as far as they can be told without running it."""

import ast
import os
import sys
from pathlib import Path
from typing import Any, Final

from lawnix.task.code.modules import module_path
from lawnix.task.code.tracked import TrackedFile
from lawnix.task.code.untracked import is_untracked
from lawnix.task.lint.words import Words

OPEN: Final = "…"  # ends a text of which only the beginning is known
_SAME: Final = frozenset(
    {
        "os.fspath",
        "os.path.abspath",
        "os.path.expanduser",
        "os.path.expandvars",
        "os.path.realpath",
        "pathlib.Path",
        "str",
    }
)
_SAME_METHODS: Final = frozenset({"absolute", "expanduser", "resolve"})


def text_of(tree: ast.expr, words: Words) -> str | None:
    """The text that an expression is, or begins with; None if it is not known, or its content counts already."""
    match tree:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return f"{text}{OPEN}"
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([left, right], words, os.sep)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([left, right], words, "")
        case ast.Attribute(attr="parent", value=below):
            return _folder(text_of(below, words))
        case ast.Call():
            return _called(tree, words)
        case ast.Name(id="__file__"):
            return module_path(words.module)
        case ast.Name(id=name) if not words.binds(name):
            return _value(getattr(sys.modules.get(words.module), name, None))
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if words.cls is not None:
            return _value(next((vars(base)[name] for base in words.cls.__mro__ if name in vars(base)), None))
    return None


def is_path(tree: ast.expr, words: Words) -> bool:
    """Whether an expression is a path of pathlib's that is made from what stands in the code."""
    match tree:
        case ast.BinOp(left=below, op=ast.Div()) | ast.Attribute(value=below, attr="parent"):
            return is_path(below, words)
        case ast.Call(func=ast.Attribute(value=below, attr=method)) if method in _SAME_METHODS:
            return is_path(below, words)
        case ast.Call(func=function):
            return words.name_of(function) == "pathlib.Path"
        case ast.Name(id=name) if not words.binds(name):
            return isinstance(getattr(sys.modules.get(words.module), name, None), Path)
    return False


def _called(call: ast.Call, words: Words) -> str | None:
    name = words.name_of(call.func)
    if name in _SAME and call.args:
        return text_of(call.args[0], words) if len(call.args) == 1 else _joined(call.args, words, os.sep)
    if name == "os.path.dirname" and call.args:
        return _folder(text_of(call.args[0], words))
    if name == "os.path.join" and call.args:
        return _joined(call.args, words, os.sep)
    if isinstance(call.func, ast.Attribute) and call.func.attr in _SAME_METHODS:
        return text_of(call.func.value, words)
    return None


def _folder(text: str | None) -> str | None:
    return None if text is None else os.path.dirname(text)


def _joined(trees: list[ast.expr], words: Words, separator: str) -> str | None:
    """The texts one after the other, up to the first that is not known."""
    first = text_of(trees[0], words)
    if first is None:
        return None
    texts = [first]
    for tree in trees[1:]:
        text = text_of(tree, words)
        if texts[-1].endswith(OPEN):
            break
        texts.append(OPEN if text is None else text)
    return separator.join(texts)


def _value(value: Any) -> str | None:
    """The path that a value is, unless its content counts already."""
    if isinstance(value, TrackedFile) or is_untracked(value):
        return None
    return str(value) if isinstance(value, str | Path) else None
