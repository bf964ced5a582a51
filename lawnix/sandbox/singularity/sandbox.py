"""The sandbox `singularity::`: containers of an image that is a file or a directory, or of what a definition makes.

What it is: the image by what it holds; of a definition that, what it copies and what it begins from; and what is set.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import IsolationError, SandboxError
from lawnix.sandbox import container
from lawnix.sandbox.contents import content_of
from lawnix.sandbox.placeless import placeless
from lawnix.sandbox.process import PipeProcess
from lawnix.sandbox.singularity.recipe import Recipe
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.walls import OF_KERNEL
from lawnix.sandbox.worker import python

_PROGRAMS: Final = ("apptainer", "singularity")
_KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
_KEPT_END: Final = ("TMPDIR", "CACHEDIR", "CONFIGDIR", "LOCALCACHEDIR")
_TIGHT: Final = frozenset(  # of its options those that open nothing
    {
        "--app",
        "--cpus",
        "--env",
        "--memory",
        "--memory-swap",
        "--no-umask",
        "--nv",
        "--nvccli",
        "--pids-limit",
        "--rocm",
    }
)


class SingularitySandbox:
    """Containers of one image."""

    walled = True

    def __init__(self, spec: SandboxSpec, home: Path) -> None:
        self.spec = spec
        self._home = home

    def identity(self) -> Digest:
        """The digest of the image, or of what it is built from, and of what is set in it.

        Raises:
            SandboxError: It cannot be had.
        """
        assert self._program  # else nothing of it could be run
        said = [*container.said(self.spec), [placeless(each) for each in self.spec.arguments]]
        return digest("sandbox", canonical(("singularity", self._known, said)))

    def parts(self) -> Mapping[str, str]:
        """The image, or what it is built from, by its digest, and what is set in it."""
        what = "image" if self._recipe is None else "built from"
        return {what: self._known, "sets": ", ".join(sorted(name for name, _ in self.spec.variables))}

    def check(self, *, closed: bool) -> None:
        """Whether it can be closed in.

        Raises:
            IsolationError: Something opens what is to be closed.
        """
        if closed:
            self._check_closed()
            container.mounts(self.spec, self.spec.volumes, Surroundings(closed=True))

    def ready(self) -> Path | None:
        """Build the image of a definition, unless that was done before.

        Raises:
            SandboxError: It cannot be built.
        """
        return None if self._recipe is None else self._image.parent

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> PipeProcess:
        """Start the Python of the image."""
        words = self._words(python(arguments), surroundings)
        # walled: it ends by itself when its line is closed, and only then takes along what mounts the image for it
        return PipeProcess(str(self.spec), words, self._environment(surroundings), walled=True)

    def _words(self, command: Sequence[str], surroundings: Surroundings) -> list[str]:
        """The command that runs `command` in the image."""
        if not self.spec.binds and self.spec.volumes:
            raise SandboxError(
                str(self.spec), "it has volumes, and its allow_binds is False: set one of them only"
            )
        mounts = container.mounts(self.spec, self.spec.volumes, surroundings)
        directory = container.directory(mounts, surroundings)
        return [
            self._program,
            "--quiet",
            "exec",
            *self.spec.arguments,
            *(_CLOSED if surroundings.closed else _OPEN),
            *(["--no-privs"] if surroundings.closed and os.geteuid() == 0 else []),
            *(["--pwd", directory] if directory is not None else []),
            *(each for mount in mounts if self.spec.binds for each in ("--mount", _mount(mount))),
            *(each for place in _of_kernel(surroundings) for each in ("--mount", _mount(place))),
            str(self._image),
            *container.command(self.spec, command),
        ]

    def _check_closed(self) -> None:
        """Check that nothing opens what is to be closed.

        Raises:
            IsolationError: Something does.
        """
        if not self.spec.binds:
            raise IsolationError(str(self.spec), "its allow_binds is False", "let directories be mounted")
        named = [each.partition("=")[0] for each in self.spec.arguments if each.startswith("-")]
        opening = [each for each in named if each not in _TIGHT]
        if opening:
            raise IsolationError(
                str(self.spec),
                f"singularity_args() of the task asks for {', '.join(opening)}",
                "leave that out",
            )

    def _environment(self, surroundings: Surroundings) -> dict[str, str]:
        """What the program itself has, and what it hands on."""
        family = Path(self._program).name.upper()
        kept = (*_KEPT, *(f"{name}_{end}" for name in ("APPTAINER", "SINGULARITY") for end in _KEPT_END))
        own = {name: os.environ[name] for name in kept if name in os.environ}
        inside = container.environment(surroundings)
        return {**own, **{f"{family}ENV_{name}": value for name, value in inside.items()}}

    @cached_property
    def _program(self) -> str:
        found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
        if found is None:
            raise SandboxError(
                str(self.spec),
                "there is neither apptainer nor singularity on PATH; install one, or add its directory",
            )
        return found

    @cached_property
    def _recipe(self) -> Recipe | None:
        if "://" in self.spec.name or self.spec.name.endswith(".def"):
            return Recipe(self.spec.name, self._home, str(self.spec))
        return None

    @cached_property
    def _known(self) -> Digest:
        """What the image is known by, the same for the whole of a run."""
        if self._recipe is not None:
            return self._recipe.made_from()
        place = Path(self.spec.name)
        if not place.exists():
            raise SandboxError(str(self.spec), f"there is no image {place.absolute()}")
        try:
            return content_of(place, self._home, is_image=True)
        except OSError as error:
            raise SandboxError(str(self.spec), f"its image cannot be read: {error}") from error

    @cached_property
    def _image(self) -> Path:
        if self._recipe is None:
            return Path(self.spec.name).absolute()
        return self._recipe.built(self._program, self._known)


_OPEN: Final = ("--cleanenv", "--no-eval", "--pid")
_CLOSED: Final = (
    *("--containall", "--no-eval", "--home", container.HOME),
    *("--no-mount", "sys,bind-paths", "--net", "--network", "none"),
)


def _of_kernel(surroundings: Surroundings) -> list[container.Mount]:
    """What of the kernel is not to be written."""
    closed = filter(os.path.exists, OF_KERNEL if surroundings.closed else ())
    return [container.Mount(place, place, writable=False) for place in closed]


def _mount(mount: container.Mount) -> str:
    """A mount as `--mount` takes it: with commas between, and quotes where there are some within."""
    fields = [
        "type=bind",
        f"source={mount.source}",
        f"destination={mount.target}",
        *([] if mount.writable else ["ro"]),
    ]
    return ",".join(
        '"' + each.replace('"', '""') + '"' if set(each) & {",", '"'} else each for each in fields
    )
