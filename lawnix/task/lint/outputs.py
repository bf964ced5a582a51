"""Outputs: `output()` that changes something."""

import ast
from collections.abc import Iterator
from typing import Final

from lawnix.task.code.code import ends_of
from lawnix.task.lint.finding import Finding
from lawnix.task.lint.passages import Subject, passages_in
from lawnix.task.lint.reads import is_for_writing, is_network
from lawnix.task.lint.words import Words, calls_in, written

# of paths and targets, whatever these are called
_METHODS: Final = frozenset(
    {
        "dump",
        "hardlink_to",
        "mkdir",
        "rmdir",
        "symlink_to",
        "touch",
        "unlink",
        "write_bytes",
        "write_text",
    }
)
_WRITERS: Final = frozenset(
    {
        "os.chmod",
        "os.link",
        "os.makedirs",
        "os.mkdir",
        "os.popen",
        "os.remove",
        "os.removedirs",
        "os.rename",
        "os.replace",
        "os.rmdir",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.unlink",
        "os.utime",
        "tempfile.NamedTemporaryFile",
        "tempfile.TemporaryDirectory",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
    }
)


def output_side_effects(subject: Subject) -> Iterator[Finding]:
    """Calls in `output()`, and in what it calls, that write, start programs or use the network."""
    graph, _ = ends_of(subject.cls, track=subject.track, root="output")
    for passage in passages_in(graph):
        words = Words(passage.module, passage.tree, subject.cls)
        for call in calls_in(passage.tree):
            if _has_effect(call, words):
                name = passage.name.removeprefix(f"{passage.module}.")
                through = "" if name.endswith(".output") else f", through {name}()"
                what = f"output() of {subject.cls.__qualname__} calls {written(call)}{through}"
                yield Finding("output-side-effect", what, passage.file, call.lineno)


def _has_effect(call: ast.Call, words: Words) -> bool:
    name = words.name_of(call.func) or ""
    if name in _WRITERS or name.partition(".")[0] in ("shutil", "subprocess") or is_network(name):
        return True
    if is_for_writing(call, name):
        return True
    return not name and isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS
