"""The section [lawnix] of law.cfg, read once into a frozen value."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from law.config import Config

from lawnix.core.nearest import nearest_to
from lawnix.errors import SettingsError, UnknownOptionError

SECTION: Final = "lawnix"
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{([^}]*)\})")  # as os.path.expandvars() has them


@dataclass(frozen=True)
class Settings:
    """What a user can set: in `[lawnix]` of law.cfg, or as `LAW__lawnix__<option>` in the environment.

    Attributes:
        store: Where results are kept. Relative paths start at the directory of law.cfg.
        index: Where the index of the store lies, if not in it; a local disk is best.
        results: Where readable links to the outputs of root tasks are made; empty for none.
        track: Packages whose code counts as the tasks' own, beside the top-level package of each task class.
        workers: How many processes build, where neither `--workers` nor luigi's own setting asks for more than one.
        worker_max_tasks: After how many builds a worker is replaced by a fresh one, so that what leaks in them does not
            add up; 0 for never.
        unknown: What a global without a digest in a task's code is: `name` (known by its type), `pickle` (by its
            pickle, if it has one) or `error`.
        libraries: What counts of an installed package that a task's code uses: its `version`, or no more than its
            `name`.
        matcher: Which of several realizations is taken: `latest` or `first`.
        executor: Where tasks are built: `fork` (workers that live for the whole run) or `inline` (this process, for
            debuggers; a task that kills its process then ends the run).
        isolation: What is done about what a build reads and does not declare: `trust` (nothing), `observe` (it is
            written into the build record, and a warning tells) or `enforce` (a build sees its inputs, its code and its
            sandbox alone, and no network).
        host_identity: What of the environment of the run itself is part of the identity of tasks without a sandbox:
            `none`, `python` (implementation and version), `packages` (the versions of all that is installed, too) or
            `lock` (what a `uv.lock` or `requirements.lock` beside law.cfg pins).
        build_environment: Whether builds get fixed times, locale, time zone and one thread for BLAS.
        keep_failed: Whether the build directory of a failure is kept.
        durability: `grouped` (flushed to disk at most 0.1 s after a build and before a run ends) or `none`.
        progress: How a run is shown: `auto`, `rich`, `plain` or `none`.
    """

    store: Path = Path("~/.lawnix/store")
    index: Path | None = None
    results: Path | None = Path("results")
    track: tuple[str, ...] = ()
    workers: int = 0
    worker_max_tasks: int = 1000
    unknown: str = "name"
    libraries: str = "version"
    matcher: str = "latest"
    executor: str = "fork"
    isolation: str = "trust"
    host_identity: str = "none"
    build_environment: bool = True
    keep_failed: bool = False
    durability: str = "grouped"
    progress: str = "auto"


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown": ("name", "pickle", "error"),
    "libraries": ("version", "name"),
    "matcher": ("latest", "first"),
    "executor": ("fork", "inline"),
    "isolation": ("trust", "observe", "enforce"),
    "host_identity": ("none", "python", "packages", "lock"),
    "durability": ("grouped", "none"),
    "progress": ("auto", "rich", "plain", "none"),
}


def read_settings() -> Settings:
    """The settings in force, from law's configuration and the environment.

    Raises:
        UnknownOptionError: An option does not exist; the error names the nearest one.
        SettingsError: A value is not one of those that the option can have, or a path has a variable that is not set.
    """
    config = Config.instance()
    names = [field.name for field in fields(Settings)]
    given: dict[str, Any] = {}
    if config.has_section(SECTION):
        # options(), unlike items(), does not stumble over values that are no valid interpolation
        for option in config.options(SECTION):
            if option not in names:
                raise UnknownOptionError(option, nearest_to(option, names, 2, cutoff=0.5))
            given[option] = config.get_expanded(SECTION, option)
    base = Path(config.config_file).resolve().parent if config.config_file else Path.cwd()
    values: dict[str, Any] = {name: _read(name, value, base) for name, value in given.items()}
    defaults = {
        name: _read(name, value, base) for name, value in vars(Settings()).items() if name not in values
    }
    return Settings(**{**defaults, **values})


def _read(option: str, value: object, base: Path) -> object:
    """The value of `option` in its own type."""
    if option in ("store", "index", "results"):
        text = "" if value is None else str(value)
        if text.lower() in ("", "none", "no_str"):
            if option == "store":
                raise SettingsError(
                    "[lawnix] store is empty; give it a directory, e.g. store: $LAW_HOME/store"
                )
            return None
        return base / _path(option, text)
    convert = _CONVERTERS.get(type(vars(Settings())[option]))
    read = convert(option, value) if convert else str(value)
    if option in _CHOICES and read not in _CHOICES[option]:
        raise SettingsError(f"[lawnix] {option} is {read!r}; it can be {', '.join(_CHOICES[option])}")
    return read


def _path(option: str, text: str) -> Path:
    """The path that `text` writes, its variables and its `~` replaced."""
    expanded = os.path.expandvars(text)
    unset = _VARIABLE.search(expanded)
    if unset:
        raise SettingsError(
            f"[lawnix] {option} is {text!r}, but the environment variable {unset[1] or unset[2]} is not set; set it, "
            "or write the path itself"
        )
    return Path(expanded).expanduser()


def _boolean(option: str, value: object) -> bool:
    written = str(value).strip().lower()
    if written in ("true", "yes", "on", "1"):
        return True
    if written in ("false", "no", "off", "0"):
        return False
    raise SettingsError(f"[lawnix] {option} is {value!r}; it can be True or False")


def _names(option: str, value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return tuple(part.strip() for part in str(value).split(",") if part.strip())


def _number(option: str, value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        raise SettingsError(f"[lawnix] {option} is {value!r}; it can be a number such as 4, or 0")
    return number


_CONVERTERS: Final[Mapping[type, Callable[[str, object], object]]] = {
    bool: _boolean,
    int: _number,
    tuple: _names,
}
