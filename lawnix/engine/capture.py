"""What a build prints, kept in a file.

The descriptors 1 and 2 themselves are turned to the log, so that what libraries and child processes print is kept too,
and a process that dies leaves it behind. Who runs the workers shows the log while it grows.
"""

from __future__ import annotations  # a sandbox may have an older Python

import contextlib
import functools
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing import Self  # novm

logger = logging.getLogger(__name__)

Capture = Callable[[str | None], AbstractContextManager[None]]
"""Within, what goes to stdout and stderr goes to the log; nothing is done where there is none."""


@contextlib.contextmanager
def captured(log: str | None, *, goes_on: bool = False) -> Iterator[None]:
    """Within, what goes to stdout and stderr goes to `log`; behind what is in there if that `goes_on`."""
    if log is None:
        yield
        return
    turned = _Turned(log, 0 if goes_on else os.O_TRUNC)
    try:
        yield
    finally:
        turned.back()


class LastingCapture:
    """A capture for one build after the other: where they go on in one place and print nothing, the log stays open.

    To turn the descriptors to a log and back takes longer than a small build does.
    """

    def __init__(self) -> None:
        self._turned: _Turned | None = None

    def captured(self, log: str | None) -> Self:
        """From now on, as far as to the end of `with`, what goes to stdout and stderr goes to `log`."""
        if self._turned is None or self._turned.log != log:
            self.end()
            self._turned = None if log is None else _Turned(log)
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        if self._turned is not None and not self._turned.is_untouched():
            self.end()

    def pass_on(self) -> None:
        """Let what was said since a build was over, as of its outputs, go to where it would have gone."""
        if self._turned is not None and (said := self._turned.text()):
            self.end()
            os.write(2, said)

    def end(self) -> None:
        """Turn the descriptors back."""
        if self._turned is not None:
            self._turned.back()
            self._turned = None


class _Turned:
    """The descriptors 1 and 2, and the streams of Python, as they are while they are turned to `log`."""

    def __init__(self, log: str, more: int = os.O_TRUNC) -> None:
        _flush()
        self.log = log
        descriptor = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | more, 0o600)
        self._inode = os.fstat(descriptor).st_ino
        self._saved = os.dup(1), os.dup(2)
        self._before = sys.stdout, sys.stderr
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
        # streams that do not write to the descriptors (a notebook's, a test's) are replaced by ones that do
        self._streams = sys.stdout, sys.stderr = _stream(1), _stream(2)

    def is_untouched(self) -> bool:
        """Whether nothing was printed, and all is turned to the log as it was."""
        _flush()
        if (sys.stdout, sys.stderr) != self._streams or any(stream.closed for stream in self._streams):
            return False
        if threading.active_count() > 1:  # another thread may print when the build is over, and be heard
            return False
        try:
            out, err = os.fstat(1), os.fstat(2)
        except OSError:  # closed by the build
            return False
        return out.st_ino == err.st_ino == self._inode and not out.st_size and out.st_nlink > 0

    def text(self) -> bytes:
        """What the log holds."""
        size = os.fstat(2).st_size
        return os.pread(2, size, 0) if size else b""

    def back(self) -> None:
        """Let all be as it was before."""
        _flush()
        sys.stdout, sys.stderr = self._before
        for number, copy in zip((1, 2), self._saved, strict=True):
            os.dup2(copy, number)
            os.close(copy)


def _stream(descriptor: int) -> TextIO:
    """A stream that writes to `descriptor`; the one of the last build, unless that has closed it."""
    try:
        _kept(descriptor).flush()
    except ValueError:
        _kept.cache_clear()
    return _kept(descriptor)


@functools.cache
def _kept(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, closefd=False)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (ValueError, OSError, AttributeError):  # closed, or none at all
            logger.debug("%r cannot be flushed", stream)
