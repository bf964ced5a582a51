"""Parameters that no identity knows, and that are read."""

import ast
from collections.abc import Iterator

from lawnix.task.identity import deciding
from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Subject

_TOOLS = ("law", "luigi", "lawnix")


def unidentified_parameters(subject: Subject) -> Iterator[Finding]:
    """Reads of parameters that are insignificant, or excluded from the identity."""
    cls = subject.cls
    decides = deciding(cls)
    for name, parameter in cls.get_params():
        owner = next(base for base in cls.__mro__ if name in vars(base))
        if name in decides or owner.__module__.partition(".")[0] in _TOOLS:
            continue
        why = "insignificant" if not parameter.significant else "in exclude_params_identity"
        for file, line, reader in _reads(subject, name):
            yield Finding(
                "unidentified-parameter", f"{reader} reads the parameter {name}, which is {why}", file, line
            )


def _reads(subject: Subject, name: str) -> Iterator[tuple[str, int, str]]:
    """Where an attribute of the task is read."""
    owners = {f"{base.__module__}.{base.__qualname__}." for base in subject.cls.__mro__}
    for passage in subject.passages:
        tree = passage.tree
        if passage.name[: passage.name.rfind(".") + 1] not in owners or not isinstance(
            tree, ast.FunctionDef | ast.AsyncFunctionDef
        ):
            continue
        for each in ast.walk(tree):
            if isinstance(each, ast.Attribute) and each.attr == name and isinstance(each.ctx, ast.Load):
                reader = passage.name.removeprefix(f"{passage.module}.")
                yield passage.file, each.lineno, f"{reader}()"
                break
