"""What is brought along into a sandbox: the author's modules, and what it lacks of law, luigi and lawnix."""

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import law
import luigi

from lawnix.sandbox.container import around

if TYPE_CHECKING:
    from lawnix.task.work import DerivedTaskWork

_OURS: Final = str(Path(__file__).parents[1] / "__init__.py")
_LENT: Final = ("law", "luigi", "six", "tenacity", "dateutil", "typing_extensions", "tornado")

_SPARED: Final = {  # law and luigi load them, which takes as long as they themselves, and in a sandbox hardly use them
    "later": (
        "jsonschema",
        "requests",
    ),  # luigi.parameter checks values with one, luigi.rpc asks servers by the other
    "never": ("ipykernel", "tornado"),  # law.util looks for notebooks by one, tenacity serves the other
}


def welcome(serve: str) -> dict[str, Any]:
    """What a process in a sandbox is told at its start, see `lawnix.sandbox.boot`; the module `serve` serves in it."""
    return {
        "serve": serve,
        "path": _own_roots(),
        "ours": {"lawnix": _OURS},
        "lent": _lent_packages(),
        "spared": _SPARED,
        "keep_bytecode": None,
    }


def packages(welcome: Mapping[str, Any]) -> list[str]:
    """Where the packages lie that a process is told of."""
    return [_tree(place) for place in (*welcome["ours"].values(), *welcome["lent"].values())]


def _own_roots() -> list[str]:
    """The entries of `sys.path` where the author's own modules lie."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    inside = tuple(f"{place}{os.sep}" for place in (sys.prefix, sys.base_prefix))
    roots = dict.fromkeys(os.path.abspath(entry) for entry in sys.path)
    return [
        root
        for root in roots
        if os.path.isdir(root)
        and root not in installed
        and not root.startswith(inside)
        and "-packages" not in root
    ]


@cache
def _lent_packages() -> dict[str, str]:
    """Where law, luigi and what they import lie, for sandboxes that have none of their own."""
    specs = {name: importlib.util.find_spec(name) for name in _LENT}
    return {name: spec.origin for name, spec in specs.items() if spec is not None and spec.origin is not None}


def code_files(work: "DerivedTaskWork") -> list[str]:
    """The files of the code of a task, and of the author's modules that are loaded with it."""
    inside = tuple(f"{root}{os.sep}" for root in _own_roots())
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted({*work.files, *(file for file in loaded if file is not None and file.startswith(inside))})


def configuration_files() -> list[str]:
    """The files of the configuration of law and luigi."""
    config = law.config.Config.instance().config_file
    others = luigi.configuration.get_config()._config_paths
    return [os.path.abspath(path) for path in (config, *others) if path and os.path.isfile(path)]


def mounted(places: Iterable[str]) -> list[str]:
    """What has to be mounted where these are read, as far as it is there."""
    return list(dict.fromkeys(each for place in places for each in around(place) if os.path.exists(each)))


def _tree(place: str) -> str:
    """What a package or module lies in, by where its code begins."""
    return os.path.dirname(place) if os.path.basename(place) == "__init__.py" else place
