"""Recording: what a process opens, lists, starts, contacts and asks of its environment.

Python tells an audit hook of it. A hook cannot be taken away again, so there is one for the process, which does nothing
while nobody records. `os.environ` tells nobody; the dictionary below it is replaced by one that does.

This file stands on the standard library alone: Python children load it by its path, whatever else they have.
"""

from __future__ import annotations  # a child may be an older Python

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.util import source_from_cache
from typing import Any, Final, NamedTuple

FILE_VARIABLE: Final = "LAWNIX_OBSERVED"  # tells children where they write what they see

# law's and luigi's questions are no affair of a build; nor are ours
_TOOLS: Final = frozenset({"law", "luigi", "lawnix", __name__})
# who asks through these is somebody else
_THROUGH: Final = frozenset(
    {"collections.abc", "genericpath", "ntpath", "os", "posixpath", "string", __name__}
)
# these look through sys.path, too
_IMPORTING: Final = ("/importlib/metadata/", "/importlib_metadata/", "/pkg_resources/", "/pkgutil.py")
_WRITES: Final = os.O_WRONLY | os.O_RDWR


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


_recorders: Final[list[Recorder]] = []  # the innermost build is the one that counts
_installed: Final[list[bool]] = []


@contextlib.contextmanager
def recorded(recorder: Recorder) -> Iterator[None]:
    """Within, `recorder` takes down what happens."""
    install()
    _recorders.append(recorder)
    try:
        yield
    finally:
        _recorders.pop()


def watch_child() -> None:
    """Record what this process does, for the build that started it."""
    file = os.environ.get(FILE_VARIABLE)
    if file is not None:
        recorder = Recorder(file, is_child=True)
        recorder.note(
            "python", os.path.realpath(sys.executable), os.pathsep.join([sys.prefix, sys.base_prefix])
        )
        install()
        _recorders.append(recorder)


def current() -> Recorder | None:
    """Who records in this process now."""
    return _recorders[-1] if _recorders else None


def install() -> None:
    """Hear of what happens; once in each process."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
        variables: Any = os.environ
        variables._data = os.environb._data = _Variables(variables._data)  # type: ignore[attr-defined]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _recorders:
        return
    take = _TAKERS.get(event)
    if take is None:
        return
    recorder = _recorders[-1]
    if threading.get_ident() in recorder.strangers:
        return
    with contextlib.suppress(Exception):  # what is raised here would be raised by what is watched
        take(recorder, arguments)


# --------------------------------------------------------------------------------------- files


def note_path(recorder: Recorder, kind: str, path: Any) -> None:
    """Take down a path, as it is seen from the root."""
    if not isinstance(path, int):  # a file that is open already
        recorder.note(kind, os.path.abspath(os.fsdecode(path)))


def _opened(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    path, _, flags = arguments
    kind = "wrote" if isinstance(flags, int) and flags & _WRITES else "read"
    if _is_import():
        if not recorder.is_child or kind == "wrote" or isinstance(path, int):
            return  # what is imported here is known to the digest of the code
        path = os.fsdecode(path)
        path = source_from_cache(path) if path.endswith(".pyc") else path
    note_path(recorder, kind, path)


def _listed(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if not _is_import():
        folder = arguments[0]
        note_path(recorder, "listed", "." if folder is None else folder)


def _globbed(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    pattern, _, folder, *_ = arguments
    note_path(recorder, "listed", os.path.join(os.fsdecode(folder) if folder else "", os.fsdecode(pattern)))


def _globbed_path(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    note_path(recorder, "listed", os.path.join(*map(os.fspath, arguments)))


def _changed(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if not _is_import():
        path, *_, folder = arguments
        note_path(recorder, "wrote", _below(folder, path))


def _made(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if not _is_import():
        path, _, folder = arguments
        note_path(recorder, "made", _below(folder, path))


def _moved(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if not _is_import():
        _, path, *_, folder = arguments
        note_path(recorder, "wrote", _below(folder, path))


def _truncated(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    note_path(recorder, "wrote", arguments[0])


def _below(folder: int, path: Any) -> Any:
    """`path` as seen from a directory that is open, if there is one."""
    return path if folder < 0 else os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))


def _connected_to_file(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    name = os.fsdecode(arguments[0])
    if name not in ("", ":memory:"):
        note_path(recorder, "read", name.partition("?")[0][5:] if name.startswith("file:") else name)


def _loaded(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if arguments[0] and os.sep in os.fsdecode(arguments[0]):
        note_path(recorder, "read", arguments[0])


def _is_import() -> bool:
    """Whether it is Python's import system that does it."""
    try:
        name = sys._getframe(3).f_code.co_filename  # beyond who takes it down, and the hook
    except ValueError:  # no Python at all, as where the interpreter starts
        return False
    return name.startswith("<frozen importlib") or any(each in name for each in _IMPORTING)


# -------------------------------------------------------------------------- programs and addresses


def _started(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    program, words, folder, *_ = arguments
    if program is None:
        program = words if isinstance(words, (str, bytes)) else words[0]
    name = os.fsdecode(program)
    if os.sep in name:
        name = os.path.abspath(os.path.join(os.fsdecode(folder) if folder else "", name))
    recorder.note("program", name)


def _replaced(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    _started(recorder, (arguments[0], None, None))


def _shell(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    recorder.note("program", "/bin/sh")


def _contacted(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    address = arguments[1]
    if isinstance(address, tuple):  # else of this machine
        _address(recorder, address)


def _address(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    host, port, *_ = arguments
    if host:
        recorder.note(
            "address", f"{os.fsdecode(host)}:{os.fsdecode(port) if isinstance(port, bytes) else port}"
        )


def _requested(recorder: Recorder, arguments: tuple[Any, ...]) -> None:
    if not arguments[0].startswith(("file:", "data:")):
        recorder.note("address", arguments[0])


_TAKERS: Final[dict[str, Callable[[Recorder, tuple[Any, ...]], None]]] = {
    "cpython.run_file": lambda recorder, arguments: note_path(recorder, "read", arguments[0]),
    "ctypes.dlopen": _loaded,
    "glob.glob/2": _globbed,
    "open": _opened,
    "os.exec": _replaced,
    "os.link": _moved,
    "os.listdir": _listed,
    "os.mkdir": _made,
    "os.posix_spawn": _replaced,
    "os.remove": _changed,
    "os.rename": _moved,
    "os.rmdir": _changed,
    "os.scandir": _listed,
    "os.spawn": lambda recorder, arguments: _replaced(recorder, arguments[1:]),
    "os.symlink": _moved,
    "os.system": _shell,
    "os.truncate": _truncated,
    "pathlib.Path.glob": _globbed_path,
    "pathlib.Path.rglob": lambda recorder, arguments: _globbed_path(
        recorder, (arguments[0], "**", arguments[1])
    ),
    "pty.spawn": lambda recorder, arguments: _started(recorder, (None, arguments[0], None)),
    "socket.connect": _contacted,
    "socket.getaddrinfo": _address,
    "socket.sendmsg": _contacted,
    "socket.sendto": _contacted,
    "sqlite3.connect": _connected_to_file,
    "subprocess.Popen": _started,
    "urllib.Request": _requested,
}


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
