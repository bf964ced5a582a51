"""Events: what Python's audit events tell, in kinds and names.

Stands on the standard library alone, as `recording.py` does.
"""

from __future__ import annotations  # a child may be an older Python

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.util import source_from_cache
from typing import Any, Final, Protocol

_IMPORTING: Final = ("/importlib/metadata/", "/importlib_metadata/", "/pkg_resources/", "/pkgutil.py")
_WRITES: Final = os.O_WRONLY | os.O_RDWR


class Recorder(Protocol):
    """Who takes down what happens."""

    is_child: bool

    def note(self, kind: str, name: str) -> None:
        """Take down one thing."""
        ...


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
    return _is_of_import(name)


@lru_cache(maxsize=10_000)
def _is_of_import(file: str) -> bool:
    """Whether a file belongs to the import system, or to what looks through `sys.path` as it does."""
    return file.startswith("<frozen importlib") or any(each in file for each in _IMPORTING)


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


TAKERS: Final[dict[str, Callable[[Recorder, tuple[Any, ...]], None]]] = {
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
