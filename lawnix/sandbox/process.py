"""A process that is reached by pipes, as programs of this machine are."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Final

from lawnix.errors import SandboxError
from lawnix.sandbox.wire import Line

_GRACE: Final = 5.0  # s; a closed line ends it, force is for what does not notice


class PipeProcess:
    """A program that leads a session of its own: whoever ends it ends what it started."""

    def __init__(
        self,
        sandbox: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: str | None = None,
        *,
        walled: bool = False,
    ) -> None:
        """Start `command` in `directory`, with the variables of `environment` and no others; `walled` if within walls.

        Raises:
            SandboxError: It cannot be started.
        """
        self._walled = walled
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(sandbox, f"{command[0]} cannot be started: {error.strerror}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._line = Line(self._process.stdout.fileno(), self._process.stdin.fileno())

    @property
    def line(self) -> Line:
        """What is said to it and by it."""
        return self._line

    def ended(self) -> str:
        """How it ended."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.end()
            return "it closed its line"
        if code < 0:
            return f"signal {-code}, {signal.Signals(-code).name}"
        return f"exit code {code}"

    def end(self) -> None:
        """End it, and whatever it started."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        if self._walled:  # who ends by itself has seen the end of all within; else they live on for a moment
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
