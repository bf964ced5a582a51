"""Doors: where C libraries open files by themselves, of which Python hears nothing.

Only while a build is watched, these functions of theirs tell of the path that they are given; also those of libraries
that the build imports itself.
"""

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

from lawnix.engine.observe.events import note_path
from lawnix.engine.observe.recording import current

# by module: attribute, and the place of the path among the arguments; kept to those through which all others go
_DOORS: Final[Mapping[str, Sequence[tuple[str, int, str]]]] = {
    "h5py.h5f": [("open", 0, "read"), ("create", 0, "wrote")],
    "pyarrow.dataset": [("_filesystem_dataset", 0, "read")],
    "pyarrow.parquet.core": [
        ("ParquetFile.__init__", 1, "read"),
        ("ParquetDataset.__init__", 1, "read"),
        ("ParquetWriter.__init__", 1, "wrote"),
    ],
}


class _Doors(MetaPathFinder):
    """Puts ears to doors, and takes them away again; while it is the first finder of modules, also to later ones."""

    def __init__(self) -> None:
        self._opened: list[tuple[Any, str, Any]] = []

    def listen(self, module: str) -> None:
        """At the doors of one module that is loaded."""
        for attribute, place, kind in _DOORS[module]:
            holder: Any = sys.modules[module]
            *path, name = attribute.split(".")
            with contextlib.suppress(AttributeError):  # another version of it
                for each in path:
                    holder = getattr(holder, each)
                original = getattr(holder, name)
                setattr(holder, name, _listening(original, place, kind))
                self._opened.append((holder, name, original))

    def leave(self) -> None:
        """Everything is as it was."""
        for holder, name, original in reversed(self._opened):
            setattr(holder, name, original)
        self._opened.clear()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As others find it; if it has doors, they are listened at when it has been loaded."""
        spec = PathFinder.find_spec(fullname, path) if fullname in _DOORS else None
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            load = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                if self in sys.meta_path:  # the build goes on
                    self.listen(fullname)

            loader.exec_module = exec_module
        return spec


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Within, all doors are listened at."""
    doors = _Doors()
    for module in _DOORS.keys() & sys.modules.keys():
        doors.listen(module)
    sys.meta_path.insert(0, doors)
    try:
        yield
    finally:
        sys.meta_path.remove(doors)
        doors.leave()


def _listening(original: Callable[..., Any], place: int, kind: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def door(*args: Any, **kwargs: Any) -> Any:
        recorder = current()
        if recorder is not None and len(args) > place:
            paths = args[place] if isinstance(args[place], list | tuple) else [args[place]]
            for path in paths:
                if isinstance(path, str | bytes | os.PathLike):
                    note_path(recorder, kind, path)
        return original(*args, **kwargs)

    return door
