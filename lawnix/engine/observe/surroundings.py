"""Surroundings: what is the environment's own, so that nobody has to declare it."""

import os
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SYSTEM: Final = (
    "/bin",
    "/dev",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/System",
)
_OF_ETC: Final = (
    "ca-certificates",
    "debian_version",
    "fonts",
    "gai.conf",
    "group",
    "host.conf",
    "hostname",
    "hosts",
    "ld.so",
    "locale",
    "localtime",
    "machine-id",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "pki",
    "protocols",
    "resolv.conf",
    "services",
    "ssl",
    "timezone",
)
_OF_HOME: Final = (".fonts", ".fontconfig", ".local/share/fonts", "Library/Fonts")
_MADE_BY_TOOLS: Final = ("/__pycache__/", ".dist-info/", ".egg-info/")
_OF_CACHES: Final = ("fontconfig", "matplotlib", "numba")
# they say who, where and how it is shown, which decides no result; or how Python and its libraries are run
VARIABLES: Final = frozenset(
    {
        "COLORTERM",
        "COLUMNS",
        "DISPLAY",
        "EDITOR",
        "HOME",
        "HOSTNAME",
        "LAWNIX_OBSERVED",
        "LINES",
        "LOGNAME",
        "MPLBACKEND",
        "NO_COLOR",
        "OLDPWD",
        "PAGER",
        "PATH",
        "PWD",
        "SHELL",
        "SHLVL",
        "TERM",
        "TMP",
        "TEMP",
        "TMPDIR",
        "USER",
        "VIRTUAL_ENV",
        "XDG_CACHE_HOME",
    }
)


class Surroundings:
    """What builds find around them.

    Attributes:
        stores: The prefixes of paths in the store.
        own: Prefixes of paths that belong to the interpreter, the system, law and lawnix.
        variables: Names of environment variables that need no declaration.
    """

    def __init__(self, store: Path | None, given: Iterable[str] = (), files: Iterable[Path] = ()) -> None:
        """Look around.

        Args:
            store: The directory of the store.
            given: Variables that builds are given.
            files: Files and directories of law and lawnix themselves, beside the store.
        """
        self.stores = () if store is None else _prefixes([store])
        self.variables = VARIABLES | frozenset(given)
        self._temporary = _prefixes([tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"])  # noqa: S108  # they are only compared
        here = _prefixes([os.getcwd()])
        self._here = tuple(
            each for each in here if each.startswith(self._temporary) and each not in self._temporary
        )
        self.own = tuple(
            dict.fromkeys(
                [
                    *_prefixes([*_interpreter(), *map(str, files), Path(__file__).parents[2]]),
                    *(f"{each}{os.sep}" for each in _SYSTEM),
                    *(f"/etc/{each}" for each in _OF_ETC),
                ]
            )
        )

    def owns(self, path: str) -> bool:
        """Whether nobody has to declare `path`."""
        if path.startswith("/dev/shm/"):  # noqa: S108  # no device, but memory that files are kept in
            return False
        return (
            path.startswith(self.own)
            or f"{path}{os.sep}" in self.own
            or any(each in path for each in _MADE_BY_TOOLS)
            or os.path.basename(path).startswith("fontlist-v")  # Matplotlib's, wherever MPLCONFIGDIR is
        )

    def is_temporary(self, path: str) -> bool:
        """Whether `path` is a place for temporary files; not if the run itself was started there."""
        place = os.path.join(path, "")  # they themselves, too
        return place.startswith(self._temporary) and not place.startswith(self._here)

    def owns_code(self, file: str) -> bool:
        """Whether code from `file` is not the user's."""
        return file.startswith((*self.own, "<frozen", "<__array_function__"))


def _interpreter() -> list[str]:
    """Where the interpreter and what is installed for it lie."""
    home = os.path.expanduser("~")
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    places = [
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        sys.base_exec_prefix,
        os.path.dirname(os.__file__),
    ]
    places += [*sysconfig.get_paths().values(), site.getusersitepackages()]
    places += site.getsitepackages()
    places += [os.path.join(home, each) for each in _OF_HOME]
    places += [os.path.join(caches, each) for each in _OF_CACHES]
    return [place for place in places if len(place) > 1]


def _prefixes(paths: Iterable[str | Path]) -> tuple[str, ...]:
    both = [each for path in paths for each in (os.path.abspath(path), os.path.realpath(path))]
    return tuple(dict.fromkeys(_prefix(each) for each in both))


def _prefix(path: str | Path) -> str:
    return os.path.join(path, "")
