"""Bash sandboxes: `bash::setup.sh`. A shell sources a script, and Python runs in what that leaves.

What it is: the script and all that it sources, as bytes, and the variables that it sets. It is run once for that, in
the clean environment in which it is run for builds, too: neither sees what the caller has set.
"""

# ruff: noqa: PTH109, PTH110, PTH111, PTH117, PTH118
# What variables say is text.

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox.launch import CLOSED_ENVIRONMENT, MUTE, base_environment, exports, started
from lawnix.sandbox.placeless import placeless
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.traced import sourced_in, traced, variables_in
from lawnix.sandbox.walls import checked_bubblewrap
from lawnix.sandbox.worker import python

_PATIENCE: Final = 600.0  # s that a script may take; some install things when they run first
_OF_SHELLS: Final = frozenset({"_", "SHLVL", "PWD", "OLDPWD", "BASH_XTRACEFD", "PS4", "SHELLOPTS"})
_SEARCHED: Final = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX")
_OF_INSTALLATIONS: Final = ("bin", "sbin", "condabin", "lib", "lib64")


class _Sourced(NamedTuple):
    """What running the script has shown.

    Attributes:
        files: All that was sourced, the script first.
        variables: What it set; None for what it unset.
    """

    files: tuple[Path, ...]
    variables: Mapping[str, str | None]


class BashSandbox:
    """What a script sets up."""

    walled = False

    def __init__(self, spec: SandboxSpec, home: Path) -> None:
        self.spec = spec
        self._script = Path(spec.name).absolute()
        self._home = str(home.absolute())
        self._closed = False

    def identity(self) -> Digest:
        """The digest of the files that are sourced, and of what they set.

        Raises:
            SandboxError: There is no such script, or it fails.
        """
        files, variables = self._sourced
        given = {name: self._placeless(value) for name, value in self.spec.variables}
        said = (
            [digest("file", each.read_bytes()) for each in files],
            {name: value and self._placeless(value) for name, value in variables.items()},
            given,
            [self.spec.before, self.spec.after],
            self.spec.login,
        )
        return digest("sandbox", canonical(("bash", said)))

    def parts(self) -> Mapping[str, str]:
        """The files that are sourced, and the variables that they set."""
        files, variables = self._sourced
        return {"sources": ", ".join(map(str, files)), "sets": ", ".join(sorted(variables))}

    def check(self, *, closed: bool) -> None:
        """Whether it can be closed in."""
        self._closed = closed
        if closed:
            checked_bubblewrap(str(self.spec))

    def ready(self) -> None:
        """Nothing has to be made; where it is closed in, what belongs to it is found out once, for all workers."""
        if self._closed:
            self._own  # noqa: B018  # it is kept

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start the Python that the script leaves on `PATH`."""
        return started(str(self.spec), *self._launch(python(arguments), surroundings))

    def _launch(
        self, command: Sequence[str], surroundings: Surroundings
    ) -> tuple[Sequence[str], Surroundings, Mapping[str, str], Sequence[str]]:
        """The command behind the set-up, what it sees, its variables, and where the sandbox lies."""
        if not surroundings.closed:
            commands = f"{{ {self._set_up}; }} {MUTE} && exec {shlex.join(command)}"
            return [*self._shell, "-c", commands], surroundings, {}, ()
        # the script finds what it found when it was looked at, such as a home; who is started behind it does not
        before, set_by_script = base_environment(), self._sourced.variables.keys()
        unset = [name for name in before if name not in CLOSED_ENVIRONMENT and name not in set_by_script]
        set_anew = {name: value for name, value in CLOSED_ENVIRONMENT.items() if name not in set_by_script}
        given = {name for name, _ in self.spec.variables} | surroundings.variables.keys()
        clean = [
            f"unset {' '.join(name for name in unset if name not in given)}".rstrip(),
            *(f"export {name}={value}" for name, value in set_anew.items() if name not in given),
        ]
        commands = " && ".join([f"{{ {self._set_up}; }} {MUTE}", *clean, f"exec {shlex.join(command)}"])
        return [*self._shell, "-c", commands], surroundings, before, self._own

    @cached_property
    def _own(self) -> Sequence[str]:
        """Where it lies: what is sourced, and where its variables have programs and libraries looked for."""
        files, variables = self._sourced
        tell = "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')"
        commands = f"{{ {self._set_up}; }} >/dev/null 2>&1 && exec {shlex.join(python(['-c', tell]))}"
        told = self._run(commands)
        if told.returncode:
            raise SandboxError(str(self.spec), f"its Python cannot be run{_last(told.stdout)}")
        values = [variables.get(name) or "" for name in _SEARCHED]
        entries = [entry for value in values for entry in value.split(os.pathsep) if os.path.isabs(entry)]
        found = [*map(str, files), *told.stdout.split("\n"), *(self._installation(each) for each in entries)]
        return [place for place in dict.fromkeys(found) if place and os.path.exists(place)]

    def _installation(self, entry: str) -> str:
        """What an entry of a search path belongs to: `/opt/root` of `/opt/root/bin`, but never a home of `~/bin`."""
        above, name = os.path.split(entry.rstrip(os.sep))
        wide = [os.getcwd(), os.path.expanduser("~"), self._home]
        if name not in _OF_INSTALLATIONS or any(
            f"{place}{os.sep}".startswith(os.path.join(above, "")) for place in wide
        ):
            return entry
        return above

    @property
    def _shell(self) -> list[str]:
        return ["bash", "-l"] if self.spec.login else ["bash"]

    @property
    def _set_up(self) -> str:
        """The commands, as law writes them."""
        source = f'source {shlex.quote(str(self._script))} ""'
        return " && ".join([*self.spec.before, source, *exports(self.spec.variables), *self.spec.after])

    @cached_property
    def _sourced(self) -> _Sourced:
        if not self._script.is_file():
            raise SandboxError(str(self.spec), f"there is no script {self._script}")
        before = base_environment()
        with tempfile.TemporaryDirectory() as directory:
            trace, left = Path(directory, "trace"), Path(directory, "left")
            run = self._run(traced(self._set_up, trace, left))
            if run.returncode or not left.exists():
                how = f"ended with exit code {run.returncode}"
                if not run.returncode:
                    how = "ends the shell that sources it; it may `return`, but not `exit` or `exec`"
                raise SandboxError(str(self.spec), f"its script {how}{_last(run.stdout)}")
            after = variables_in(left.read_bytes())
            files = dict.fromkeys([self._script, *sourced_in(trace.read_text("utf-8", "replace"))])
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        own = {name for name, _ in self.spec.variables}
        return _Sourced(tuple(files), {name: after.get(name) for name in changed - own - _OF_SHELLS})

    def _run(self, commands: str) -> "subprocess.CompletedProcess[str]":
        """Run commands of the shell in the environment that the script is run in; nothing of it goes on behind them."""
        command = [*self._shell, "-c", commands]
        with tempfile.TemporaryFile() as said:  # a pipe would be open as long as something goes on
            try:
                process = subprocess.Popen(
                    command,
                    env=base_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise SandboxError(str(self.spec), f"its script cannot be run: {error}") from error
            try:
                code = process.wait(_PATIENCE)
            except subprocess.TimeoutExpired as error:
                raise SandboxError(
                    str(self.spec), f"its script takes longer than {_PATIENCE:.0f} s"
                ) from error
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            said.seek(0)
            return subprocess.CompletedProcess(command, code, said.read().decode(errors="replace"))

    def _placeless(self, value: str) -> str:
        return placeless(value, self._script)


def _last(said: str) -> str:
    return "".join(f"\n  | {line}" for line in said.splitlines()[-10:])
