"""Outputs: `output()` that changes something."""

import ast
import contextlib
import os
import traceback
from collections.abc import Iterator
from typing import Final

from lawnix.engine.observe.events import TAKERS
from lawnix.engine.observe.recording import Recorder, recorded
from lawnix.engine.observe.surroundings import Surroundings
from lawnix.task.branches import is_workflow
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


_EFFECTS: Final = {
    "address": "contacts {}",
    "made": "makes the directory {}",
    "program": "starts {}",
    "wrote": "writes {}",
}


class _RefusedError(BaseException):  # nobody's `except Exception` shall take it for an error of the disk
    """Raised by what would have changed something."""


class _Refusing(Recorder):
    """Lets nothing be changed."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(os.devnull)
        self._around = around

    def note(self, kind: str, name: str, by: str = "") -> None:
        """Refuse it, unless it changes nothing.

        Raises:
            _RefusedError: It would.
        """
        if kind in ("address", "program") or (kind in ("made", "wrote") and not self._around.owns(name)):
            raise _RefusedError(_EFFECTS[kind].format(name))


def output_side_effects(subject: Subject) -> Iterator[Finding]:
    """What `output()` changes, by what stands in it and what it calls, and by what it tries to do."""
    told: set[tuple[str, int]] = set()
    for finding in _written_effects(subject):
        told.add((finding.file, finding.line))
        yield finding
    tried = _tried_effect(subject)
    if tried is not None and (tried.file, tried.line) not in told:
        yield tried


def _tried_effect(subject: Subject) -> Finding | None:
    """The first thing that `output()` tries to change; nothing if no task can be made without knowing more."""
    around = Surroundings(None)
    with contextlib.suppress(Exception):  # parameters without defaults, or whatever the author's code raises
        task = subject.cls()
        if not is_workflow(task):
            try:
                with recorded(_Refusing(around), TAKERS):
                    task.output()
            except _RefusedError as error:
                frames = traceback.extract_tb(error.__traceback__)
                theirs = [each for each in frames if not around.owns_code(each.filename)]
                file, line = (theirs[-1].filename, theirs[-1].lineno or 0) if theirs else subject.place()
                return Finding(
                    "output-side-effect", f"output() of {subject.cls.__qualname__} {error}", file, line
                )
    return None


def _written_effects(subject: Subject) -> Iterator[Finding]:
    """Calls in `output()`, and in what it calls, that write, start programs or use the network."""
    for passage in passages_in(subject.graph_of("output")):
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
