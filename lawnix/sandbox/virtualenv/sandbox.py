"""The sandbox `venv::`: an environment that is made of what a file locks, or the directory of one.

What is locked is made once, below the store: what the lock pins decides what it is, with the implementation and version
of Python; comments, order, and what is pinned for other machines do not. Of a directory, which is somebody else's, what
is installed in it decides, as the files are now.
"""

import os
import shlex
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox.interpreter import Interpreter, interpreter_at, interpreter_for
from lawnix.sandbox.launch import MUTE, PATH, exports, started
from lawnix.sandbox.placeless import placeless
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.realized import Environment, Environments
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.virtualenv.installed import installed_form
from lawnix.sandbox.virtualenv.installing import Packages
from lawnix.sandbox.virtualenv.requirements import Requirements, requirements_in
from lawnix.sandbox.virtualenv.uvlock import locked_requirements, required_python
from lawnix.sandbox.walls import checked_bubblewrap

_SHOWN: Final = 3  # of what is not pinned


class VenvSandbox:
    """A virtual environment."""

    walled = False

    def __init__(self, spec: SandboxSpec, home: Path) -> None:
        self.spec = spec
        self._name = Path(spec.name).absolute()
        self._environments = Environments(home)

    def identity(self) -> Digest:
        """The digest of what is installed in it, or will be, and of the variables and commands that go with it.

        Raises:
            SandboxError: There is no such file, or it does not pin what it lists.
        """
        variables = {name: placeless(value, self._name) for name, value in self.spec.variables}
        more = (variables, [self.spec.before, self.spec.after])
        return digest("sandbox", canonical(("venv", self._content.form, *more)))

    def parts(self) -> Mapping[str, str]:
        """Its Python and its packages."""
        return {**self._content.versions, "python": " ".join(self._content.interpreter.what)}

    def check(self, *, closed: bool) -> None:
        """Whether it can be closed in.

        Raises:
            IsolationError: Nothing here can do that.
        """
        if closed:
            checked_bubblewrap(str(self.spec))

    def ready(self) -> Path | None:
        """Make it, if it is one that is locked and nobody has made it.

        Raises:
            SandboxError: It cannot be made.
        """
        content = self._content
        if isinstance(content, _Installed):
            return None
        wanted = Environment(content.digest, str(self.spec), self.parts(), {})
        return self._environments.realized(wanted, self._name.name, content.packages.install, self.identity())

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start its Python, in an environment as `activate` would leave it."""
        return started(
            str(self.spec), *self._launch([str(self._venv / "bin" / "python"), *arguments], surroundings)
        )

    def _launch(
        self, command: Sequence[str], surroundings: Surroundings
    ) -> tuple[Sequence[str], Surroundings, Mapping[str, str], Sequence[str]]:
        """The command behind the set-up, what it sees, its variables, and where the sandbox lies."""
        venv = self._venv
        activated = {"VIRTUAL_ENV": str(venv), "PATH": f"{venv / 'bin'}:{PATH}"}
        variables = {**activated, **dict(self.spec.variables)}
        if (
            self.spec.before
            or self.spec.after
            or any(set("$\\") & set(value) for _, value in self.spec.variables)
        ):
            activate = [f"export {name}={shlex.quote(value)}" for name, value in activated.items()]
            set_up = " && ".join(
                [*self.spec.before, *activate, *exports(self.spec.variables), *self.spec.after]
            )
            command, variables = ["bash", "-c", f"{{ {set_up}; }} {MUTE} && exec {shlex.join(command)}"], {}
        base = self._content.interpreter.base_prefix
        own = sorted({str(venv), base, os.path.realpath(base)})
        return command, surroundings, variables, own

    @property
    def _venv(self) -> Path:
        """Where it lies; it is made if nobody has."""
        made = self.ready()
        return self._name if made is None else made / "venv"

    @cached_property
    def _content(self) -> "_Locked | _Installed":
        if self._name.is_dir():
            interpreter = interpreter_at(self._python_in(self._name), str(self.spec))
            try:
                return _Installed(interpreter, self._environments.home)
            except OSError as error:
                raise SandboxError(str(self.spec), f"it cannot be read: {error}") from error
        if not self._name.is_file():
            raise SandboxError(str(self.spec), f"there is neither a file nor a directory {self._name}")
        directory, name = self._name.parent, str(self.spec)
        if self._name.name in ("pyproject.toml", "uv.lock"):
            listed, requires = locked_requirements(directory, name), required_python(directory, name)
        else:
            listed, requires = requirements_in(self._name, name), None
        self._check(listed)
        return _Locked(listed, interpreter_for(name, directory, requires), directory)

    def _python_in(self, directory: Path) -> Path:
        python = directory / "bin" / "python"
        if not (directory / "pyvenv.cfg").is_file() or not python.exists():
            raise SandboxError(
                str(self.spec),
                f"{directory} is no virtual environment; name the file that locks one, or make one there",
            )
        return python

    def _check(self, listed: Requirements) -> None:
        """See that a list leaves nothing open.

        Raises:
            SandboxError: It does.
        """
        if listed.loose:
            shown = ", ".join(repr(each) for each in listed.loose[:_SHOWN])
            more = f" and {len(listed.loose) - _SHOWN} more" if len(listed.loose) > _SHOWN else ""
            raise SandboxError(
                str(self.spec),
                f"it does not pin {shown}{more}, so what is in it could be otherwise tomorrow; `lawnix sandbox lock "
                f"{self.spec.name}` writes a list beside it that does",
            )


class _Locked:
    """What a lock file pins."""

    def __init__(self, listed: Requirements, interpreter: Interpreter, directory: Path) -> None:
        self.interpreter = interpreter
        pins = listed.here(interpreter.markers)
        self.packages = Packages(pins, [*listed.where, *listed.options], interpreter, directory)
        self.form = ("locked", interpreter.what, [pin.form for pin in pins], listed.options)
        self.versions = {pin.name: pin.version for pin in pins}

    @property
    def digest(self) -> Digest:
        """What it is, and where it works: machines of several kinds may share a store."""
        base = os.path.realpath(self.interpreter.executable)
        return digest("environment", canonical((self.form, self.interpreter.platform, base)))


class _Installed:
    """What is installed in a directory."""

    def __init__(self, interpreter: Interpreter, home: Path) -> None:
        self.interpreter = interpreter
        self.form = ("installed", interpreter.what, installed_form(interpreter, home))
        self.versions = interpreter.versions()
