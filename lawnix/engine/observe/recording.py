"""Recording: what a process opens, lists, starts, contacts and asks of its environment.

Python tells an audit hook of it. A hook cannot be taken away again, so there is one for the process, which does nothing
while nobody records. `os.environ` tells nobody; the dictionary below it is replaced by one that does.

This file and `events.py` stand on the standard library alone: Python children load them by their paths, whatever else
they have.
"""

from __future__ import annotations  # a child may be an older Python

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

FILE_VARIABLE: Final = "LAWNIX_OBSERVED"  # tells children where they write what they see

# law's and luigi's questions are no affair of a build; nor are ours
_TOOLS: Final = frozenset({"law", "luigi", "lawnix", __name__})
# who asks through these is somebody else
_THROUGH: Final = frozenset(
    {"collections.abc", "genericpath", "ntpath", "os", "posixpath", "string", __name__}
)


class Seen(NamedTuple):
    """Something that happened.

    Attributes:
        kind: read, listed, wrote, made (a directory), variable, address, program or python (a child that is watched).
        name: A path, a pattern, a variable, a host or URL.
        by: The file of the code that asked, for variables; the prefixes of the interpreter, for python.
    """

    kind: str
    name: str
    by: str = ""


class Recorder:
    """Takes down what happens in this process, and in those that it starts.

    Attributes:
        seen: What happened here.
        file: Where other processes write what happens there, a line of JSON each.
        is_child: Whether this process was started by a build, so that nobody has digested what it imports.
        strangers: Threads that are no build's.
    """

    def __init__(self, file: str, *, is_child: bool = False) -> None:
        self.seen: set[Seen] = set()
        self.file = file
        self.is_child = is_child
        self._pid = -1 if is_child else os.getpid()
        self.strangers = frozenset(
            each.ident for each in threading.enumerate() if type(each).__module__.partition(".")[0] in _TOOLS
        )
        self.passing: Iterator[object] = iter(())  # over keys of the environment
        self.next_key: object = None

    def note(self, kind: str, name: str, by: str = "") -> None:
        """Take down one thing, once."""
        seen = Seen(kind, name, by)
        if seen in self.seen:
            return
        self.seen.add(seen)  # first: telling of it opens a file
        if os.getpid() != self._pid:
            with contextlib.suppress(OSError):  # the build is over, and its directory is gone
                self._tell(seen)

    def _tell(self, seen: Seen) -> None:
        descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, json.dumps(seen).encode() + b"\n")
        finally:
            os.close(descriptor)

    def all(self) -> set[Seen]:
        """What happened here and in other processes."""
        found = set(self.seen)
        with contextlib.suppress(FileNotFoundError), open(self.file, encoding="utf-8") as lines:
            for line in lines:
                with contextlib.suppress(ValueError, TypeError):  # torn
                    found.add(Seen(*json.loads(line)))
        return found


Taker = Callable[[Recorder, tuple[Any, ...]], None]

_recorders: Final[list[Recorder]] = []  # the innermost build is the one that counts
_takers: Final[dict[str, Taker]] = {}


@contextlib.contextmanager
def recorded(recorder: Recorder, takers: Mapping[str, Taker]) -> Iterator[None]:
    """Within, `recorder` takes down what happens; `takers` say what each event tells."""
    _install(takers)
    _recorders.append(recorder)
    try:
        yield
    finally:
        _recorders.pop()


@contextlib.contextmanager
def elsewhere() -> Iterator[Recorder | None]:
    """Within, the build goes on in another process, and what happens here is not its doing.

    Who has recorded so far comes out, so that it can be told what is seen there; None if nobody records.
    """
    recorder = _recorders.pop() if _recorders else None
    try:
        yield recorder
    finally:
        if recorder is not None:
            _recorders.append(recorder)


def watch_child(takers: Mapping[str, Taker]) -> None:
    """Record what this process does, for the build that started it."""
    file = os.environ.get(FILE_VARIABLE)
    if file is not None:
        recorder = Recorder(file, is_child=True)
        recorder.note(
            "python", os.path.realpath(sys.executable), os.pathsep.join([sys.prefix, sys.base_prefix])
        )
        _install(takers)
        _recorders.append(recorder)


def current() -> Recorder | None:
    """Who records in this process now."""
    return _recorders[-1] if _recorders else None


def _install(takers: Mapping[str, Taker]) -> None:
    """Hear of what happens; once in each process."""
    if not _takers:
        _takers.update(takers)
        sys.addaudithook(_hook)
        variables: Any = os.environ
        variables._data = os.environb._data = _Variables(variables._data)  # type: ignore[attr-defined]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _recorders:
        return
    take = _takers.get(event)
    if take is None:
        return
    recorder = _recorders[-1]
    if threading.get_ident() in recorder.strangers:
        return
    with contextlib.suppress(Exception):  # what is raised here would be raised by what is watched
        take(recorder, arguments)


# ------------------------------------------------------------------------------------- variables


class _Variables(dict[Any, Any]):
    """The dictionary below `os.environ`, which tells who asked for what.

    Who goes through all of them, mostly to hand them to a child, has not asked for each: what is asked for in the order
    of such a passage is not taken down.
    """

    def __getitem__(self, key: Any) -> Any:
        if _recorders:
            recorder = _recorders[-1]
            if key == recorder.next_key:
                recorder.next_key = next(recorder.passing, None)
            else:
                with contextlib.suppress(Exception):
                    _asked(recorder, key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[Any]:
        if _recorders:
            recorder = _recorders[-1]
            recorder.passing = iter(list(super().__iter__()))
            recorder.next_key = next(recorder.passing, None)
        return super().__iter__()


def _asked(recorder: Recorder, key: Any) -> None:
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in _THROUGH:
        frame = frame.f_back
    module = str(frame.f_globals.get("__name__", ""))
    if module.partition(".")[0] not in _TOOLS and threading.get_ident() not in recorder.strangers:
        recorder.note("variable", os.fsdecode(key), frame.f_code.co_filename)
