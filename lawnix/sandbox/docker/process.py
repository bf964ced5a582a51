"""A process in a container, reached by the engine's socket."""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping
from typing import Any, Final

from lawnix.errors import SandboxError
from lawnix.sandbox.docker.engine import engine
from lawnix.sandbox.wire import Line

_PATIENCE: Final = 60.0  # s that an answer of the engine may take
_GRACE: Final = 5  # s in which a container whose line is closed ends
_OUT: Final = 1  # the number of the stream that the line is


class Attached(Line):
    """The line to a container: what comes is told apart by the stream that it was written to."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection.fileno(), connection.fileno())
        connection.setblocking(True)  # a task takes as long as it takes
        self._connection = connection
        self._left = 0  # bytes of the frame that is being read

    def _read(self, size: int) -> bytes:
        from docker.utils.socket import next_frame_header, read_exactly

        blocks = []
        while size:
            while not self._left:
                stream, length = next_frame_header(self._connection)
                if length < 0:
                    raise EOFError
                if stream == _OUT:
                    self._left = length
                else:  # it stands where a program of this machine would have written it
                    os.write(2, read_exactly(self._connection, length))
            block = os.read(self.incoming, min(size, self._left))
            if not block:
                raise EOFError
            self._left -= len(block)
            size -= len(block)
            blocks.append(block)
        return b"".join(blocks)


class DockerProcess:
    """A container that ends with its process, and is removed when it ends.

    Its standard input is attached once: when nobody is at the other end any more, the engine closes it, and what runs
    first in there ends itself by that.

    Attributes:
        connection: What is attached to it.
    """

    def __init__(
        self, sandbox: str, container: Mapping[str, Any], host: Mapping[str, Any], *, terminal: bool = False
    ) -> None:
        """Start a container.

        Args:
            sandbox: What it is a container of, for messages.
            container: What the SDK's `create_container` takes.
            host: What its `create_host_config` takes.
            terminal: Whether it has a terminal, and not three streams.

        Raises:
            SandboxError: It cannot be started.
        """
        with contextlib.ExitStack() as life:
            self._client = client = life.enter_context(engine(sandbox, _PATIENCE))
            if client.base_url.startswith("https") or client.base_url.endswith("ssh"):
                raise SandboxError(
                    sandbox,
                    "the Docker engine in DOCKER_HOST is not on this machine, and cannot mount what lies here; use "
                    "one that listens at a unix:// socket",
                )
            self._begin = int(time.time())
            config = client.create_host_config(auto_remove=True, **host)
            created = client.create_container(**container, stdin_open=True, tty=terminal, host_config=config)
            self._container = str(created["Id"])
            life.callback(self._remove)
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            # before it is started, so that not a byte is lost
            attached = client.attach_socket(self._container, params=streams)
            self.connection = life.enter_context(socket.socket(fileno=os.dup(attached.fileno())))
            attached._response.close()  # noqa: SLF001  # nothing else closes what the SDK has of it
            client.start(self._container)
            self._line = Attached(self.connection)
            self._life = life.pop_all()

    @property
    def line(self) -> Line:
        """What is said to it and by it."""
        return self._line

    def ended(self) -> str:
        """How it ended."""
        code, memory = self.code()
        self.end()
        if code is None:
            return "it closed its line"
        number = code - 128  # as shells and engines tell of signals
        if number in signal.valid_signals():
            return f"signal {number}, {signal.Signals(number).name}{memory}"
        return f"exit code {code}{memory}"

    def code(self) -> tuple[int | None, str]:
        """Its exit code, and whether memory is the reason; waits a moment for that."""
        ends = self._client.events(
            since=self._begin,
            until=int(time.time()) + _GRACE,
            filters={"container": self._container, "event": ["die", "oom"]},
            decode=True,
        )
        memory = ""
        with contextlib.closing(ends):
            for event in ends:
                if event["Action"] == "die":
                    return int(event["Actor"]["Attributes"]["exitCode"]), memory
                memory = ": it had no memory left"
        return None, memory

    def resize(self, lines: int, columns: int) -> None:
        """Tell it how large its terminal is."""
        self._client.resize(self._container, lines, columns)

    def end(self) -> None:
        """End it, and whatever it started."""
        self._life.close()

    def _remove(self) -> None:
        import docker

        with contextlib.suppress(docker.errors.APIError):  # mostly it removes itself
            self._client.remove_container(self._container, force=True)
