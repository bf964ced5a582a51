"""The workshop: programs that make an environment run here, with a log, and with news for who waits."""

import logging
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lawnix.errors import SandboxError

logger = logging.getLogger("luigi-interface")  # where people look while a run goes on

LOG: Final = "log"
_NEWS: Final = 10.0  # s between two lines that say what goes on
_LAST_LINES: Final = 20


class Workshop:
    """The place where one environment is made.

    Attributes:
        sandbox: For which it is made, for messages.
        place: An empty directory; what is left there when all is done is the environment.
    """

    def __init__(self, sandbox: str, place: Path, lock: int | None) -> None:
        """Use `place`; programs inherit `lock`, an open file, so that it is held as long as one of them runs."""
        self.place = place
        self.sandbox = sandbox
        self._lock = lock

    @property
    def log(self) -> Path:
        """What the programs have printed."""
        return self.place / LOG

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        """Run a program to its end.

        Args:
            command: The program with its arguments.
            environment: Its variables; ours if there are none.
            directory: Where it starts; where we are if that is not said.

        Raises:
            SandboxError: It failed.
        """
        with self.log.open("ab") as log:
            log.write(f"$ {shlex.join(command)}\n".encode())
            log.flush()
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=None if environment is None else dict(environment),
                    cwd=directory,
                    pass_fds=[] if self._lock is None else [self._lock],
                    start_new_session=True,
                )
            except OSError as error:
                raise SandboxError(
                    self.sandbox, f"{command[0]} cannot be started: {error.strerror}"
                ) from error
            code = self._wait(process)
        if code:
            said = "".join(f"\n  | {line}" for line in self._last_lines())
            raise SandboxError(
                self.sandbox,
                f"{command[0]} ended with exit code {code}; the log {self.log} ends:{said}",
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        waited = 0.0
        try:
            while True:
                try:
                    return process.wait(_NEWS)
                except subprocess.TimeoutExpired:
                    waited += _NEWS
                    logger.info(
                        "still making %s, for %d s: %s",
                        self.sandbox,
                        waited,
                        *self._last_lines()[-1:] or ["…"],
                    )
        finally:
            if process.returncode is None:  # we are to end
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _last_lines(self) -> list[str]:
        text = self.log.read_text("utf-8", "replace")
        return [line for line in text.splitlines() if line.strip()][-_LAST_LINES:]
