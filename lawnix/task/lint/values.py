"""Values of modules: without canonical form, or another in each process."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lawnix.task.code.code import Code
from lawnix.task.code.parts import Part
from lawnix.task.lint.chance import chance_in
from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Subject, assignments, line_of
from lawnix.task.lint.words import Words, written

_PATIENCE: Final = 300.0  # s, for a process that imports the tasks once more


def unknown_values(subject: Subject) -> Iterator[Finding]:
    """Values that count by their type alone."""
    for part in subject.values():
        if part.kind == "unknown":
            file, line = _place(part, subject)
            yield Finding("unknown-value", part.warning or f"{part.name} is known by its type", file, line)


def unsettled_values(subject: Subject, unequal: Sequence[str]) -> Iterator[Finding]:
    """Values that a clock or chance has made, by what is written, and those whose digests were `unequal`."""
    told: set[tuple[str, int]] = set()
    for part in subject.values():
        for module, file, statement in assignments(part, subject.cls):
            value = getattr(statement, "value", None)
            if not isinstance(value, ast.expr):
                continue
            for call in chance_in(value, Words(module, statement), clocks=True):
                told.add((file, line_of(statement)))
                yield Finding(
                    "unsettled-value", f"{part.name} is made by {written(call)}", file, line_of(statement)
                )
    for part in subject.graph.parts.values():
        if part.name in unequal:
            file, line = _place(part, subject)
            if (file, line) not in told:
                yield Finding(
                    "unsettled-value", f"{part.name} has another digest in another process", file, line
                )


def _place(part: Part, subject: Subject) -> tuple[str, int]:
    """Where a value comes from, or else what reaches it."""
    found = assignments(part, subject.cls)
    if found:
        _, file, statement = found[0]
        return file, line_of(statement)
    if part.file is not None:
        return part.file, part.line or 0
    for passage in subject.passages:
        if any(subject.graph.add(subject.graph.end(lead)) is part for lead in passage.part.leads):
            return passage.file, line_of(passage.tree)
    return subject.place()


# ------------------------------------------------------------------------------- in another process


def unequal_values(subjects: Sequence[Subject]) -> Mapping[str, Sequence[str]]:
    """Names of what has another digest in a fresh process, by the place of the task class in its module.

    Classes that cannot be imported there, as those of a notebook, are left out.
    """
    known = {_name(subject.cls): subject for subject in subjects if subject.cls.__module__ != "__main__"}
    if not known:
        return {}
    asked = {
        "path": sys.path,
        "classes": [[subject.cls.__module__, subject.cls.__qualname__] for subject in known.values()],
        "track": subjects[0].settings.track,
        "unknown": subjects[0].settings.unknown,
    }
    done = subprocess.run(
        [sys.executable, "-c", "from lawnix.task.lint.again import main; main()"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
        env={
            **os.environ,
            "PYTHONHASHSEED": "random",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
    )
    if done.returncode:
        return {}
    there: dict[str, dict[str, str]] = json.loads(done.stdout.rpartition("\n")[2])
    return {
        name: [
            component
            for component, digest in values_in(subject.code).items()
            if there[name].get(component, digest) != digest
        ]
        for name, subject in known.items()
        if name in there
    }


def values_in(code: Code) -> dict[str, str]:
    """The digests of the values among what code consists of."""
    return {each.name: str(each.digest) for each in code.components if each.kind == "value"}


def _name(cls: Any) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"
