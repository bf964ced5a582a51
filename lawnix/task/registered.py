"""What tasks are called: classes by family, as luigi has registered them, and how tasks are written for people.

luigi runs a task by its family only if one class has it.
"""

import inspect
from typing import Any

import luigi
from luigi.task_register import Register

from lawnix.errors import DuplicateFamilyError


def classes_of(family: str) -> list[type]:
    """The classes of a family, less those that another of them is derived from."""
    found = [cls for cls in Register._reg if cls._visible_in_registry and cls.get_task_family() == family]
    return [cls for cls in found if not any(issubclass(o, cls) for o in found if o is not cls)]


def check_family(family: str, *, ours: bool = False) -> None:
    """Check that luigi can tell which class `family` means.

    Args:
        family: The task family.
        ours: Whether only classes that have to do with lawnix are of interest.

    Raises:
        DuplicateFamilyError: There are several, and none is derived from the others.
    """
    if Register._get_reg().get(family) is not Register.AMBIGUOUS_CLASS:
        return
    classes = classes_of(family)
    if not ours or any(map(is_ours, classes)):
        raise DuplicateFamilyError(family, [place_of(cls) for cls in classes])


def is_ours(cls: Any) -> bool:
    """Whether a task class has to do with lawnix."""
    return isinstance(cls, type) and any(base.__module__.startswith("lawnix.") for base in cls.__mro__)


def place_of(cls: type) -> str:
    """Where a class is defined, for people."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    try:
        return f"{name} ({inspect.getsourcefile(cls)}:{inspect.getsourcelines(cls)[1]})"
    except (OSError, TypeError):  # without source
        return name


def title_of(task: luigi.Task) -> str:
    """A task as people read it, with its parameters."""
    try:
        return repr(task)
    except Exception:  # a value that cannot be compared, or the author's own repr
        return f"{task.get_task_family()}(…)"
