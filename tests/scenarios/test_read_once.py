"""What a build has written is read once, to digest it, and then by nobody but who asks for it."""

import ctypes
import os
import struct
from collections import Counter
from pathlib import Path

import pytest

_OPEN, _CLOSE = (
    0x20,
    0x10 | 0x08,
)  # linux/inotify.h; without the second, two openings in a row are told as one
_EVENT = struct.Struct("iIII")


class Watch:
    """Counts how often files are opened, by whatever process and library; a file keeps it when it is renamed."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = -1

    def begin(self, names: Path) -> None:
        """Watch nothing yet. Processes that are forked later tell in the file `names` what they watch."""
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._descriptor >= 0
        self._names = names
        names.touch()

    def on(self, *paths: str) -> None:
        """Count from now on how often these files are opened."""
        for path in paths:
            number = self._libc.inotify_add_watch(self._descriptor, os.fsencode(path), _OPEN | _CLOSE)
            assert number > 0, os.strerror(ctypes.get_errno())
            with self._names.open("a") as names:
                names.write(f"{number} {os.path.basename(path)}\n")

    def opened(self) -> dict[str, int]:
        """How often each file, by its name, was opened since this was asked last."""
        names = dict(line.split() for line in self._names.read_text().splitlines())
        found = Counter(dict.fromkeys(names.values(), 0))
        try:
            while data := os.read(self._descriptor, 1 << 16):
                for number, mask, _, _ in _EVENT.iter_unpack(
                    data
                ):  # of watched files, not of directories: no names
                    found[names[str(number)]] += bool(mask & _OPEN)
        except BlockingIOError:
            return dict(found)

    def end(self) -> None:
        os.close(self._descriptor)


watch = Watch()

TASKS = """
from pathlib import Path
from tests.scenarios.test_read_once import watch

class Made(lawnix.Task):
    def output(self):
        return {
            "large": self.target("large.bin"), "small": self.target("small.txt"), "tree": self.target("tree", type="d"),
            "json": self.target("value.json"), "bytes": self.target("bytes.json", digest="bytes"),
        }

    def run(self):
        paths = {name: Path(target.path) for name, target in self.output().items()}
        tree = paths.pop("tree")
        tree.mkdir()
        paths.update(leaf=tree / "leaf", other=tree / "other")
        for path in paths.values():
            path.write_text("[1]")
        paths["large"].write_bytes(b"0123456789abcdef" * (5 << 16))
        watch.on(*map(str, paths.values()))

class Waits(lawnix.Task):
    def requires(self):
        return Made()

    def output(self):
        return self.target("done.txt")

    def run(self):
        self.output().dump("done", formatter="text")

class Loads(Waits):
    def run(self):
        self.output().dump(self.input()["small"].load(formatter="text"), formatter="text")
"""

ONCE = dict.fromkeys(["large.bin", "small.txt", "value.json", "bytes.json", "leaf", "other"], 1)
NEVER = dict.fromkeys(ONCE, 0)
BY_MEANING = {"value.json": 2}  # a library that knows the format opens it by itself


@pytest.fixture
def project(playground):
    watch.begin(playground.root / "watched")
    playground.tasks(TASKS)
    yield playground
    watch.end()


def test_an_output_is_read_once_and_not_again_for_what_is_made_from_it(project):
    project.law("run", "play.Waits")
    assert watch.opened() == ONCE | BY_MEANING


def test_a_complete_run_reads_no_output_and_a_consumer_what_it_loads(project):
    project.law("run", "play.Waits")
    watch.opened()
    project.law("run", "play.Waits")
    assert watch.opened() == NEVER
    project.law("run", "play.Loads")
    assert watch.opened() == NEVER | {"small.txt": 1}


def test_what_is_verified_is_read_once(project):
    project.law("run", "play.Waits")
    watch.opened()
    project.lawnix("verify")
    assert watch.opened() == ONCE


def test_what_is_built_again_with_the_same_content_is_read_once_and_what_was_there_never(project):
    project.law("run", "play.Waits")
    watch.opened()
    project.lawnix("check", "play.Made")
    assert watch.opened() == ONCE | BY_MEANING
