"""What the machine needs for the bare system calls of a trivial task, measured beside what lawnix needs for it."""

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import Final

RECORD: Final = b"x" * 1800  # about as long as what is written down of one task


class Floors:
    """The system calls of the parts, on the same file system, without anything else."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory / "floors")
        self._count = 0
        for name in ("build/out", "objects", "links"):
            os.makedirs(f"{self._directory}/{name}")
        Path(f"{self._directory}/build/log").touch()
        for number in range(1024):
            os.mkdir(f"{self._directory}/objects/{number}")
        self._file = os.open(f"{self._directory}/file", os.O_RDWR | os.O_CREAT)
        self._pair = socket.socketpair()

    def measure(self, many: int) -> dict[str, float]:
        """Seconds of CPU for each, by name; some need what others have left."""
        found = {}
        steps = (
            self.bare,
            self.capture,
            self.write,
            self.look,
            self.freeze,
            self.rename,
            self.message,
            self.claim,
        )
        for step in (*steps, self.journal, self.links):
            found[step.__name__] = 0.0
        for _ in range(many):
            self._count += 1
            for step in (*steps, self.journal, self.links):
                begun = time.thread_time()
                step()
                found[step.__name__] += time.thread_time() - begun
        nothing = time.thread_time()
        for _ in range(many):
            time.thread_time()
        nothing = (time.thread_time() - nothing) / many
        return {name: max(0.0, seconds / many - nothing) for name, seconds in found.items()}

    @property
    def _output(self) -> str:
        return f"{self._directory}/build/out/file.txt"

    def bare(self) -> None:
        """Is the build directory bare, and does nothing else go on here?"""
        os.listdir(f"{self._directory}/build/out")
        os.stat(f"{self._directory}/build")
        os.stat(f"{self._directory}/build/log")
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)

    def capture(self) -> None:
        """Are 1 and 2 still turned to the log, and is nothing in it?"""
        os.fstat(1)
        os.fstat(2)

    def write(self) -> None:
        """A small file."""
        descriptor = os.open(self._output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        os.write(descriptor, b"%d" % self._count)
        os.close(descriptor)

    def look(self) -> None:
        """One stat."""
        os.lstat(self._output)

    def freeze(self) -> None:
        """Read-only, with a fixed time; and read."""
        descriptor = os.open(self._output, os.O_RDONLY | os.O_CLOEXEC)
        os.fstat(descriptor)
        os.fchmod(descriptor, 0o444)
        os.utime(descriptor, ns=(0, 0))
        os.read(descriptor, 1 << 16)
        os.close(descriptor)

    def rename(self) -> None:
        """Into one of a thousand directories, where nothing is of that name."""
        place = f"{self._directory}/objects/{self._count % 1024}/{self._count}.txt"
        with contextlib.suppress(FileNotFoundError):
            os.lstat(place)
        os.rename(self._output, place)

    def message(self) -> None:
        """200 bytes."""
        self._pair[0].sendall(b"x" * 200)
        self._pair[1].recv(1 << 16)

    def claim(self) -> None:
        """A lock on a byte, and back."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, self._count)
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, self._count)

    def journal(self) -> None:
        """One write, as if there were no groups."""
        os.write(self._file, RECORD)

    def links(self) -> None:
        """A directory with a link in it."""
        place = f"{self._directory}/links/{self._count}"
        os.mkdir(place)
        os.symlink("/" + "x" * 100, f"{place}/file.txt")
