"""The code of a task as people and programs read it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from luigi.task_register import Register
from rich.text import Text
from rich.tree import Tree

from lawnix.cli.opened import console
from lawnix.errors import UsageError
from lawnix.settings import read_settings
from lawnix.task.code.tree import CodeTree, Reach, code_tree_of
from lawnix.task.command import family_of
from lawnix.task.derived import DerivedTask


def code_as_dict(name: str) -> dict[str, Any]:
    """The code of the task class that `name` means."""
    tree = _tree_of(name)
    return {
        "code": tree.code.digest,
        "reached": [_as_dict(each) for each in tree.reached],
        "libraries": list(tree.libraries),
        "reads": sorted(tree.code.reads),
        "warnings": list(tree.code.warnings),
    }


def print_code(name: str) -> None:
    """Print it as a tree."""
    tree = _tree_of(name)
    shown = Tree(Text.assemble((name, "bold"), f"  {tree.code.digest}"))
    _grow(shown, tree.reached)
    screen = console()
    screen.print(shown)
    if tree.libraries:
        screen.print(Text.assemble(("known by name and version: ", "cyan"), ", ".join(tree.libraries)))
    for warning in tree.code.warnings:
        screen.print(Text.assemble(("warning: ", "yellow"), warning))


def _tree_of(name: str) -> CodeTree:
    cls: Any = Register.get_task_cls(family_of(name))
    if not issubclass(cls, DerivedTask):
        raise UsageError(
            f"{name} is no lawnix task, so its code is not looked at; derive it from lawnix.Task"
        )
    settings = read_settings()
    return code_tree_of(cls, track=settings.track, unknown=settings.unknown, libraries=settings.libraries)


def _as_dict(reach: Reach) -> dict[str, Any]:
    return {
        "name": reach.name,
        "kind": reach.kind,
        "file": reach.file,
        "line": reach.line,
        "told_above": reach.is_told,
        "below": [_as_dict(each) for each in reach.below],
    }


def _grow(tree: Tree, reached: Sequence[Reach]) -> None:
    todo = [(tree, each) for each in reversed(reached)]
    while todo:
        above, reach = todo.pop()
        text = Text.assemble((reach.name, "bold" if reach.kind in ("function", "method") else ""))
        text.append(f"  {reach.kind}", "dim")
        if reach.file is not None:
            place = os.path.relpath(reach.file) if Path(reach.file).exists() else reach.file
            text.append(f"  {place}:{reach.line}" if reach.line else f"  {place}", "dim")
        if reach.is_told:
            text.append("  (see above)", "dim")
        node = above.add(text)
        todo += [(node, each) for each in reversed(reach.below)]
