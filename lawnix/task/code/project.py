"""The project: which modules are the tasks' own, so that their code is walked, and where they lie."""

import functools
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any, Final, TypeGuard

from lawnix.core.nearest import nearest_to
from lawnix.errors import SettingsError
from lawnix.task.code.distributions import editable_roots

# what a task is written with is never what it does, even where these are developed beside it
TOOLS: Final = frozenset({"law", "luigi", "lawnix"})
_INSTALLED: Final = (
    f"{os.sep}site-packages{os.sep}",
    f"{os.sep}dist-packages{os.sep}",
    os.path.dirname(os.__file__) + os.sep,
)
_HEAP_TYPE: Final = 1 << 9  # made by a class statement


@dataclass(frozen=True, slots=True)
class Project:
    """What counts as the code of one task class.

    Attributes:
        packages: Top-level packages, by name.
        file: The file that the class stands in, if it is in no package; all functions in it are the project's.
        folder: Where the modules beside such a file lie.
        editable: Folders of what was installed to be edited in place, whose code counts as the project's.
        roots: Folders that hold all this; a path that begins with one is known by its rest.
        by_state: Whether objects of other packages are known by what they hold, as configuration is.
        pickles: Whether a value that no rule knows is known by its pickle.
    """

    packages: frozenset[str]
    file: str | None
    folder: str | None
    roots: tuple[str, ...]
    editable: tuple[str, ...] = ()
    by_state: bool = False
    pickles: bool = False
    _owned: dict[tuple[str, str | None], bool] = field(default_factory=dict, compare=False, repr=False)

    def owns(self, module: str, file: str | None = None) -> bool:
        """Whether the module `module`, loaded from `file`, is part of the project."""
        known = self._owned.get((module, file))
        if known is None:
            known = self._owned[module, file] = self._owns(module, file)
        return known

    def _owns(self, module: str, file: str | None) -> bool:
        top = module.partition(".")[0]
        if top in TOOLS:
            return False
        if top in self.packages or (file is not None and file == self.file):
            return True
        if file is None or top in sys.stdlib_module_names:
            return False
        path = os.path.abspath(file)
        folders = [*self.editable, *([self.folder] if self.folder is not None else ())]
        return any(path.startswith(os.path.join(each, "")) for each in folders) and not any(
            each in path for each in _INSTALLED
        )

    def owns_function(self, function: FunctionType) -> bool:
        """Whether `function` was written in the project, whoever's name `functools.wraps` gave it."""
        return self.owns_code(function.__code__, function.__globals__)

    def owns_code(self, code: CodeType, module: Mapping[str, Any]) -> bool:
        """Whether `code`, which runs in `module`, was written in the project."""
        name = module.get("__name__")
        return self.owns(name if isinstance(name, str) else "", code.co_filename)

    def owns_class(self, cls: type) -> bool:
        """Whether `cls` was written in the project."""
        module = sys.modules.get(cls.__module__)
        if module is None or cls.__module__ == "builtins":  # made by exec in a namespace without a name
            return self.file is not None and bool(cls.__flags__ & _HEAP_TYPE) and file_of(cls) == self.file
        return self.owns(cls.__module__, getattr(module, "__file__", None))

    def inside(self, path: str) -> str | None:
        """`path` as seen from the folder that holds the project, or None if it is not in there."""
        for root in self.roots:
            if path == root:
                return "."
            if path.startswith(root + os.sep):
                return path[len(root) + 1 :]
        return None


def project_of(cls: Any, track: Sequence[str] = ()) -> Project:
    """The project of the task class, or function, `cls`: its top-level package, and the packages `track`.

    A module that is in no package has no such name: then the modules in its folder and below, as far as they are not
    installed, are the project; for a notebook those in the working directory.

    Raises:
        SettingsError: One of the packages `track` is not there.
    """
    top = cls.__module__.partition(".")[0]
    for name in track:
        _check_there(name)
    packages = {top, *(name.partition(".")[0] for name in track)} - {"builtins"}
    file = file_of(cls)
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if top == "__main__" and spec is not None and spec.parent:  # python -m package.module
        top = spec.parent.partition(".")[0]
        packages.add(top)
    paths = [os.path.abspath(path) for path in getattr(sys.modules.get(top), "__path__", ())]
    folder: str | None = None
    if paths:
        file = None  # tasks of one package share one project, and so what is remembered of it
        roots = [os.path.dirname(path) for path in paths]
    else:
        folder = (
            os.path.dirname(os.path.abspath(file))
            if file is not None and os.path.exists(file)
            else os.getcwd()
        )
        roots = [folder]
    real = [os.path.realpath(root) for root in roots]
    editable = editable_roots()
    return Project(
        frozenset(packages),
        file,
        folder,
        (*sorted({root for root in (*roots, *real) if root.strip(os.sep)}), *editable),
        editable,
    )


@functools.cache
def _check_there(name: str) -> None:
    """Check that a package can be imported; it need not have been."""
    top = name.partition(".")[0]
    if top in sys.modules or (top.isidentifier() and importlib.util.find_spec(top) is not None):
        return
    from pkgutil import iter_modules  # only for this message

    nearest = nearest_to(top, {*sys.modules, *(module.name for module in iter_modules())}, 2)
    guess = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
    raise SettingsError(
        f"[lawnix] track names the package {name!r}, which cannot be found{guess}; it must lie on sys.path (see "
        "PYTHONPATH), as the code of tasks does"
    )


def file_of(cls: type) -> str | None:
    """The file, or the cell, that `cls` stands in: where its functions come from, or else its module."""
    for each in vars(cls).values():
        function = unwrapped(each)
        if is_function(function) and function.__code__.co_qualname.startswith(
            cls.__qualname__ + "."
        ):  # not one that a decorator of the class made
            return function.__code__.co_filename
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return file if isinstance(file, str) else None


def is_function(value: object) -> TypeGuard[FunctionType]:
    """Whether `value` is a function, and not a proxy that passes for one, as decorators made with wrapt do."""
    return type(value) is FunctionType


def unwrapped(value: object) -> object:
    """The function below a descriptor, not below decorators."""
    while True:
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        elif isinstance(value, property):
            value = value.fget
        else:
            return unveiled(value)


def unveiled(value: object) -> object:
    """The original of what lawnix itself put around a function, as around `run`; of anything else, it itself."""
    while is_function(value) and "__lawnix_wrapped__" in value.__dict__:
        original = value.__dict__["__lawnix_wrapped__"]
        if value.__dict__.get("__wrapped__", original) is not original:
            return value  # a decorator of someone else, who copied our mark
        value = original
    return value


def is_tool(cls: type) -> bool:
    """Whether `cls` is of law, luigi or lawnix, which call back nothing that decides a result."""
    return cls.__module__.partition(".")[0] in TOOLS


def is_task_class(cls: type) -> bool:
    """Whether `cls` is a luigi task class (luigi itself need not be there)."""
    return any(base.__name__ == "Task" and base.__module__ == "luigi.task" for base in cls.__mro__)


def is_parameter(value: object) -> bool:
    """Whether `value` is a luigi parameter, whose value is in the derivation."""
    return any(
        base.__name__ == "Parameter" and base.__module__ == "luigi.parameter" for base in type(value).__mro__
    )


def family_of(cls: type) -> str:
    """The name of a task class among tasks, or of any other class in its module."""
    family = getattr(cls, "task_family", None) if is_task_class(cls) else None
    return family if isinstance(family, str) else cls.__qualname__
