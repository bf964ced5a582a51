"""A container at the terminal of the caller."""

import contextlib
import os
import select
import signal
import socket
import termios
import tty
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lawnix.sandbox.docker.process import DockerProcess

_BLOCK: Final = 1 << 16  # bytes
_IN, _OUT, _ERROR = 0, 1, 2  # the caller's, and the numbers of the streams of a container without a terminal


def at_terminal(sandbox: str, container: Mapping[str, Any], host: Mapping[str, Any]) -> int:
    """Run a container with what the caller's stdin, stdout and stderr are, until it ends; its exit code.

    Raises:
        SandboxError: It cannot be started.
    """
    terminal = os.isatty(_IN)
    process = DockerProcess(sandbox, container, host, terminal=terminal)
    try:
        if terminal:
            with _raw(), _sized(process):
                _carry(process.connection, terminal=True)
        else:
            _carry(process.connection, terminal=False)
        code, _ = process.code()
        return 1 if code is None else code
    finally:
        process.end()


def _carry(connection: socket.socket, *, terminal: bool) -> None:
    """Hand on what is typed, and what is shown, until the container ends."""
    from docker.utils.socket import next_frame_header, read_exactly

    watched: list[Any] = [connection, _IN]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if _IN in ready:
            typed = os.read(_IN, _BLOCK)
            if typed:
                connection.sendall(typed)
            else:
                watched.remove(_IN)
                connection.shutdown(socket.SHUT_WR)
        if connection not in ready:
            continue
        if terminal:
            stream, shown = _OUT, connection.recv(_BLOCK)
        else:
            stream, size = next_frame_header(connection)
            shown = read_exactly(connection, size) if size > 0 else b""
        if not shown:
            return
        with open(_ERROR if stream == _ERROR else _OUT, "wb", closefd=False) as file:
            file.write(shown)


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Leave what keys mean to the terminal of the container."""
    before = termios.tcgetattr(_IN)
    tty.setraw(_IN, termios.TCSADRAIN)  # what was typed ahead stays
    try:
        yield
    finally:
        termios.tcsetattr(_IN, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _sized(process: DockerProcess) -> Iterator[None]:
    """Keep the terminal of the container as large as the caller's."""

    def resize(*_: object) -> None:
        size = os.get_terminal_size(_IN)
        process.resize(size.lines, size.columns)

    before = signal.signal(signal.SIGWINCH, resize)
    try:
        resize()
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
