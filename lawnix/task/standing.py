"""Standing: a task whose results all stand as the last run left them, found out without making its graph.

A run keeps what it ended with: the classes that it met, with digests of what decides requirements, outputs and code;
the branch maps; the contents of what came from outside; and of each result the key and the name. The next run compares
these, class by class. If all is as it was, then by induction each key is what it was: the store is asked once whether
the results are still the ones under these keys; no task is made for a branch, and nothing is derived again. Anything
else, and whatever cannot be told for sure, is left to the plan.
"""

from __future__ import annotations  # values of the core are loaded by who makes some

import importlib
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import luigi

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.core.objects import ObjectPath
from lawnix.settings import Settings
from lawnix.task.code.anything import CodeOfProjects
from lawnix.task.declared import declaration_of, surroundings
from lawnix.task.derived import DerivedTask
from lawnix.task.foreign import ForeignOutputs
from lawnix.task.identity import branch_map_form, deciding
from lawnix.task.parameters import written
from lawnix.task.results import Shelf, Shown
from lawnix.task.session import TaskSession
from lawnix.task.upgrade import family_in_store

if TYPE_CHECKING:
    from lawnix.core.realization import Outputs
    from lawnix.store.protocol import Store

logger = logging.getLogger(__name__)

_WIDTH: Final = 32  # characters of a digest
ABSENT: Final = "-" * _WIDTH  # an optional output that was left out


class CannotTellError(Exception):
    """Something has to be asked; the message says what."""


class _Shown:
    """A realization that stands, as far as it is shown."""

    __slots__ = ("_columns", "_row", "digest")

    def __init__(self, name: str, row: int, columns: Collection[tuple[str, tuple[str, str]]]) -> None:
        self.digest = Digest(name)
        self._row = row
        self._columns = columns

    @property
    def outputs(self) -> Outputs:
        """Its objects."""
        return {name: _path(digests, self._row, name) for name, (digests, _) in self._columns}


# ------------------------------------------------------------------------------------------- looking


def shelf_that_stands(task: luigi.Task, here: TaskSession) -> Shelf | None:
    """What is shown of `task`, if nothing has to be done for it and that can be told without its graph."""
    try:
        text = here.memo.standing(name_of(task, here))
        return None if text is None else _look(json.loads(text), here)
    except Exception as error:  # a class that is gone, a text that is damaged: the plan says what is wrong
        logger.debug("whether %s stands cannot be told: %s", task.get_task_family(), error, exc_info=True)
        return None


def _look(said: Any, here: TaskSession) -> Shelf | None:
    here.store.refresh()
    classes = [_class(module, family) for module, family, _ in said["classes"]]
    before = forms(classes, here)
    if before != [form for _, _, form in said["classes"]]:
        return None
    for name, form in said["workflows"]:
        if branches_of(_load(name)) != form:
            return None
    for name, content in said["foreign"]:
        if _content_of(_load(name), here) != content:
            return None
    if forms(classes, here) != before:  # a create_branch_map() changed what requires() reads
        return None
    if here.store.trace.state() != said["state"]:
        keys, names = said["keys"], said["names"]
        under = dict(zip(_digests(keys), _digests(names), strict=True))
        found = here.store.trace.names_under(under)
        if len(found) != len(under) or any(under[key] != name for key, name in found):
            return None
    shown = {directory: _shown(directory, part) for directory, part in said["shown"].items()}
    if not here.store.have(_objects(said["shown"].values())):
        return None
    return Shelf(said["name"], shown, list(map(Digest, _digests(said["names"]))))


def _load(name: Sequence[Any]) -> luigi.Task:
    module, family, parameters = name
    task: luigi.Task = luigi.task_register.load_task(module, family, parameters)
    return task


def _class(module: str, family: str) -> Any:
    importlib.import_module(module)
    return luigi.task_register.Register.get_task_cls(family)


def _digests(text: str) -> list[str]:
    return [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)]


def _shown(directory: str, part: Any) -> Mapping[str, Shown]:
    places = [directory + place for place in part["places"]]
    columns = part["outputs"].items()
    return {
        place: _Shown(name, row, columns)
        for row, (place, name) in enumerate(zip(places, _digests(part["names"]), strict=True))
    }


def _objects(parts: Iterable[Any]) -> Iterator[tuple[ObjectPath, int | None]]:
    for part in parts:
        for name, (digests, sizes) in part["outputs"].items():
            for row, size in enumerate(sizes.split(" ")):
                path = _path(digests, row, name)
                if path is not None:
                    yield path, int(size) if size else None


def _path(digests: str, row: int, name: str) -> ObjectPath | None:
    written = digests[row * _WIDTH : (row + 1) * _WIDTH]
    return None if written == ABSENT else ObjectPath(Digest(written), name)


# ------------------------------------------------------------------------- what is kept too


def name_of(task: Any, here: TaskSession) -> Digest:
    """What a root is kept under: all its parameters, and what fills in those of others."""
    around = surroundings(here.settings)
    family = task.get_task_family()
    said = {
        name: written(p, getattr(task, name), f"parameter {name} of {family}")
        for name, p in task.get_params()
    }
    return digest("standing", canonical([task.task_module, family, said, around]))


def family_of(cls: Any) -> str:
    """The task family of a class."""
    return str(cls.get_task_family())


def forms(classes: Sequence[Any], here: TaskSession) -> list[str]:
    """What decides what tasks of these classes are; see `form_of`."""
    code = CodeOfProjects()
    return [form_of(cls, here.settings, here.store, code) for cls in classes]


def form_of(cls: Any, settings: Settings, store: Store, code: CodeOfProjects) -> str:
    """What decides, beside parameters and inputs, what tasks of a class require, put out and make."""
    declared = declaration_of(cls, settings, code)
    if declared.doubts:
        raise CannotTellError(f"{family_of(cls)}.{declared.doubts[0]}")
    if not issubclass(cls, DerivedTask):
        return declared.digest
    family = family_in_store(cls, settings, store)
    if family.code.tracked.views:
        raise CannotTellError(f"{family.label} reads tracked configuration")
    form = (declared.digest, family.code.digest, sorted(deciding(cls)), dict(family.environment))
    return digest("class", canonical(form))


def branches_of(workflow: Any) -> str:
    """The digest of a branch map."""
    return digest("branches", branch_map_form(workflow.get_branch_map()))


def _content_of(task: luigi.Task, here: TaskSession) -> str | None:
    return ForeignOutputs(task, here.memo).content(task.__repr__) if task.complete() else None
