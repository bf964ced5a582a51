"""Definition files: what an image is built from, and how it is built, once."""

import logging
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import SandboxError
from lawnix.sandbox.contents import content_of
from lawnix.sandbox.realized import Environment, Environments
from lawnix.sandbox.workshop import Workshop

logger = logging.getLogger(__name__)

IMAGE: Final = "image.sif"
_HEADER: Final = re.compile(r"(bootstrap|from)\s*:\s*(.*)", re.IGNORECASE)
_REMOTE: Final = re.compile(r"\w+://")
_FIXED: Final = re.compile(r"@sha256:|:sha256\.")


@dataclass
class _Parts:
    """What a definition names.

    Attributes:
        bases: What its stages begin from: the agent and what that is told.
        files: What it copies from this machine.
    """

    bases: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Recipe:
    """A definition file, or an image of a registry, which has to be made a file first."""

    def __init__(self, name: str, home: Path, sandbox: str) -> None:
        """A recipe; `home` keeps what is known of it and what is made, `sandbox` is named in messages."""
        self._name, self._home, self._sandbox = name, home, sandbox
        self._remote = _REMOTE.match(name) is not None

    def made_from(self) -> Digest:
        """The digest of all that the image is built from.

        Raises:
            SandboxError: Something of it is not there.
        """
        if self._remote:
            self._warn_of(self._name)
            return digest("singularity image", canonical((self._name,)))
        try:
            text = Path(self._name).read_text("utf-8")
            parts = _parts(text)
            files = {
                name: [content_of(each, self._home) for each in self._found(name)] for name in parts.files
            }
            bases = [self._base(agent, told) for agent, told in parts.bases]
        except OSError as error:
            raise SandboxError(self._sandbox, f"its definition cannot be read: {error}") from error
        return digest("singularity image", canonical((text, files, bases)))

    def built(self, program: str, made_from: Digest) -> Path:
        """The image that is built from just that; it is built if nobody has.

        Raises:
            SandboxError: It cannot be built.
        """
        recipe = self._name if self._remote else os.path.abspath(self._name)  # noqa: PTH100  # links stay
        wanted = Environment(made_from, self._sandbox, {"recipe": recipe}, {})

        def make(workshop: Workshop) -> Mapping[str, str]:
            here = None if self._remote else Path(recipe).parent
            workshop.run(
                [*_with_all_rights(), program, "build", str(workshop.place / IMAGE), recipe], directory=here
            )
            if not self._remote and self.made_from() != made_from:
                raise SandboxError(
                    self._sandbox, "what its image is built from was changed meanwhile: run again"
                )
            return {}

        return Environments(self._home).realized(wanted, Path(self._name).stem, make) / IMAGE

    def _base(self, agent: str, told: str) -> Digest | str:
        """What a stage begins from; of what lies elsewhere only what it is called is known."""
        if agent == "localimage":
            place = self._here(told)
            if not place.exists():
                raise SandboxError(self._sandbox, f"there is no {place}, which its definition begins from")
            return content_of(place, self._home, is_image=True)
        if told:
            self._warn_of(f"{agent}://{told}")
        return f"{agent}://{told}"

    def _found(self, name: str) -> list[Path]:
        """What a line of `%files` names, which may be a pattern."""
        place = self._here(name)
        found = sorted(place.parent.glob(place.name)) if not place.exists() else [place]
        if not found:
            raise SandboxError(self._sandbox, f"there is no {place}, which its definition copies")
        return found

    def _here(self, name: str) -> Path:
        return Path(self._name).absolute().parent / name

    def _warn_of(self, name: str) -> None:
        if not _FIXED.search(name):
            logger.warning(
                "%s begins from %s, which may become another: a digest (@sha256:…) says which one it is",
                self._sandbox,
                name,
            )


def _parts(text: str) -> _Parts:
    found = _Parts()
    section = ""
    agent = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        stripped = line.strip()
        header = _HEADER.fullmatch(stripped)
        if stripped.startswith("#") or not stripped:
            continue
        if header and header[1].lower() == "bootstrap":
            section, agent = "", header[2].strip().lower()
            found.bases.append((agent, ""))
        elif header and not section:
            found.bases[-1:] = [(agent, header[2].strip())]
        elif stripped.startswith("%"):
            section = stripped
        elif section.split() == ["%files"]:  # `%files from <stage>` copies from what is built
            found.files += list(_source(stripped))
    return found


def _source(line: str) -> Iterator[str]:
    words = shlex.split(line, comments=True)
    yield from words[:1]


def _with_all_rights() -> list[str]:
    """What goes before a build: a root that lacks some capability is given all in a namespace of its own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return []
    try:
        last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
        status = Path("/proc/self/status").read_text()
    except OSError:
        return []
    mine = int(re.search(r"^CapEff:\s*(\w+)", status, re.MULTILINE)[1], 16)  # type: ignore[index]  # always there
    return [] if mine == (1 << last + 1) - 1 else ["unshare", "-r"]
