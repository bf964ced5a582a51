"""What a build prints, kept in a file.

The descriptors 1 and 2 themselves are turned to the log, so that what libraries and child processes print is kept too,
and a process that dies leaves it behind. Who runs the workers shows the log while it grows.
"""

import contextlib
import functools
import logging
import os
import sys
from collections.abc import Iterator
from typing import TextIO

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def captured(log: str | None) -> Iterator[None]:
    """Within, what goes to stdout and stderr goes to `log`."""
    if log is None:
        yield
        return
    _flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
    saved = os.dup(1), os.dup(2)
    streams = sys.stdout, sys.stderr
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    # streams that do not write to the descriptors (a notebook's, a test's) are replaced by ones that do
    sys.stdout, sys.stderr = _stream(1), _stream(2)
    try:
        yield
    finally:
        _flush()
        sys.stdout, sys.stderr = streams
        for number, copy in zip((1, 2), saved, strict=True):
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
