"""Store targets: law targets that have a name instead of a place.

Where such a target lies is asked when it is needed: within a build, the task's own outputs lie in the build directory;
everywhere else an output is the object that was chosen for it, and can only be read.
"""

from __future__ import annotations  # values of the core are loaded by who makes some

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import law
from law.target.formatter import AUTO_FORMATTER, find_formatter
from law.target.local import LocalFileSystem
from law.target.remote.base import RemoteFileSystem

from lawnix.core.output import Kind, is_file_name
from lawnix.errors import DeclarationError, NotRealizedError, OutputNameError, ReadOnlyInputError
from lawnix.task.derived import DerivedTask
from lawnix.task.formatters import formatter_of, loaded

if TYPE_CHECKING:
    from lawnix.core.derivation import OutputSpec
    from lawnix.core.objects import ObjectPath
    from lawnix.store.protocol import Store

_IN_STORE = re.compile(r"/objects/[a-z2-7]{2}/[a-z2-7]{32}-|/unrealized/")


class StoreFileSystem(LocalFileSystem):
    """The local file system, less all that would change an object: what lies in a store is read-only."""

    def __init__(self) -> None:
        super().__init__(section=None, base=os.sep)

    def refuse(self, path: object) -> None:
        """Do nothing unless `path` lies in an object, or where there is none yet.

        Raises:
            ReadOnlyInputError: It does.
        """
        absolute = self.abspath(path)
        if _IN_STORE.search(absolute):
            raise ReadOnlyInputError(
                absolute, "a realized output" if os.path.lexists(absolute) else "an output"
            )

    def open(self, path: str, mode: str, **kwargs: Any) -> Any:
        """As in law; refuses to write an object."""
        if not mode.startswith("r") or "+" in mode:
            self.refuse(path)
        return super().open(path, mode, **kwargs)

    def remove(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """As in law; refuses to remove an object."""
        self.refuse(path)
        return super().remove(path, *args, **kwargs)

    def chmod(self, path: str, perm: Any, *args: Any, **kwargs: Any) -> Any:
        """As in law; refuses to change an object."""
        if perm is not None:
            self.refuse(path)
        return super().chmod(path, perm, *args, **kwargs)

    def mkdir(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """As in law; refuses to make a directory in an object."""
        if not os.path.isdir(self.abspath(path)):
            self.refuse(path)
        return super().mkdir(path, *args, **kwargs)

    def copy(self, src: str, dst: str, perm: int | None = None, **kwargs: Any) -> Any:
        """As in law; refuses to overwrite an object, and lets a copy of one be written to."""
        self.refuse(dst)
        return super().copy(src, dst, perm=0o644 if perm is None else perm, **kwargs)

    def move(self, src: str, dst: str, *args: Any, **kwargs: Any) -> Any:
        """As in law; refuses to move an object away, or onto one."""
        self.refuse(src)
        self.refuse(dst)
        return super().move(src, dst, *args, **kwargs)


_file_system = StoreFileSystem()

_fetching: ContextVar[bool] = ContextVar("fetching", default=False)


@contextmanager
def fetching() -> Iterator[None]:
    """Within, targets have names for files outside of the store, where those of all branches may lie side by side."""
    token = _fetching.set(True)
    try:
        yield
    finally:
        _fetching.reset(token)


def is_fetching() -> bool:
    """Whether outputs are being copied out of the store for people."""
    return _fetching.get()


def _checked(how: str | Callable[[Path], object], name: str) -> str | Callable[[Path], object]:
    """How an output is digested.

    Raises:
        DeclarationError: That cannot be.
    """
    from lawnix.store.meaning import FORMATS, format_of  # most outputs say nothing of it

    if not callable(how) and how not in ("bytes", "meaning"):
        raise DeclarationError(
            f"output {name} cannot be digested by {how!r}; digest is 'meaning', 'bytes', or a function of its path"
        )
    if how == "meaning" and format_of(name) is None:
        raise DeclarationError(
            f"the meaning of output {name} is not known, its ending is of none of the formats {', '.join(FORMATS)}; "
            "give a function of its path as digest"
        )
    return how


@lru_cache(4096)  # the branches of a workflow declare the same
def _output_spec(*said: Any) -> OutputSpec:
    from lawnix.core.derivation import OutputSpec  # loaded by who plans

    return OutputSpec(*said)


class StoreTarget:
    """What file and directory targets in a store have in common.

    Attributes:
        task: Whose output it is.
        name: Its file name.
        kind: What it is.
        digest: What of it its consumers depend on: "auto", "bytes", "meaning", or a function of its path.
        plain_cls: law's target for a copy of it.
    """

    fs = _file_system
    is_tmp = False
    external = False
    format = None
    kind: Kind
    plain_cls: ClassVar[type[law.LocalFileTarget | law.LocalDirectoryTarget]]

    def __init__(
        self,
        task: DerivedTask,
        name: str,
        *,
        optional: bool,
        allow_empty: bool,
        formatter: str | None,
        digest: str | Callable[[Path], object] | None,
    ) -> None:
        # not law's constructor: it works on a path, and this target has none until it is asked for one
        if not is_file_name(name):
            raise OutputNameError(repr(task), name)
        self.task = task
        self.name = name
        self.optional = bool(optional)
        self.allow_empty = bool(allow_empty)
        self.formatter = formatter or formatter_of(name)
        self.digest = _checked(digest, name) if digest is not None else "auto"

    def spec(self, role: str, how: str) -> OutputSpec:
        """What is declared with it, standing at `role` in the structure of outputs, and digested as `how` says."""
        return _output_spec(role, self.name, self.kind, self.optional, self.allow_empty, self.formatter, how)

    @property
    def path(self) -> str:
        """Where it lies: in the build directory, in the store, or nowhere yet."""
        return self.task.location_of(self.name)

    @property
    def unexpanded_path(self) -> str:
        """As `path`; nothing in it is expanded."""
        return self.path

    @property
    def basename(self) -> str:
        """The file name of `path`; the declared one, with the number of a branch, for a file outside of the store."""
        if not is_fetching():
            return os.path.basename(self.path)
        branch = getattr(self.task, "branch", -1)
        return f"branch{branch}__{self.name}" if branch >= 0 else self.name

    def exists(self, **kwargs: Any) -> Any:
        """Whether it has been realized; within its own build, whether it has been written."""
        location = self.task.location_of(self.name)
        found = os.path.lexists(location)
        return (os.stat(location) if found else None) if kwargs.get("stat") else found

    def complete(self, **kwargs: Any) -> bool:
        """Whether the task that makes it needs not run for it."""
        return self.optional or bool(self.exists(**kwargs))

    def remove(self, silent: bool = True, **kwargs: Any) -> None:
        """Within the build, remove what was written; elsewhere, forget the realization that it belongs to.

        The next run builds the task again. The object stays until it is collected.
        """
        if self.task.is_building():
            LocalFileSystem.default_instance.remove(self.path, silent=silent)
        else:
            self.task.forget(f"output {self.name} removed")

    def status_text(
        self, max_depth: int = 0, flags: object = None, color: bool = False, exists: bool | None = None
    ) -> str:
        """As in law, with the object that it is."""
        if self.is_left_out():
            return "left out by its build"
        there = bool(self.exists()) if exists is None else exists
        text: str = super().status_text(max_depth, flags, color, there)  # type: ignore[misc]  # law's target
        return f"{text} ({Path(self.path).name})" if there else text

    def is_left_out(self) -> bool:
        """Whether it is an optional output that its build did not write."""
        return self.optional and not self.exists() and self.task.is_realized()

    def load(self, *args: Any, **kwargs: Any) -> Any:
        """As in law; what `auto` means was decided when the derivation was made."""
        path, kwargs = self._require(), RemoteFileSystem.split_remote_kwargs(kwargs)[1]
        return self._formatter(path, "load", kwargs).load(path, *args, **kwargs)

    def dump(self, *args: Any, **kwargs: Any) -> Any:
        """As in law, of tracked views what is behind them; what `auto` means was decided when the derivation was made.

        The modes that law would set, `perm` and `dir_perm`, mean nothing here: an output is frozen with its own.
        """
        from lawnix.task.code.faces import plain  # where something is built, that is loaded

        path, kwargs = self.path, RemoteFileSystem.split_remote_kwargs(kwargs)[1]
        if not self.task.is_building():
            self.fs.refuse(path)
        kwargs = {name: value for name, value in kwargs.items() if name not in ("perm", "dir_perm")}
        return self._formatter(path, "dump", kwargs).dump(path, *map(plain, args), **kwargs)

    @contextmanager
    def localize(self, mode: str = "r", *args: Any, **kwargs: Any) -> Iterator[Any]:
        """As in law. A copy is an ordinary local target."""
        if mode == "r" and not kwargs.get("is_tmp"):
            self._require()
            yield self
            return
        if mode != "r":
            self.fs.refuse(self.path)
        with self.plain_cls(self.path).localize(mode, *args, **kwargs) as localized:
            yield localized

    def _formatter(self, path: str, mode: str, kwargs: dict[str, Any]) -> Any:
        """The formatter that `kwargs` names, which is taken out of them, or else the one of the declaration."""
        named = [kwargs.pop(name, None) for name in ("_formatter", "formatter")]
        name = next((name for name in named if name not in (None, AUTO_FORMATTER)), self.formatter)
        return find_formatter(path, mode, loaded(name, self.name))

    def _require(self) -> str:
        """Where it lies, if it is there."""
        location = self.path
        if not os.path.lexists(location):
            raise NotRealizedError(repr(self.task), self.name)
        return location

    def _repr_pairs(self, color: bool = True) -> list[tuple[str, str]]:
        return [("name", self.name), ("path", self.path)]

    def _parent_args(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (), {"fs": self.fs}

    def _child_args(self, path: str, type: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (), {"fs": self.fs}

    def __fspath__(self) -> str:
        return self.path

    def __del__(self) -> None:  # luigi removes temporary targets here; this is none
        pass


class StoreFileTarget(StoreTarget, law.LocalFileTarget):
    """A file in a store."""

    kind = Kind.FILE
    plain_cls = law.LocalFileTarget


class StoreDirectoryTarget(StoreTarget, law.LocalDirectoryTarget):
    """A directory in a store; children are targets of their own, and as read-only as it is."""

    kind = Kind.DIRECTORY
    plain_cls = law.LocalDirectoryTarget

    def child(
        self, path: Any, type: Literal["f", "d"] | None = None, mktemp_pattern: bool = False, **kwargs: Any
    ) -> Any:
        """As in law."""
        return law.LocalDirectoryTarget(self.path, fs=self.fs).child(path, type, mktemp_pattern, **kwargs)


TARGETS: dict[str, type[StoreFileTarget | StoreDirectoryTarget]] = {
    Kind.FILE.value: StoreFileTarget,
    Kind.DIRECTORY.value: StoreDirectoryTarget,
}


def location(store: Store, path: ObjectPath | None, family: str, name: str) -> str:
    """Where the object `path` lies; of an output without one, a place where nothing ever is."""
    if path is not None:
        return store.place(path)
    return str((store.root or Path(os.sep)) / "unrealized" / family / name)
