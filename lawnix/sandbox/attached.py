"""The outer end of a command in a sandbox: the terminal of the caller, or what the caller's streams are."""

import base64
import contextlib
import os
import select
import signal
import termios
import tty
from collections.abc import Iterator, Mapping, Sequence

from lawnix.sandbox.wire import GarbledError, Line
from lawnix.sandbox.worker import NO_ANSWER, DiedError

_BLOCK = 1 << 16


def attach(
    line: Line, command: Sequence[str], variables: Mapping[str, str], directory: str, programs: str
) -> int:
    """Run a command at the other end of `line` with our stdin, stdout and stderr; its exit code.

    Args:
        line: To what serves a terminal.
        command: A program of the sandbox with its arguments.
        variables: What is set for it beside the sandbox's own.
        directory: Where it starts.
        programs: Where more programs are made for it.

    Raises:
        DiedError: The sandbox ended before it did.
    """
    size = list(os.get_terminal_size(0)) if os.isatty(0) and os.isatty(1) else None
    rows = size and [size[1], size[0]]
    asked = {"command": list(command), "variables": dict(variables), "size": rows}
    line.send({**asked, "directory": directory, "programs": programs})
    with (
        _raw_terminal() if rows else contextlib.nullcontext(),
        _resized(line) if rows else contextlib.nullcontext(),
    ):
        return _relay(line)


def _relay(line: Line) -> int:
    listening = [line.incoming, 0]
    while True:
        ready, _, _ = select.select(listening, [], [])
        if 0 in ready:
            text = os.read(0, _BLOCK)
            with contextlib.suppress(BrokenPipeError):
                line.send({"in": base64.b64encode(text).decode()})
            if not text:
                listening.remove(0)
        if line.incoming in ready:
            try:
                message = line.receive()
            except EOFError:
                raise DiedError("it closed its line") from None
            except GarbledError:
                raise DiedError(NO_ANSWER) from None
            if "code" in message:
                code = int(message["code"])
                return code if code >= 0 else 128 - code
            if "died" in message:
                raise DiedError(str(message["died"]))
            for name, descriptor in (("out", 1), ("err", 2)):
                rest = memoryview(base64.b64decode(message.get(name, "")))
                while rest:
                    rest = rest[os.write(descriptor, rest) :]


@contextlib.contextmanager
def _raw_terminal() -> Iterator[None]:
    """Within, each key goes to the other end as it is."""
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSADRAIN)  # what was typed ahead stays
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resized(line: Line) -> Iterator[None]:
    """Within, the other end is told of another size of the terminal."""

    def tell(number: int, frame: object) -> None:
        columns, rows = os.get_terminal_size(0)
        line.send({"size": [rows, columns]})

    before = signal.signal(signal.SIGWINCH, tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
