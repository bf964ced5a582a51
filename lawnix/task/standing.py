"""Standing: a task whose results all stand as the last run left them, found out without making its graph.

A run keeps what it ended with: the classes that it met, with digests of what decides requirements, outputs and code;
the branch maps; the contents of what came from outside; and of each result the key and the name. The next run compares
these, class by class. If all is as it was, then by induction each key is what it was: the store is asked once whether
the results are still the ones under these keys; no task is made for a branch, and nothing is derived again. Anything
else, and whatever cannot be told for sure, is left to the plan.
"""

import importlib
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import luigi

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Outputs, TaskName
from lawnix.engine.graph import DerivedNode, ForeignNode
from lawnix.engine.plan import Plan
from lawnix.errors import LawnixError
from lawnix.settings import Settings
from lawnix.store.protocol import Store
from lawnix.task.declared import declaration_of, is_workflow, surroundings
from lawnix.task.derived import DerivedTask
from lawnix.task.identity import branch_map_form, deciding
from lawnix.task.parameters import written
from lawnix.task.results import Shelf, Shown
from lawnix.task.session import TaskSession
from lawnix.task.upgrade import family_in_store
from lawnix.task.walk import Walker
from lawnix.task.work import DerivedTaskWork, ForeignTaskWork, TaskWork, task_name

logger = logging.getLogger(__name__)

_WIDTH: Final = 32  # characters of a digest
_ABSENT: Final = "-" * _WIDTH  # an optional output that was left out
_SOME: Final = 5000  # objects whose sizes are asked for at a time


class _CannotTellError(Exception):
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
        text = here.memo.standing(_name_of(task, here))
        return None if text is None else _look(task, json.loads(text), here)
    except (
        Exception
    ) as error:  # a class that is gone, a text that is damaged: the plan says what there is to say
        logger.debug("whether %s stands cannot be told: %s", task.get_task_family(), error, exc_info=True)
        return None


def _look(task: luigi.Task, said: Any, here: TaskSession) -> Shelf | None:
    here.store.refresh()
    classes = [_class(module, family) for module, family, _ in said["classes"]]
    before = _forms(classes, here)
    if before != [form for _, _, form in said["classes"]]:
        return None
    for name, form in said["workflows"]:
        if _branches_of(_load(name)) != form:
            return None
    for name, content in said["foreign"]:
        if _content_of(_load(name), here) != content:
            return None
    if _forms(classes, here) != before:  # a create_branch_map() changed what requires() reads
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


def _family_of(cls: Any) -> str:
    return str(cls.get_task_family())


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
    return None if written == _ABSENT else ObjectPath(Digest(written), name)


# ------------------------------------------------------------------------------------------- keeping


class Keeper:
    """What is kept of a run, so that the next one can tell whether all stands.

    What classes say is looked at when the walk meets them, and once more at the end: if it has changed meanwhile, as a
    global that somebody's `create_branch_map()` fills, what their tasks said does not follow from it.
    """

    def __init__(self, here: TaskSession) -> None:
        self._here = here
        self._met: dict[type, str] = {}
        self._doubts: dict[type, str] = {}

    def meet(self, cls: type) -> None:
        """The walk has come to a task of this class, for the first time."""
        try:
            self._met[cls] = _form_of(cls, self._here.settings, self._here.store)
        except (_CannotTellError, LawnixError) as error:
            self._doubts[cls] = str(error)

    def keep(self, plan: Plan, shelves: Mapping[int, Shelf]) -> None:
        """Keep how settled roots of `plan`, by number, have ended."""
        for root, shelf in shelves.items():
            task = _task_of(plan, root)
            try:
                name = _name_of(task, self._here)
                self._here.memo.keep_standing(name, json.dumps(self._said(plan, root, shelf)))
            except (
                Exception
            ) as error:  # also of a value without canonical form, or an option that cannot be read
                logger.debug("%s is planned anew in each run: %s", task.get_task_family(), error)

    def _said(self, plan: Plan, root: int, shelf: Shelf) -> Any:
        numbers = plan.graph.reached(root)
        classes = {type(_task_of(plan, number)): None for number in numbers}
        workflows: dict[int, tuple[TaskName, str]] = {}
        foreign: list[tuple[TaskName, str]] = []
        keys: list[str] = []
        names: list[str] = []
        for number in numbers:
            node, settled = plan.graph.nodes[number], plan.settled.get(number)
            if settled is None:
                raise _CannotTellError(f"{node.work.title()} is not settled")
            workflow = task = _task_of(plan, number)
            family: object = task
            if isinstance(node, ForeignNode):
                classes.pop(type(task), None)
                foreign.append((_faithful(task), settled.content))
                continue
            if isinstance(node, DerivedNode):
                assert isinstance(node.work, DerivedTaskWork)
                family = node.work.siblings
                realization = settled.realization
                if realization is None or realization.found or realization.reads:
                    raise _CannotTellError(f"{node.work.title()} found or read something at run time")
                keys.append(plan.keys[number])
                names.append(realization.digest)
                if id(family) not in workflows and node.work.siblings.are_branches:
                    workflow = task.as_workflow()
            if id(family) not in workflows and is_workflow(workflow):
                workflows[id(family)] = (_faithful(workflow), _branches_of(workflow))
        return {
            "classes": [(cls.__module__, _family_of(cls), self._form_of(cls)) for cls in classes],
            "workflows": list(workflows.values()),
            "foreign": foreign,
            "state": self._here.store.trace.state(),
            "keys": "".join(keys),
            "names": "".join(names),
            "name": shelf.name,
            "shown": {directory: self._shown(directory, part) for directory, part in shelf.shown.items()},
        }

    def _form_of(self, cls: type) -> str:
        form = _form_of(cls, self._here.settings, self._here.store)
        if self._met.get(cls) != form:
            raise _CannotTellError(
                self._doubts.get(cls) or f"what {_family_of(cls)} says has changed meanwhile"
            )
        return form

    def _shown(self, directory: str, shown: Mapping[str, Shown]) -> Any:
        outputs = sorted({name for each in shown.values() for name in each.outputs})
        return {
            "places": [place.removeprefix(directory) for place in shown],
            "names": "".join(each.digest for each in shown.values()),
            "outputs": {
                name: self._column(name, [each.outputs.get(name) for each in shown.values()])
                for name in outputs
            },
        }

    def _column(self, name: str, paths: Sequence[ObjectPath | None]) -> tuple[str, str]:
        """The objects of one output of many tasks: their digests, and their sizes as far as they are known."""
        sizes: list[str] = []
        for start in range(0, len(paths), _SOME):
            some = paths[start : start + _SOME]
            if any(path is not None and path.name != name for path in some):
                raise _CannotTellError(f"an object has another name than the output {name}")
            known = self._here.store.trace.sizes({path for path in some if path is not None})
            sizes += ["" if path is None else str(known.get(path, "")) for path in some]
        return "".join(_ABSENT if path is None else path.digest for path in paths), " ".join(sizes)


# ------------------------------------------------------------------------------------------- in common


def _name_of(task: Any, here: TaskSession) -> Digest:
    """What a root is kept under: all its parameters, and what fills in those of others."""
    around = surroundings(here.settings)
    family = task.get_task_family()
    said = {
        name: written(p, getattr(task, name), f"parameter {name} of {family}")
        for name, p in task.get_params()
    }
    return digest("standing", canonical([task.task_module, family, said, around]))


def _forms(classes: Sequence[Any], here: TaskSession) -> list[str]:
    return [_form_of(cls, here.settings, here.store) for cls in classes]


def _form_of(cls: Any, settings: Settings, store: Store) -> str:
    """What decides, beside parameters and inputs, what tasks of a class require, put out and make."""
    declared = declaration_of(cls, settings)
    if declared.doubts:
        raise _CannotTellError(f"{_family_of(cls)}.{declared.doubts[0]}")
    if not issubclass(cls, DerivedTask):
        return declared.digest
    family = family_in_store(cls, settings, store)
    if family.code.tracked.views:
        raise _CannotTellError(f"{family.label} reads tracked configuration")
    form = (declared.digest, family.code.digest, sorted(deciding(cls)), dict(family.environment))
    return digest("class", canonical(form))


def _branches_of(workflow: Any) -> str:
    return digest("branches", branch_map_form(workflow.get_branch_map()))


def _content_of(task: luigi.Task, here: TaskSession) -> str | None:
    work = ForeignTaskWork(task, None, Walker(here.settings, here.memo, here.store), here.memo)
    return work.content() if work.complete() else None


def _task_of(plan: Plan, number: int) -> Any:
    work = plan.graph.nodes[number].work
    assert isinstance(work, TaskWork)
    return work.task


def _faithful(task: Any) -> TaskName:
    """The name of a task from which it can be made again as it is."""
    name = task_name(task)
    for parameter, kind in task.get_params():
        if written(kind, getattr(task, parameter), parameter) != name[2].get(parameter):
            raise _CannotTellError(f"{task!r} cannot be made again from how {parameter} is written")
    return name
