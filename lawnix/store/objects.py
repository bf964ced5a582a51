"""Objects: immutable files and trees, and how they get their place."""

# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH115, PTH208, S103
# Places are strings here: thousands are looked at in a run that builds nothing.

import contextlib
import errno
import itertools
import logging
import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lawnix.core.objects import ObjectPath
from lawnix.core.output import Kind
from lawnix.errors import (
    BuildError,
    EscapingOutputError,
    InvalidDigestError,
    MissingOutputError,
    OutputKindError,
)
from lawnix.store import tree
from lawnix.store.access import writing
from lawnix.store.builds import MOVED
from lawnix.store.frozen import is_frozen, refreeze
from lawnix.store.host import HOST
from lawnix.store.protocol import AddedObject

logger = logging.getLogger(__name__)

_KINDS: Final = {Kind.FILE: "file", Kind.DIRECTORY: "directory"}


class Objects:
    """The objects of the store at `root`. Knows no index, so forked workers may use it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = f"{root}/objects"
        self._letters: set[str] = set()  # the first two of objects, for which there is a directory
        self._count = itertools.count()

    def location(self, path: ObjectPath) -> Path:
        """Where an object lies, or would lie."""
        return Path(self.place(path))

    def place(self, path: ObjectPath) -> str:
        """The same as text: a path takes longer to make than to use."""
        digest = path.digest
        return f"{self._objects}/{digest[:2]}/{digest}-{path.name}"

    def add(self, build: Path, outputs: Sequence[tuple[str, Kind]], task: str) -> list[AddedObject]:
        """Digest, freeze and move outputs among the objects; see `Store.add`."""
        with writing(self.root):
            # nothing gets its place before everything is known to be good
            taken = self._take(build, outputs, task)
            return [
                self._commit(source, name, kind, content)
                for (source, content), (name, kind) in zip(taken, outputs, strict=True)
            ]

    def present(self, objects: Collection[ObjectPath], sizes: Mapping[ObjectPath, int]) -> set[ObjectPath]:
        """Those objects that are there and as they were added; `sizes` are compared as far as they are known.

        One look at the times tells. What does not look right is digested again, and moved away if it is not right.
        """
        return {path for path in objects if self.is_there(path, sizes.get(path))}

    def is_there(self, path: ObjectPath, size: int | None) -> bool:
        """Whether an object is there as it was added. What has its place wrongly is moved away."""
        try:
            return is_frozen(self.place(path), size) or self._still_good(path)
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
        known = {self.place(path) for path in self.all()}
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
            / f"{MOVED}{why}--{HOST}-{time.time_ns():x}-{os.getpid()}-{next(self._count)}"
        )
        try:
            if stat.S_ISDIR(os.lstat(location).st_mode):
                location.chmod(0o755)  # a directory moves only while it is writable
            os.rename(location, aside)
        except OSError as error:  # someone was faster, or the store is read-only: it counts in neither case
            logger.debug("could not move %s away: %s", location, error)
            return None
        return aside

    def _names(self) -> Iterator[str]:
        for letters in sorted(os.listdir(self._objects)):
            try:
                names = os.listdir(f"{self._objects}/{letters}")
            except (FileNotFoundError, NotADirectoryError):
                continue
            yield from (name for name in sorted(names) if name[:2] == letters)

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
        place = self.place(path)
        letters = path.digest[:2]
        if letters not in self._letters:
            self._make_room(letters)
        # mostly nothing is, and to be told so by an exception takes longer
        if not (os.access(place, os.F_OK) and self.is_there(path, content.size)):
            self._move(source, place, is_directory=kind is Kind.DIRECTORY)
        elif kind is Kind.FILE:
            os.unlink(source)  # an empty build directory serves again
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
