"""Tasks as they are named on a command line."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import luigi
from law.config import Config
from luigi.cmdline_parser import CmdlineParser
from luigi.task_register import Register

from lawnix.core.nearest import nearest_to
from lawnix.errors import UnknownNameError
from lawnix.task.code.project import is_tool
from lawnix.task.code.resolve import static_attribute
from lawnix.task.derived import DerivedTask
from lawnix.task.registered import check_family


def task_from(argv: Sequence[str]) -> luigi.Task:
    """The task that `law run *argv` would run: a family in law's index or `module.Class`, and its parameters.

    Raises:
        UnknownNameError: There is no such task, or it has no such parameter.
        DuplicateFamilyError: There are several of its name.
        ParameterValueError: A parameter cannot have the value that it is given.
    """
    family = family_of(argv[0])
    _check_options(family, argv[1:])
    parser = CmdlineParser([family, *argv[1:]])
    # in force from now on, as while `law run` runs: tasks ask it for their parameters (`--Select-cut 25`) when they are
    # made, and those that are required are made later
    CmdlineParser._instance = parser
    task: luigi.Task = parser.get_task_obj()
    return task


def _check_options(family: str, words: Sequence[str]) -> None:
    """Refuse the beginning of an option that is none of the task: `--n` would be taken for `--no-lock`."""
    known = CmdlineParser._build_parser(root_task=family)._option_string_actions
    own = [f"--{name.replace('_', '-')}" for name, _ in Register.get_task_cls(family).get_params()]
    for option in (word.partition("=")[0] for word in words if word.startswith("--")):
        if option not in known and not any(each.startswith(option) for each in own):
            nearest = nearest_to(option, own, 2)
            hint = f"`law run {family} --help` lists them"
            raise UnknownNameError(f"parameter of {family} named", option, nearest, hint)


def family_of(name: str) -> str:
    """The task family that `name` means, its module imported.

    Raises:
        UnknownNameError: There is none.
        DuplicateFamilyError: Several classes have it.
    """
    family = _by_class(name) or _by_index(name) or _registered(name) or _refuse(name)
    check_family(family)
    return family


def task_classes(names: Sequence[str]) -> list[Any]:
    """The lawnix tasks that families, `module.Class` or modules mean; all of law's index if there are no names.

    Raises:
        UnknownNameError: There is nothing of a name.
        DuplicateFamilyError: Several classes have it.
    """
    found: list[Any] = []
    for name in names or sorted(indexed()):
        inside = None if name in indexed() else _in_module(name)
        found += inside if inside is not None else [Register.get_task_cls(family_of(name))]
    return [cls for cls in dict.fromkeys(found) if issubclass(cls, DerivedTask)]


def _in_module(name: str) -> list[Any] | None:
    """The task classes that a module, or the modules of a package, define; None if there is no such module."""
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # the module is there; something that it needs is not
        return None
    from pkgutil import walk_packages  # only where a package is asked for

    for each in walk_packages(getattr(module, "__path__", ()), f"{name}."):
        if not each.name.endswith(".__main__"):
            importlib.import_module(each.name)
    inside = [cls for cls in Register._reg if f"{cls.__module__}.".startswith(f"{name}.")]
    return [
        cls for cls in inside if not is_tool(static_attribute(cls, "run")[0] or object)
    ]  # else others' base


def indexed() -> dict[str, str]:
    """The modules of the task families in law's index."""
    path = index_file()
    if not path.exists():
        return {}
    lines = (line.split(":", 2) for line in path.read_text(encoding="utf-8").splitlines())
    return {parts[1]: parts[0] for parts in lines if len(parts) == 3}


def index_file() -> Path:
    """Where law keeps its index."""
    return Path(os.path.expandvars(str(Config.instance().get_expanded("core", "index_file")))).expanduser()


def _by_class(name: str) -> str | None:
    module, _, cls = name.rpartition(".")
    if not module:
        return None
    try:
        found: Any = getattr(importlib.import_module(module), cls, None)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there; something that it needs is not
        return None
    return str(found.get_task_family()) if _is_task(found) else None


def _is_task(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, luigi.Task)


def _by_index(name: str) -> str | None:
    module = indexed().get(name)
    if module is None:
        return None
    importlib.import_module(module)
    return name


def _registered(name: str) -> str | None:
    return name if name in Register.task_names() else None


def _refuse(name: str) -> str:
    module = sys.modules.get(name.rpartition(".")[0])
    classes = (
        [f"{module.__name__}.{cls}" for cls, each in vars(module).items() if _is_task(each)] if module else []
    )
    known = sorted({*classes, *indexed()})
    nearest = nearest_to(name, known) or _ending_alike(name, known)
    hint = (
        "`law index` finds new ones"
        if indexed()
        else f"law's index {index_file()} is empty: `law index` fills it"
    )
    raise UnknownNameError("task", name, nearest, hint)


def _ending_alike(name: str, known: Sequence[str]) -> list[str]:
    """Families whose last part is like that of `name`, which may lack the namespace."""
    last = {family.rpartition(".")[2]: family for family in known}
    return [last[part] for part in nearest_to(name.rpartition(".")[2], last)]
