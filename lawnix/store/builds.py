"""Build directories: where builds write, until what they wrote has its place among the objects."""

# ruff: noqa: PTH108, PTH116, PTH208
# Places are strings here: a small build looks at little else.

import itertools
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.store import tree
from lawnix.store.access import writing
from lawnix.store.host import HOST, children_had, has_children, is_running

MOVED: Final = "+"  # begins the name of what was moved away; no build directory has it
_DAY: Final = 86_400.0  # s
_PAST: Final = 60_000_000_000  # ns; a directory that is changed has no time so long ago
_BUILD: Final = re.compile(r"(?P<host>.*)-(?P<time>[0-9a-f]+)-(?P<pid>\d+)-\d+\Z")


class Builds:
    """The build directories of the store at `root`. Forked workers may use it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._count = itertools.count()
        # a discarded build directory, and when it was made; a list, since threads may pop it at the same time
        self._spare: list[tuple[_Making, Path]] = []
        self._made: dict[Path, _Making] = {}  # those that go on

    def new(self) -> Path:
        """A fresh build directory; its name tells where, when and by which process it was made.

        One that this process has discarded empty serves again: to make and to remove it costs more than a small build.
        """
        spare, had = self._own_spare(), children_had()
        if spare is not None and spare[0].left_nothing(had):
            making, build = spare
        else:
            making = _Making(os.getpid(), had)
            build = self._root / "builds" / f"{HOST}-{time.time_ns():x}-{os.getpid()}-{next(self._count)}"
            with writing(self._root):
                if spare is not None:
                    spare[1].rename(build)  # what an earlier build left running does not find it
                else:
                    (build / "out").mkdir(parents=True)
        self._made[build] = making
        return build

    def discard(self, build: Path) -> None:
        """Remove a build directory, or keep it for the next build if it is our own and nothing but its log is in it."""
        making = self._made.pop(build, None)
        if not self._spare and making is not None and making.process == os.getpid():
            emptied = making.emptied(str(build))
            if emptied is not None:
                self._spare.append((emptied, build))
                return
        with writing(self._root):
            tree.remove(build)

    def close(self) -> None:
        """Remove what is kept for the next build."""
        if (spare := self._own_spare()) is not None:
            tree.remove(spare[1])

    def leftovers(self, is_foreign_alive: Callable[[str, int], bool]) -> list[Path]:
        """Build directories whose process is gone, and what was moved away.

        Args:
            is_foreign_alive: Whether a process on another host shows signs of life. Without any, its build directory
                counts as left behind a day after it was last touched.
        """
        found = []
        for build in sorted((self._root / "builds").iterdir()):
            match = _BUILD.match(build.name)
            if build.name.startswith(MOVED):
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

    def _own_spare(self) -> "tuple[_Making, Path] | None":
        """The discarded build directory that is kept, which is not any more; a parent's is left to the parent."""
        try:
            spare = self._spare.pop()
        except IndexError:
            return None
        return spare if spare[0].process == os.getpid() else None


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
                # a file that is cut off to be written anew costs more than a new one
                if os.stat(log).st_size:
                    os.unlink(log)
            if found != ["out"]:
                return None
            stamp = time.time_ns() - _PAST
            os.utime(build, ns=(stamp, stamp))
        except FileNotFoundError:
            return None
        return self._replace(stamp=stamp)
