"""What runs first in a sandbox, before anything of lawnix: the text of this file is given to Python by `-c`.

The process that is started keeps watch: it ends when the run that started it is gone, with all that came of it, also
where a task does not listen. A child of it serves. Any Python 3 understands this, so that one that is too old can be
told so.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import select
import signal
import struct
import sys
import types

TYPE_CHECKING = False  # typing takes long to load
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.machinery import ModuleSpec
    from typing import Any

_LEAST = (3, 10)
_HEADER, _MARK = struct.Struct("<4sI"), b"lnx:"  # as in lawnix.sandbox.wire


class Forwarded:
    """Finds packages that were brought along where they lie."""

    def __init__(self, places: "dict[str, str]") -> None:
        """Take the places of the packages by name."""
        self.places = places

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """What Python's import asks."""
        place = self.places.get(name)
        if place is None:
            return None
        directory, file = os.path.split(place)
        below = [directory] if file == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, place, submodule_search_locations=below)


class Later(types.ModuleType):
    """A module that is loaded when something of it is asked for."""

    def __getattr__(self, name: str) -> object:
        """What Python asks where this has nothing of that name."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def spared(later: "Iterable[str]", never: "Iterable[str]") -> "Iterator[None]":
    """Within, modules are not loaded that whoever asks for them needs later, or in no sandbox."""
    there = (name for name in later if name not in sys.modules and importlib.util.find_spec(name))
    stand_ins = {name: Later(name) for name in there}  # type: dict[str, types.ModuleType | None]
    stand_ins.update((name, None) for name in never if name not in sys.modules)  # importing None fails
    sys.modules.update(stand_ins)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                sys.modules.pop(name, None)


def read(descriptor: int, size: int) -> bytes:
    """So many bytes; nobody is there any more if they do not come."""
    found = b""
    while len(found) < size:
        block = os.read(descriptor, size - len(found))
        if not block:
            os._exit(0)
        found += block
    return found


def send(descriptor: int, message: object) -> None:
    """Send a message, which is short."""
    data = json.dumps(message).encode()
    os.write(descriptor, _HEADER.pack(_MARK, len(data)) + data)


def keep_watch(child: int, incoming: int, outgoing: int) -> None:
    """End when the line is closed from outside, or tell how the child ended; does not return."""
    heard, wake = os.pipe()
    os.set_blocking(heard, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    watch = select.poll()
    watch.register(incoming, 0)  # of this, only that it is closed
    watch.register(heard, select.POLLIN)
    pid, status = os.waitpid(child, os.WNOHANG)
    while not pid:
        if any(descriptor == incoming for descriptor, _ in watch.poll()):
            end()
        with contextlib.suppress(BlockingIOError):
            os.read(heard, 4096)
        pid, status = os.waitpid(child, os.WNOHANG)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        how = f"signal {number}, {signal.Signals(number).name}"
    else:
        how = f"exit code {os.WEXITSTATUS(status)}"
    with contextlib.suppress(OSError):
        send(outgoing, {"died": how})
    end()


def end() -> None:
    """End what was left behind, and this process; does not return."""
    os.killpg(0, signal.SIGKILL)
    os._exit(0)  # the first process of a container is not killed from within, and ends it by this


def main() -> None:
    """Start."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)  # until a task runs, what is printed is an error
    with contextlib.suppress(OSError):  # mostly it leads a session already
        os.setpgid(0, 0)
    child = os.fork()
    if child:
        keep_watch(child, incoming, outgoing)
    _, length = _HEADER.unpack(read(incoming, _HEADER.size))
    welcome = json.loads(read(incoming, length).decode())
    if sys.version_info < _LEAST:
        there, wanted = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, _LEAST))
        send(outgoing, {"sorry": f"its Python is {there}, and {wanted} or later is needed"})
        os._exit(0)
    prepare(welcome)
    try:
        with spared(**welcome["spared"]):
            serve = importlib.import_module(welcome["serve"]).serve
    except Exception as error:
        send(outgoing, {"sorry": f"{type(error).__name__}: {error}"})
        raise
    serve(incoming, outgoing)


def prepare(welcome: "dict[str, Any]") -> None:
    """Let what was brought along be found."""
    sys.dont_write_bytecode = welcome["keep_bytecode"] is None
    sys.pycache_prefix = welcome["keep_bytecode"]
    sys.path[:] = welcome["path"] + [each for each in sys.path if each]
    sys.meta_path.insert(0, Forwarded(welcome["ours"]))
    sys.meta_path.append(Forwarded(welcome["lent"]))  # where the sandbox has none of its own


if __name__ == "__main__":
    main()
