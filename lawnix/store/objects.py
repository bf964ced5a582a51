"""Objects: immutable files and trees, the build directories they come from, and how they get their place."""

# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH115, PTH116, PTH208, S103
# Places are strings here: thousands are looked at in a run that builds nothing.

import contextlib
import errno
import itertools
import logging
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.core.derivation import Kind
from lawnix.core.objects import ObjectPath
from lawnix.errors import (
    BuildError,
    EscapingOutputError,
    InvalidDigestError,
    MissingOutputError,
    OutputKindError,
)
from lawnix.store import tree
from lawnix.store.access import writing
from lawnix.store.frozen import is_frozen, refreeze
from lawnix.store.host import HOST, children_had, has_children, is_running
from lawnix.store.protocol import AddedObject

logger = logging.getLogger(__name__)

_MOVED: Final = "+"  # begins the name of what was moved away; no build directory has it
_DAY: Final = 86_400.0  # s
_PAST: Final = 60_000_000_000  # ns; a directory that is changed has no time so long ago
_KINDS: Final = {Kind.FILE: "file", Kind.DIRECTORY: "directory"}
_BUILD: Final = re.compile(r"(?P<host>.*)-(?P<time>[0-9a-f]+)-(?P<pid>\d+)-\d+\Z")


class Objects:
    """The objects and build directories of the store at `root`. Knows no index, so forked workers may use it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = f"{root}/objects"
        self._letters: set[str] = set()  # the first two of objects, for which there is a directory
        self._count = itertools.count()
        # a discarded build directory, and when it was made; a list, since threads may pop it at the same time
        self._spare: list[tuple[_Making, Path]] = []
        self._made: dict[Path, _Making] = {}  # those that go on

    def location(self, path: ObjectPath) -> Path:
        """Where an object lies, or would lie."""
        return Path(self._place(path))

    def new_build(self) -> Path:
        """A fresh build directory; its name tells where, when and by which process it was made.

        One that this process has discarded empty serves again: to make and to remove it costs more than a small build.
        """
        spare, had = self._own_spare(), children_had()
        if spare is not None and spare[0].left_nothing(had):
            making, build = spare
        else:
            making = _Making(os.getpid(), had)
            build = self.root / "builds" / f"{HOST}-{time.time_ns():x}-{os.getpid()}-{next(self._count)}"
            with writing(self.root):
                if spare is not None:
                    spare[1].rename(build)  # what an earlier build left running does not find it
                else:
                    (build / "out").mkdir(parents=True)
        self._made[build] = making
        return build

    def add(self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str) -> list[AddedObject]:
        """Digest, freeze and move outputs among the objects; see `Store.add`."""
        with writing(self.root):
            # nothing gets its place before everything is known to be good
            taken = self._take(build, outputs, task)
            return [
                self._commit(source, name, kind, content)
                for (source, content), (name, kind) in zip(taken, outputs, strict=True)
            ]

    def discard(self, build: Path) -> None:
        """Remove a build directory, or keep it for the next build if it is our own and nothing but its log is in it."""
        making = self._made.pop(build, None)
        if not self._spare and making is not None and making.process == os.getpid():
            emptied = making.emptied(str(build))
            if emptied is not None:
                self._spare.append((emptied, build))
                return
        with writing(self.root):
            tree.remove(build)

    def close(self) -> None:
        """Remove what is kept for the next build."""
        if (spare := self._own_spare()) is not None:
            tree.remove(spare[1])

    def present(self, objects: Collection[ObjectPath], sizes: Mapping[ObjectPath, int]) -> set[ObjectPath]:
        """Those objects that are there and as they were added; `sizes` are compared as far as they are known.

        One look at the times tells. What does not look right is digested again, and moved away if it is not right.
        """
        return {path for path in objects if self.is_there(path, sizes.get(path))}

    def is_there(self, path: ObjectPath, size: int | None) -> bool:
        """Whether an object is there as it was added. What has its place wrongly is moved away."""
        try:
            return is_frozen(self._place(path), size) or self._still_good(path)
        except FileNotFoundError:
            return False

    def all(self) -> Iterator[ObjectPath]:
        """Every object that has its place."""
        for name in self._names():
            try:
                yield ObjectPath.parse(name)
            except InvalidDigestError:
                continue

    def strangers(self) -> list[Path]:
        """What lies among the objects and is none."""
        known = {self._place(path) for path in self.all()}
        return sorted(path for path in Path(self._objects).glob("*/*") if str(path) not in known)

    def size(self, path: ObjectPath) -> int:
        """Bytes of an object, by what stat says."""
        return tree.size(self.location(path))

    def set_aside(self, path: ObjectPath, why: str = "corrupt") -> Path | None:
        """Move an object out of the way, in one step; where it is now, None if it cannot be moved."""
        location = self.location(path)
        aside = (
            self.root
            / "builds"
            / f"{_MOVED}{why}--{HOST}-{time.time_ns():x}-{os.getpid()}-{next(self._count)}"
        )
        try:
            if stat.S_ISDIR(os.lstat(location).st_mode):
                location.chmod(0o755)  # a directory moves only while it is writable
            os.rename(location, aside)
        except OSError as error:  # someone was faster, or the store is read-only: it counts in neither case
            logger.debug("could not move %s away: %s", location, error)
            return None
        return aside

    def leftovers(self, is_foreign_alive: Callable[[str, int], bool]) -> list[Path]:
        """Build directories whose process is gone, and what was moved away.

        Args:
            is_foreign_alive: Whether a process on another host shows signs of life. Without any, its build directory
                counts as left behind a day after it was last touched.
        """
        found = []
        for build in sorted((self.root / "builds").iterdir()):
            match = _BUILD.match(build.name)
            if build.name.startswith(_MOVED):
                left = True
            elif match and match["host"] == HOST:
                left = not is_running(int(match["pid"]))
            elif match and is_foreign_alive(match["host"], int(match["pid"])):
                left = False
            else:
                left = time.time() - build.lstat().st_mtime > _DAY
            if left:
                found.append(build)
        return found

    def _names(self) -> Iterator[str]:
        for letters in sorted(os.listdir(self._objects)):
            try:
                names = os.listdir(f"{self._objects}/{letters}")
            except (FileNotFoundError, NotADirectoryError):
                continue
            yield from (name for name in sorted(names) if name[:2] == letters)

    def _own_spare(self) -> "tuple[_Making, Path] | None":
        """The discarded build directory that is kept, which is not any more; a parent's is left to the parent."""
        try:
            spare = self._spare.pop()
        except IndexError:
            return None
        return spare if spare[0].process == os.getpid() else None

    def _place(self, path: ObjectPath) -> str:
        digest = path.digest
        return f"{self._objects}/{digest[:2]}/{digest}-{path.name}"

    def _take(
        self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str
    ) -> list[tuple[str, tree.Content]]:
        """Check the outputs, then freeze and digest them; where each lies, and its content."""
        sources = [f"{build}/out/{name}" for name, _ in outputs]
        missing, statuses = [], []
        for source, (name, kind) in zip(sources, outputs, strict=True):
            try:
                status = os.lstat(source)
            except FileNotFoundError:
                missing.append(name)
                continue
            statuses.append(status)
            mode = status.st_mode
            if stat.S_ISLNK(mode):
                raise EscapingOutputError(task, name, os.readlink(source))
            if (stat.S_ISREG if kind is Kind.FILE else stat.S_ISDIR)(mode):
                continue
            raise OutputKindError(task, name, _KINDS[kind], tree.kind_name(mode))
        if missing:
            raise MissingOutputError(task, missing)
        return [
            (source, tree.freeze(source, task, status))
            for source, status in zip(sources, statuses, strict=True)
        ]

    def _commit(self, source: str, name: str, kind: Kind, content: tree.Content) -> AddedObject:
        """Give a frozen output its place."""
        path = ObjectPath(content.digest, name)
        place = self._place(path)
        letters = path.digest[:2]
        if letters not in self._letters:
            self._make_room(letters)
        # mostly nothing is, and to be told so by an exception takes longer
        if not (os.access(place, os.F_OK) and self.is_there(path, content.size)):
            self._move(source, place, is_directory=kind is Kind.DIRECTORY)
        return AddedObject(path, content.size, place)

    def _make_room(self, letters: str) -> None:
        """Make sure that there is a directory for objects with these two letters at their front."""
        if not self._letters:
            self._letters.update(os.listdir(self._objects))
        if letters not in self._letters:
            with contextlib.suppress(FileExistsError):  # somebody else was faster
                os.mkdir(f"{self._objects}/{letters}")
            self._letters.add(letters)

    def _move(self, source: str, place: str, *, is_directory: bool) -> None:
        try:
            os.rename(source, place)
        except FileNotFoundError:  # somebody has removed the directory
            with contextlib.suppress(FileExistsError):
                os.mkdir(place[: place.rindex("/")])
            os.rename(source, place)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            logger.debug("%s was added by someone else at the same time: %s", place, error)
            return
        if is_directory:
            os.chmod(place, 0o555)  # a directory could not be moved without write permission

    def _still_good(self, path: ObjectPath) -> bool:
        """Whether an object whose times or size are not as they were has the right content all the same."""
        location = self.location(path)
        try:
            found = tree.content(location).digest
        except BuildError as error:
            logger.debug("%s: %s", location, error)
            found = None
        if found == path.digest:
            self._refreeze(location)
            return True
        aside = self.set_aside(path)
        logger.warning(
            "%s was changed in the store (content %s); it counts as missing%s",
            location,
            found or "of another kind",
            f" and was moved to {aside}" if aside else "",
        )
        return False

    def _refreeze(self, location: Path) -> None:
        try:
            refreeze(location)
            if location.is_dir():
                location.chmod(0o555)
        except OSError as error:  # a copy that belongs to someone else: it is digested each time
            logger.debug("could not freeze %s: %s", location, error)


class _Making(NamedTuple):
    """When a build directory was made, as far as it matters to who gets it next.

    Attributes:
        process: Who has made it.
        had: What `children_had` said then.
        stamp: The time, in ns, that it was given when there was nothing in it; whatever comes or goes changes it.
    """

    process: int
    had: int
    stamp: int = 0

    def left_nothing(self, had: int) -> bool:
        """Whether nothing that was started since, or goes on from earlier, can still write anywhere.

        Args:
            had: What `children_had` says now.
        """
        return self.had == had and threading.active_count() == 1 and not has_children()

    def emptied(self, build: str) -> "_Making | None":
        """The same, stamped, if there is nothing in the build directory but a log without a byte; else None."""
        try:
            log = f"{build}/log"
            if os.listdir(f"{build}/out"):
                return None
            if self.stamp and os.stat(build).st_mtime_ns == self.stamp and not os.stat(log).st_size:
                return self
            found = os.listdir(build)
            if "log" in found:
                found.remove("log")
                if os.stat(
                    log
                ).st_size:  # a file that is cut off to be written anew costs more than a new one
                    os.unlink(log)
            if found != ["out"]:
                return None
            stamp = time.time_ns() - _PAST
            os.utime(build, ns=(stamp, stamp))
        except FileNotFoundError:
            return None
        return self._replace(stamp=stamp)
