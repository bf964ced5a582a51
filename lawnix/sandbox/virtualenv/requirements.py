"""Lists of requirements, as pip reads them: what they pin, whatever their order and comments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lawnix.errors import SandboxError

_COMMENT: Final = re.compile(r"(^|\s)#.*$")
_HASH: Final = re.compile(r"\s--hash[= ]\s*(?P<hash>\w+:[0-9A-Fa-f]+)")
_OWN_OPTION: Final = re.compile(r"\s(?P<option>--(?:config-settings?|global-option)\S*.*)$")
_DIGEST_IN_URL: Final = re.compile(r"#(?:.*&)?(?P<hash>(?:sha256|sha384|sha512)=[0-9a-fA-F]+)")
_COMMIT: Final = re.compile(r"^(?P<system>git|hg)\+.*@(?P<commit>[0-9a-f]{40})(?:#|$)")
_LISTS: Final = ("-r", "--requirement")
_WHERE: Final = (  # where packages come from is no part of what they are
    "-i", "--index-url", "--extra-index-url", "--no-index", "-f", "--find-links", "--trusted-host", "--index",
    "--default-index",
)  # fmt: skip
_OF_NO_MATTER: Final = ("-c", "--constraint", "--require-hashes", "--use-feature")  # where all is pinned


class Pin(NamedTuple):
    """A package of which it is known what it is.

    Attributes:
        name: In its normal form.
        version: Or the commit or digest of what the URL leads to.
        url: Where it is from, if it says so.
        marker: Where it is wanted.
        hashes: The digests that its archives may have.
        options: With which it is built.
    """

    name: str
    version: str
    url: str = ""
    marker: str = ""
    hashes: tuple[str, ...] = ()
    options: str = ""

    @property
    def form(self) -> tuple[str, str, tuple[str, ...], str]:
        """What of it decides what is installed, where it is."""
        return self.name, self.version, self.hashes, self.options

    def __str__(self) -> str:
        what = f"{self.name} @ {self.url}" if self.url else f"{self.name}=={self.version}"
        return " ".join(filter(None, [what, *(f"--hash={each}" for each in self.hashes), self.options]))


class Requirements(NamedTuple):
    """What a list says.

    Attributes:
        pins: The packages.
        options: How they are installed.
        where: Options that say where packages are found.
        loose: What is not pinned, as it is written.
    """

    pins: tuple[Pin, ...]
    options: tuple[str, ...]
    where: tuple[str, ...]
    loose: tuple[str, ...]

    def here(self, markers: Mapping[str, str]) -> tuple[Pin, ...]:
        """The packages that are wanted on a machine and for a Python."""
        environment = {**markers, "extra": ""}
        wanted = {pin for pin in self.pins if not pin.marker or Marker(pin.marker).evaluate(environment)}
        return tuple(sorted(pin._replace(marker="") for pin in wanted))


def requirements_in(file: Path, sandbox: str, above: Sequence[Path] = ()) -> Requirements:
    """What a file says, with those that it refers to; `above` are those that refer to it.

    Raises:
        SandboxError: It cannot be read, or refers to itself.
    """
    if file.resolve() in above:
        raise SandboxError(sandbox, f"{file} refers to itself; take that -r out of it")
    try:
        return requirements_of(file.read_text("utf-8"), file.parent, sandbox, [*above, file.resolve()])
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SandboxError(sandbox, f"{file} cannot be read: {reason}") from error


def requirements_of(text: str, directory: Path, sandbox: str, above: Sequence[Path] = ()) -> Requirements:
    """What a text says that lies, or would, in `directory`; `above` are the files that have led to it.

    Raises:
        SandboxError: Something in it is no requirement.
    """
    pins: list[Pin] = []
    options: list[str] = []
    where: list[str] = []
    loose: list[str] = []
    for line in _lines(text):
        if not line.startswith("-"):
            pin = _pin(line, sandbox)
            pins += [pin] if pin else []
            loose += [] if pin else [line]
            continue
        option, value = _split(line)
        if option in _LISTS:
            more = requirements_in(directory / value, sandbox, above)
            for mine, theirs in zip((pins, options, where, loose), more, strict=True):
                mine.extend(theirs)  # type: ignore[attr-defined]  # lists of the same
        elif option in ("-e", "--editable"):
            loose.append(line)
        elif option in _WHERE:
            where.append(_from_anywhere(option, value, directory))
        elif option not in _OF_NO_MATTER:
            options.append(f"{option} {value}".strip())
    return Requirements(tuple(pins), tuple(sorted(set(options))), tuple(dict.fromkeys(where)), tuple(loose))


def _lines(text: str) -> Iterator[str]:
    """What stands between line ends that count."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        said = _COMMENT.sub("", line).strip()
        if said:
            yield said


def _split(line: str) -> tuple[str, str]:
    """An option and its value."""
    option, equals, value = line.partition("=")
    if not equals or " " in option:
        option, _, value = line.partition(" ")
    if len(option) > 2 and not option.startswith("--"):  # -rmore.txt
        option, value = option[:2], option[2:] + value
    return option, value.strip()


def _from_anywhere(option: str, value: str, directory: Path) -> str:
    """An option that says where packages are, as it can be said in another directory."""
    if option in ("-f", "--find-links") and (directory / value).exists():
        value = str((directory / value).absolute())
    return f"{option} {value}".strip()


def _pin(line: str, sandbox: str) -> Pin | None:
    """What a line pins; None if it leaves open what it is.

    Raises:
        SandboxError: It is no requirement.
    """
    hashes = tuple(sorted(match["hash"].lower() for match in _HASH.finditer(line)))
    own = _OWN_OPTION.search(_HASH.sub("", line))
    text = _OWN_OPTION.sub("", _HASH.sub("", line)).strip()
    try:
        said = Requirement(text)
    except InvalidRequirement as error:
        raise SandboxError(
            sandbox, f"its list says {text!r}, which is no requirement by name ({str(error).splitlines()[0]})"
        ) from error
    name, marker = canonicalize_name(said.name), str(said.marker or "")
    version = _content_of(said.url, hashes) if said.url else _version_of(said)
    options = own["option"].strip() if own else ""
    return Pin(name, version, said.url or "", marker, hashes, options) if version else None


def _version_of(said: Requirement) -> str:
    """The one version that fits; nothing if there may be several."""
    specifiers = list(said.specifier)
    if len(specifiers) == 1 and specifiers[0].operator in ("==", "===") and "*" not in specifiers[0].version:
        return specifiers[0].version
    return ""


def _content_of(url: str, hashes: Sequence[str]) -> str:
    """What a URL leads to, if that is said."""
    if commit := _COMMIT.match(url):
        return f"{commit['system']} {commit['commit']}"
    if found := _DIGEST_IN_URL.search(url):
        return found["hash"].lower()
    return " ".join(hashes)


def written(pins: Sequence[Pin], options: Sequence[str]) -> str:
    """A list of these, as installers read it."""
    return "".join(f"{line}\n" for line in (*options, *map(str, pins)))
