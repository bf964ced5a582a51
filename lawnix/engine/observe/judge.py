"""Judging: what of all that happened in a build is neither declared nor the environment's own."""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lawnix.engine.observe.declared import Declared
from lawnix.engine.observe.recording import Seen
from lawnix.engine.observe.surroundings import Surroundings

_MOST: Final = 100  # of one kind are told; a run() that reads 100,000 files is not better understood by more
_WILD: Final = re.compile(r"[*?\[]")
_ADDRESS: Final = re.compile(r"[\d.]+|.*:.*")  # of IPv4 or IPv6
_PORTS: Final = {"ftp": 21, "http": 80, "https": 443}


def judged(
    seen: Iterable[Seen], declared: Declared, around: Surroundings, directory: Path, started: float
) -> Mapping[str, Sequence[str]]:
    """What a build touched undeclared: read, listed, wrote, variables, addresses, programs; and what may hide more.

    The last, `beyond`, are programs of the environment that nobody watched: what they read is not known.

    Args:
        seen: All that happened.
        declared: What it may read.
        around: What nobody has to declare.
        directory: The build directory.
        started: When it began, in seconds since the epoch.
    """
    happened = frozenset(seen)
    judge = _Judge(happened, declared, around, os.path.join(directory, ""), started)
    found: dict[str, set[str]] = {}
    for each in happened:
        word = judge.word_for(each)
        if word:
            found.setdefault(word, set()).add(judge.name_of(each))
    if "listed" in found:
        found["listed"] = set(_without_repetition(found["listed"]))
    if "addresses" in found:
        found["addresses"] = set(_named(found["addresses"]))
    return {word: _shortened(sorted(names)) for word, names in sorted(found.items())}


@dataclass
class _Judge:
    seen: frozenset[Seen]
    declared: Declared
    around: Surroundings
    directory: str
    started: float

    @cached_property
    def _real_directory(self) -> str:
        return os.path.join(os.path.realpath(self.directory), "")

    @cached_property
    def _pythons(self) -> frozenset[str]:
        """The interpreters of children that were watched."""
        return frozenset(each.name for each in self.seen if each.kind == "python")

    @cached_property
    def _installed(self) -> tuple[str, ...]:
        """Where these and what is installed for them lie."""
        prefixes = [
            prefix for each in self.seen if each.kind == "python" for prefix in each.by.split(os.pathsep)
        ]
        return tuple(os.path.join(prefix, "") for prefix in prefixes if len(prefix) > 1)

    @cached_property
    def _written(self) -> frozenset[str]:
        """What the build wrote itself."""
        paths = [os.path.split(each.name) for each in self.seen if each.kind == "wrote"]
        return frozenset(os.path.join(os.path.realpath(folder), name) for folder, name in paths)

    @cached_property
    def _modules(self) -> frozenset[str]:
        """The files of modules that were loaded here: the digest of the code has looked at them by name."""
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        return frozenset(os.path.realpath(file) for file in files if isinstance(file, str))

    def word_for(self, seen: Seen) -> str:
        """Under which word it is told; empty if it is no concern."""
        match seen.kind:
            case "read" if self._is_undeclared(seen.name):
                if os.path.isdir(seen.name):
                    return "listed"
                return "read" if os.path.exists(seen.name) else ""
            case "listed" if self._is_undeclared(folder := _folder(seen.name)):
                return "listed" if os.path.isdir(folder) else ""
            case "wrote" if self._is_outside(seen.name):
                return "wrote"
            case "variable" if self._counts(seen):
                return "variables"
            case "address":
                return "addresses"
            case "program":
                return self._program(seen.name)
        return ""

    def name_of(self, seen: Seen) -> str:
        """What it is called: a link in the build directory, which will be gone, by what it leads to."""
        return os.path.realpath(seen.name) if seen.name.startswith(self.directory) else seen.name

    def _is_undeclared(self, path: str) -> bool:
        is_built = path.startswith(self.directory)  # or a link that leads away from there
        if not is_built and (self._is_no_concern(path) or self.declared.has_file(path)):
            return False
        real = os.path.realpath(path)
        if real in self._written or (is_built and real.startswith(self._real_directory)):
            return False
        if real != path and (self._is_no_concern(real) or self.declared.has_file(real)):
            return False
        if real.endswith((".py", ".pyc")) and real in self._modules:
            return False
        return not (self.around.is_temporary(real) and self._is_new(real))

    def _is_no_concern(self, path: str) -> bool:
        if path.startswith((self.directory, *self._installed)) or self.around.owns(path):
            return True
        store = next((each for each in self.around.stores if path.startswith(each)), None)
        if store is None:
            return False
        place = path[len(store) :].split(os.sep)  # objects/ab/<object>/...
        return place[0] != "objects" or len(place) < 3 or place[2] in self.declared.objects

    def _is_new(self, path: str) -> bool:
        """Whether it was made, or changed, while the build went on."""
        try:
            return os.stat(path).st_ctime >= self.started - 1  # file systems count coarsely
        except OSError:
            return True  # gone by now

    def _is_outside(self, path: str) -> bool:
        """Whether writing `path` leaves something that is no output."""
        if self._may_be_written(path):
            return False
        real = os.path.realpath(path)
        return not (real != path and self._may_be_written(real))

    def _may_be_written(self, path: str) -> bool:
        around = self.around
        return (
            path.startswith((self.directory, *around.stores))
            or around.owns(path)
            or around.is_temporary(path)
        )

    def _counts(self, seen: Seen) -> bool:
        if seen.name in self.around.variables or seen.name in self.declared.node.work.variables:
            return False
        if os.path.abspath(seen.by) in self.declared.files:  # tracked code may be installed beside libraries
            return True
        return not (seen.by.startswith(self._installed) or self.around.owns_code(seen.by))

    def _program(self, name: str) -> str:
        path = name if os.sep in name else shutil.which(name)
        if path is None:  # there is none
            return ""
        real = os.path.realpath(path)
        if real in self._pythons:
            return ""
        own = self.around.owns(path) or self.around.owns(real) or self.declared.has_file(real)
        return "beyond" if own else "programs"


def _without_repetition(names: Iterable[str]) -> list[str]:
    """Patterns, and those directories that were not listed for the sake of one."""
    patterns = [name for name in names if _WILD.search(name)]
    fixed = [_folder(pattern) for pattern in patterns]
    deep = tuple(
        os.path.join(top, "")
        for top, pattern in zip(fixed, patterns, strict=True)
        if os.sep in _WILD.split(pattern, maxsplit=1)[1] or "**" in pattern
    )
    return [name for name in names if name in patterns or not (name in fixed or name.startswith(deep))]


def _folder(name: str) -> str:
    """The directory that is looked into for a pattern, or that has this name."""
    fixed, *wild = _WILD.split(name, maxsplit=1)
    return fixed.rpartition(os.sep)[0] or os.sep if wild else name


def _named(addresses: Iterable[str]) -> list[str]:
    """Without the numbers of hosts that are known by name, and without hosts of which a URL is known."""
    hosts = {address for address in addresses if "://" not in address}
    urls = [address for address in addresses if "://" in address]
    ports = {host.rpartition(":")[2] for host in hosts if not _is_number(host)}
    named = [host for host in hosts if not (_is_number(host) and host.rpartition(":")[2] in ports)]
    asked = {_host(url) for url in urls}
    return [*urls, *(host for host in named if host not in asked)]


def _host(url: str) -> str:
    """The host that a URL names, with the port."""
    parts = urlsplit(url)
    with contextlib.suppress(ValueError):  # no port at all
        return f"{parts.hostname}:{parts.port or _PORTS.get(parts.scheme, 80)}"
    return url


def _is_number(address: str) -> bool:
    return _ADDRESS.fullmatch(address.rpartition(":")[0]) is not None


def _shortened(names: list[str]) -> list[str]:
    return names if len(names) <= _MOST else [*names[:_MOST], f"and {len(names) - _MOST} more"]
