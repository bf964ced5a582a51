"""Dockerfiles: what an image is built of, and how it is built, once."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox.contents import content_of_these
from lawnix.sandbox.docker.engine import image_of
from lawnix.sandbox.realized import Environment, Environments, remove
from lawnix.sandbox.workshop import Workshop

REPOSITORY: Final = "lawnix-sandbox"
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")
_LAST_LINES: Final = 15  # lines of a build that are told when it fails


class Recipe:
    """A Dockerfile with the directory that it lies in as its context.

    Attributes:
        file: The Dockerfile.
    """

    def __init__(self, file: Path, home: Path, sandbox: str) -> None:
        """A recipe; `home` keeps what is known of it, `sandbox` is named in messages."""
        self.file = file
        self._home, self._sandbox = home, sandbox

    def made_from(self, client: Any) -> Digest:
        """The digest of all that the image is built from.

        Raises:
            SandboxError: It, or an image that it begins from, cannot be had.
        """
        bases = {name: image_of(client, name, self._sandbox) for name in self.bases}
        return digest("docker image", canonical((self._content(), self.file.name, bases)))

    def built(self, client: Any, made_from: Digest) -> str:
        """The id of the image that is built from just that; it is built if nobody has.

        Raises:
            SandboxError: It cannot be built.
        """
        tag = f"{REPOSITORY}:{made_from}"
        wanted = Environment(made_from, self._sandbox, {"image": tag, "recipe": str(self.file)}, {})
        environments = Environments(self._home)
        for _ in range(2):
            place = environments.realized(
                wanted, self.file.parent.name, lambda workshop: self._build(client, made_from, tag, workshop)
            )
            found = client.images(name=tag)
            if found:
                return str(found[0]["Id"])
            remove(place)  # somebody has removed the image
        raise SandboxError(self._sandbox, f"its image {tag} is removed again and again")

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """The images that it begins from, or copies from."""
        return tuple(dict.fromkeys(_bases(self.file.read_text("utf-8"))))

    def _content(self) -> Digest:
        """What of the context the engine is sent."""
        from docker.utils.build import exclude_paths

        ignore = self.file.parent / ".dockerignore"
        lines = [line.strip() for line in ignore.read_text("utf-8").splitlines()] if ignore.is_file() else []
        patterns = [line for line in lines if line and not line.startswith("#")]
        names = exclude_paths(str(self.file.parent), patterns, dockerfile=self.file.name)
        try:
            return content_of_these(self.file.parent, sorted(names), self._home)
        except OSError as error:
            raise SandboxError(self._sandbox, f"its context cannot be read: {error}") from error

    def _build(self, client: Any, made_from: Digest, tag: str, workshop: Workshop) -> dict[str, str]:
        steps = client.build(
            path=str(self.file.parent),
            dockerfile=self.file.name,
            tag=tag,
            network_mode="host",  # as the containers have it
            rm=True,
            forcerm=True,
            decode=True,
        )
        with workshop.log.open("w", encoding="utf-8") as log:
            for step in steps:
                log.write(step.get("stream") or step.get("error") or "")
                if "error" in step:
                    log.flush()
                    lines = [line for line in workshop.log.read_text("utf-8").splitlines() if line.strip()]
                    told = "".join(f"\n  | {line}" for line in lines[-_LAST_LINES:])
                    raise SandboxError(
                        self._sandbox, f"its image cannot be built; the log {workshop.log} ends:{told}"
                    )
        if self.made_from(client) != made_from:
            client.remove_image(tag, noprune=True)
            raise SandboxError(self._sandbox, "what its image is built from was changed meanwhile: run again")
        return {"image": str(client.inspect_image(tag)["Id"])}


def recipe_at(name: str, home: Path, sandbox: str) -> Recipe | None:
    """The recipe that `name` stands for; None if it is the name of an image."""
    place = Path(name).absolute()
    if place.is_file() and re.search("dockerfile|containerfile", place.name, re.IGNORECASE):
        return Recipe(place, home, sandbox)
    return Recipe(place / "Dockerfile", home, sandbox) if (place / "Dockerfile").is_file() else None


def _bases(text: str) -> Iterator[str]:
    values: dict[str, str] = {}
    stages = {"scratch"}
    begun = False
    for line in re.sub(r"\\\s*\n", " ", re.sub(r"(?m)^\s*#.*\n?", "", text)).splitlines():
        word, *rest = line.split() or [""]
        match word.upper():
            case "ARG" if not begun:
                pairs = (each.partition("=") for each in rest)
                values |= {name: value.strip("\"'") for name, _, value in pairs}
            case "FROM":
                begun = True
                words = [each for each in rest if not each.startswith("--")]
                base = _replaced(words[0], values) if words else ""
                if base and base.lower() not in stages:
                    yield base
                stages |= {words[2].lower()} if len(words) > 2 else set()
            case "COPY":
                for each in rest:
                    base = _replaced(each.removeprefix("--from="), values)
                    if each.startswith("--from=") and not base.isdigit() and base.lower() not in stages:
                        yield base
            case _:
                pass


def _replaced(text: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2]) or found[3] or "", text)
