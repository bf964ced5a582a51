"""Bash sandboxes: `bash::setup.sh`. A shell sources a script, and Python runs in what that leaves.

What it is: the script and all that it sources, as bytes, and the variables that it sets. It is run once for that, in
the clean environment in which it is run for builds, too: neither sees what the caller has set.
"""

import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox.launch import PATH, base_environment, started
from lawnix.sandbox.placeless import placeless
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import python

_PATIENCE: Final = 600.0  # s that a script may take; some install things when they run first
_OF_SHELLS: Final = frozenset({"_", "SHLVL", "PWD", "OLDPWD", "BASH_XTRACEFD", "PS4", "SHELLOPTS"})
_MARK: Final = "\x1f"  # separates the parts of a line of the trace; no script has it
_PROGRAM: Final = """\
exec {{BASH_XTRACEFD}}>{trace}
PS4='+{mark}${{BASH_SOURCE-}}{mark}${{PWD}}{mark}'
set -x
{commands}
status=$?
{{ set +x; }} 2>/dev/null
[ $status = 0 ] && env -0 >{left}
exit $status
"""


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

    def ready(self) -> None:
        """Nothing has to be made."""

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start the Python that the script leaves on `PATH`."""
        commands = f"{self._set_up} && exec {shlex.join(python(arguments))}"
        own = [str(place) for place in self._sourced.files]
        return started(str(self.spec), [*self._shell, "-c", commands], surroundings, own=own)

    @property
    def _shell(self) -> list[str]:
        return ["bash", "-l"] if self.spec.login else ["bash"]

    @property
    def _set_up(self) -> str:
        """The commands, as law writes them."""
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self.spec.variables]
        source = f'source {shlex.quote(str(self._script))} ""'
        return " && ".join([*self.spec.before, source, *exports, *self.spec.after])

    @cached_property
    def _sourced(self) -> _Sourced:
        if not self._script.is_file():
            raise SandboxError(str(self.spec), f"there is no script {self._script}")
        before = base_environment()
        with tempfile.TemporaryDirectory() as directory:
            trace, left = Path(directory, "trace"), Path(directory, "left")
            places = {"trace": shlex.quote(str(trace)), "left": shlex.quote(str(left))}
            program = _PROGRAM.format(mark=_MARK, commands=self._set_up, **places)
            try:
                run = subprocess.run(
                    [*self._shell, "-c", program],
                    env=before,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    errors="replace",
                    timeout=_PATIENCE,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise SandboxError(str(self.spec), f"its script cannot be run: {error}") from error
            if run.returncode or not left.exists():
                said = "".join(f"\n  | {line}" for line in run.stdout.splitlines()[-10:])
                raise SandboxError(str(self.spec), f"its script ended with exit code {run.returncode}{said}")
            after = _variables(left.read_bytes())
            files = dict.fromkeys([self._script, *_traced(trace.read_text("utf-8", "replace"))])
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        own = {name for name, _ in self.spec.variables}
        return _Sourced(tuple(files), {name: after.get(name) for name in changed - own - _OF_SHELLS})

    def _placeless(self, value: str) -> str:
        return placeless(value, self._script)


def _variables(left: bytes) -> dict[str, str]:
    """What `env -0` has written."""
    pairs = (each.decode("utf-8", "surrogateescape").partition("=") for each in left.split(b"\0") if each)
    return {name: value for name, _, value in pairs}


def _traced(trace: str) -> Iterator[Path]:
    """The files that commands came from, or that were sourced without a command in them."""
    for line in dict.fromkeys(trace.splitlines()):
        nesting, *said = line.split(_MARK, 3)
        if len(said) < 3 or nesting.strip("+"):  # the rest of a command of several lines
            continue
        source, directory, command = said
        yield from _there(source, directory)
        words = command.split(maxsplit=1)
        if words and words[0] in ("source", "."):
            try:
                name = shlex.split(words[1])[0]
            except (ValueError, IndexError):
                continue
            places = [directory] if "/" in name else [*PATH.split(":"), directory]
            yield from (found for place in places for found in _there(name, place))


def _there(name: str, directory: str) -> Iterator[Path]:
    if name and (place := Path(directory, name)).is_file():
        yield place
