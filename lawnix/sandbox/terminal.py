"""Inside a sandbox: a command at a terminal that lies outside, or fed with what comes from there.

Any Python from 3.10 on runs this. Messages to it: what to run, then `in` (text, as base64; an empty one is the end) and
`size`; from it: `out` and `err`, and at the end `code`.
"""

# ruff: noqa: PTH101, PTH118, PTH123
# What crosses into a sandbox is text.

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import pty
import select
import shlex
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING, Any, NoReturn

from lawnix.sandbox.wire import FORMAT, Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BLOCK = 1 << 16


def serve(incoming: int, outgoing: int) -> NoReturn:
    """Run one command, and end."""
    line = Line(incoming, outgoing)
    line.send({"hello": {"format": FORMAT}})
    asked = line.receive()
    command, environment = asked["command"], {**os.environ, **asked["variables"]}
    _make_programs(asked["programs"])
    environment["PATH"] = os.pathsep.join([asked["programs"], environment.get("PATH", os.defpath)])
    run = _at_terminal if asked["size"] else _through_pipes
    line.send({"code": run(line, command, environment, asked)})
    os._exit(0)


def _make_programs(directory: str) -> None:
    """Make the commands that bring the task to hand, with the Python of the sandbox."""
    start = shlex.join([sys.executable, os.path.join(directory, "start.py")])
    interactive = shlex.join([sys.executable, "-i", os.path.join(directory, "start.py")])
    for name, command in (("run", f"{start} run"), ("task", interactive)):
        path = os.path.join(directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec {command}\n")
        os.chmod(path, 0o700)


def _at_terminal(line: Line, command: Sequence[str], environment: Mapping[str, str], asked: Any) -> int:
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(asked["directory"])
        os.execvpe(command[0], list(command), dict(environment))  # noqa: S606  # there is no shell before the shell
    _resize(terminal, asked["size"])
    _relay(line, {terminal: "out"}, terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _through_pipes(line: Line, command: Sequence[str], environment: Mapping[str, str], asked: Any) -> int:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env=environment, cwd=asked["directory"], stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    _relay(line, {process.stdout.fileno(): "out", process.stderr.fileno(): "err"}, process.stdin.fileno())
    return process.wait()


def _relay(line: Line, outputs: dict[int, str], inlet: int) -> None:
    """Carry what is said both ways, until the command says nothing any more."""
    while outputs:
        ready, _, _ = select.select([line.incoming, *outputs], [], [])
        for descriptor in ready:
            if descriptor == line.incoming:
                inlet = _heard(line.receive(), inlet)
                continue
            try:
                text = os.read(descriptor, _BLOCK)
            except OSError:  # as a terminal says that nobody is there any more
                text = b""
            if text:
                line.send({outputs[descriptor]: base64.b64encode(text).decode()})
            else:
                del outputs[descriptor]


def _heard(message: Any, inlet: int) -> int:
    """Do what a message from outside asks for; where the next input goes."""
    if "size" in message:
        _resize(inlet, message["size"])
    elif inlet >= 0:
        text = base64.b64decode(message["in"])
        if not text:
            os.close(inlet)
            return -1
        with contextlib.suppress(BrokenPipeError):
            rest = memoryview(text)
            while rest:
                rest = rest[os.write(inlet, rest) :]
    return inlet


def _resize(terminal: int, size: Sequence[int]) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
