"""The sandbox `docker::`: containers of an image, or of what a Dockerfile makes.

What it is: the image by its id, which follows from what is in it, never by its name; of a Dockerfile its context and
the images that it begins from, by their ids; and the variables that are set.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox import container
from lawnix.sandbox.docker.engine import engine, image_of
from lawnix.sandbox.docker.options import Options
from lawnix.sandbox.docker.orphans import label, remove_orphans
from lawnix.sandbox.docker.process import DockerProcess
from lawnix.sandbox.docker.recipe import Recipe, recipe_at
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import python

_PATIENCE: Final = 15.0  # s for an answer while a run is planned; a registry that does not answer is none


class DockerSandbox:
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
        said = [*container.said(self.spec), self._options.variables]
        return digest("sandbox", canonical(("docker", self._known, said)))

    def parts(self) -> Mapping[str, str]:
        """The image by its id, or what it is built from, and what is set in it."""
        what = "image" if self._recipe is None else "built from"
        names = [*(name for name, _ in self.spec.variables), *self._options.variables]
        return {what: self._known, "sets": ", ".join(sorted(names))}

    def check(self, *, closed: bool) -> None:
        """Whether who runs in it can write what is built, and whether it can be closed in.

        Raises:
            IsolationError: Something opens what is to be closed.
            SandboxError: Its user is another one.
        """
        user = self._user.partition(":")[0].replace("root", "0")
        if user.isdecimal() and int(user) != os.getuid():
            raise SandboxError(
                str(self.spec),
                f"it is to run as user {user}, who cannot write what user {os.getuid()} builds; leave out "
                "sandbox_user(), uid and gid in law.cfg, and --user",
            )
        if closed:
            self._options.check_closed()
            volumes = (*self.spec.volumes, *self._options.volumes)
            container.mounts(self.spec, volumes, Surroundings(closed=True))

    def ready(self) -> Path | None:
        """Build the image of a Dockerfile, unless that was done before.

        Raises:
            SandboxError: It cannot be built.
        """
        assert self._image
        return None

    def start(self, arguments: Sequence[str], surroundings: Surroundings) -> DockerProcess:
        """Start the Python of the image."""
        return DockerProcess(str(self.spec), *self._described(python(arguments), surroundings))

    def _described(
        self, command: Sequence[str], surroundings: Surroundings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the SDK's `create_container` and `create_host_config` take."""
        options = self._options
        volumes = (*self.spec.volumes, *options.volumes)
        mounts = container.mounts(self.spec, volumes, surroundings)
        words = container.command(self.spec, command)
        described = {
            "image": self._image,
            "entrypoint": words[:1],
            "command": words[1:],
            "user": self._user,
            "environment": {
                "HOME": container.HOME,
                **container.environment(surroundings),
                **options.variables,
            },
            "working_dir": container.directory(mounts, surroundings),
            "labels": label(str(self.spec), self._home),
            "healthcheck": {"test": ["NONE"]},
            **options.container,
        }
        return described, {**_walls(mounts, surroundings), **options.host}

    @property
    def _user(self) -> str:
        """Who runs in it: by default who runs this."""
        return self._options.user or "{}:{}".format(*self.spec.user or (os.getuid(), os.getgid()))

    @cached_property
    def _options(self) -> Options:
        return Options(self.spec.arguments, str(self.spec))

    @cached_property
    def _recipe(self) -> Recipe | None:
        return recipe_at(self.spec.name, self._home, str(self.spec))

    @cached_property
    def _known(self) -> str:
        """What the image is known by, the same for the whole of a run: its id, or what it is built from."""
        sandbox = str(self.spec)
        with engine(sandbox, _PATIENCE) as client:
            if self._recipe is None:
                return image_of(client, self.spec.name, sandbox)
            return self._recipe.made_from(client)

    @cached_property
    def _image(self) -> str:
        """The id of the image."""
        with engine(str(self.spec), _PATIENCE) as client:
            remove_orphans(client, self._home)
            return self._known if self._recipe is None else self._recipe.built(client, Digest(self._known))


def _walls(mounts: Sequence[container.Mount], surroundings: Surroundings) -> dict[str, Any]:
    """What a container has of the machine, for the SDK's `create_host_config`."""
    from docker.types import Mount

    found: dict[str, Any] = {
        "mounts": [
            Mount(mount.target, mount.source, type="bind", read_only=not mount.writable) for mount in mounts
        ],
        "tmpfs": {container.HOME: "mode=1777"},
        "network_mode": "host",
    }
    if surroundings.closed:
        found |= {
            "tmpfs": {container.HOME: "mode=1777", "/tmp": "mode=1777,exec"},  # noqa: S108  # its own
            "network_mode": "none",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
        }
    return found
