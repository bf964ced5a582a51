"""Declarations: whether what a task class requires and puts out can be known without asking its tasks again.

What `requires()` and `output()` return then follows from the class, from the parameters of the task and from what fills
in parameters that are not given: configuration and command line. All of it has a digest here.
"""

import functools
import locale
import os
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from typing import Any, Final

import law
import luigi
from law.config import Config
from luigi.cmdline_parser import CmdlineParser

import lawnix
from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.settings import Settings
from lawnix.store.memo import Stamp, stamp_of
from lawnix.task.code.anything import CodeOfProjects, form_of, how_made
from lawnix.task.code.closed import Closed, closed_methods
from lawnix.task.code.project import is_parameter, is_tool

_ASKED: Final = ("requires", "workflow_requires", "output")
# what a class may say of its own that changes nothing of what is required and put out, or is looked at elsewhere
_OF_NO_MATTER: Final = frozenset(
    [
        "__annotations__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__qualname__",
        "__static_attributes__",
        "_abc_impl",
        "create_branch_map",  # what it returns is compared
        "environment",
        "law_output",
        "on_failure",
        "on_success",
        "owner_email",
        "priority",
        "process_resources",
        "resources",
        "retry_count",
        "run",
        "sources",
        "track_code",
        "version",
        "worker_timeout",
        "workflow_cls",  # law makes these for each class
        "workflow_proxy_cls",
        "_cls_branch_map_cache",
        "_defined_workflow_proxy",
        "_event_callbacks",
        "_lawnix_params",
        "_namespace_at_class_time",
        "_owner_list",
        "__abstractmethods__",
    ]
)
_VARIABLE: Final = re.compile("[$~%]")  # of the environment, of the user, or of the section
_DECIDING: Final = (
    "core",
    "engine",
    "sandbox",
    "store/meaning",
    "task",
    "workflow",
)  # packages of ours that decide what a task is


def declaration_of(cls: Any, settings: Settings, code: CodeOfProjects | None = None) -> Closed:
    """What `requires()` and `output()` of tasks of a class follow from, beside their parameters and `surroundings`.

    Who asks for many classes hands on one `code` for all.
    """
    closed = closed_methods(cls, _ASKED, track=settings.track, code=code)
    doubts = list(closed.doubts)
    parts = []
    for form, doubt in (*_overrides(cls), *how_made(cls)):
        parts.append(form)
        doubts += [doubt] if doubt else []
    return Closed(digest("declaration", canonical([closed.digest, parts])), tuple(doubts))


def _overrides(cls: Any) -> Iterator[tuple[str, str]]:
    """What a class gives in the place of something of law's, luigi's or ours, and why that may matter."""
    library = [base for base in cls.__mro__ if is_tool(base) or base is object]
    theirs = {name for base in library for name in vars(base)} - {*_ASKED, *_OF_NO_MATTER}
    for base in cls.__mro__:
        if base in library:
            continue
        for name in sorted(vars(base).keys() & theirs):
            value = vars(base)[name]
            form = None if is_parameter(value) else form_of(value)
            if form is not None:
                yield f"{base.__qualname__}.{name} {form}", ""
            elif not is_parameter(value):
                yield name, f"{base.__qualname__} has a {name} of its own"


def surroundings(settings: Settings) -> Digest:
    """What fills in parameters that are not given, and who asks."""
    parser = CmdlineParser.get_instance()
    given = vars(parser.known_args) if parser is not None else {}
    said = {
        "command line": {n: repr(v) for n, v in given.items() if v is not None and not n.startswith("core_")},
        "law": _said_by(Config.instance()),
        "luigi": _said_by(luigi.configuration.get_config()),
    }
    libraries = [law.__version__, luigi.__version__, sys.version, locale.setlocale(locale.LC_ALL)]
    return digest("surroundings", repr((said, repr(settings), libraries, _ourselves())).encode())


def _said_by(config: Any) -> dict[str, list[tuple[str, Any]]]:
    """What stands in a configuration, and what becomes of it where variables stand in it."""
    said: dict[str, list[tuple[str, Any]]] = {}
    for section in sorted(config.sections()):
        said[section] = written = ConfigParser.items(config, section, raw=True)
        if any(_VARIABLE.search(str(value)) for _, value in written):
            said[section] = [*written, *config.items(section)]
    return said


@functools.cache
def _ourselves() -> Digest:
    """The code of lawnix as far as it decides what a task is, by what stat says of it."""
    here = os.path.dirname(lawnix.__file__)
    files = [found for package in _DECIDING for found in _files_in(os.path.join(here, package))]
    return digest("lawnix", repr(sorted(files)).encode())


def _files_in(directory: str) -> Iterator[tuple[str, Stamp | None]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path, stamp_of(entry.path)
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files_in(entry.path)
