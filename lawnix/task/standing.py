"""Standing: what of a task stands as its last run left it, found out without making its graph.

A run keeps what it ended with: the classes that it met, with digests of what decides requirements, outputs and code;
the branch maps; the contents of what came from outside; and of each result the key and the name. The next run compares
these, class by class. If all is as it was, then by induction each key is what it was: the store is asked once whether
the results are still the ones under these keys; no task is made for a branch, and nothing is derived again. If code,
sources or results are otherwise in some places, the rest still stands: `fallen` plans what does not. Anything else, and
whatever cannot be told for sure, is left to the plan of all.
"""

from __future__ import annotations  # values of the core are loaded by who makes some

import importlib
import json
import logging
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import law
import luigi

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.core.objects import ObjectPath
from lawnix.settings import Settings
from lawnix.task.code.anything import CodeOfProjects
from lawnix.task.columns import CannotTellError, tasks_in
from lawnix.task.declared import declaration_of, surroundings
from lawnix.task.derived import DerivedTask
from lawnix.task.foreign import contents_of
from lawnix.task.identity import branch_map_form, deciding
from lawnix.task.packed import WIDTH, Digests
from lawnix.task.parameters import written
from lawnix.task.remembered import remembered
from lawnix.task.results import Shelf, Shown
from lawnix.task.session import TaskSession
from lawnix.task.upgrade import family_in_store

if TYPE_CHECKING:
    from lawnix.core.realization import Outputs, TaskName
    from lawnix.store.protocol import Store

logger = logging.getLogger(__name__)

ABSENT: Final = "-" * WIDTH  # an optional output that was left out


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


class Form(NamedTuple):
    """What decides, beside parameters and inputs, what tasks of a class are.

    Attributes:
        asking: The digest of what decides what they require and put out.
        making: The digest of what decides their results.
    """

    asking: Digest
    making: Digest


class Standing(NamedTuple):
    """What was found of a root whose requirements are what they were.

    Attributes:
        name: Under which it is kept.
        said: What is kept of it.
        shown: What is shown of it, by directory, piece by piece.
        forms: What its classes say now, in the order in which they are kept.
        contents: What came from outside now: for each kept class, that of each task.
        keys: Those under which the store has not just the result that is kept, or not its objects.
        others: What others had recorded.
        fetched: Contents of targets that are elsewhere, by their URIs.
    """

    name: Digest
    said: Any
    shown: Sequence[tuple[str, Any]]
    forms: Sequence[Form]
    contents: Sequence[Sequence[Digest]]
    keys: Set[str]
    others: Digest
    fetched: Mapping[str, Digest]

    @property
    def is_whole(self) -> bool:
        """Whether all of it stands."""
        return not self.keys and not self.rewritten() and not self.edited()

    def rewritten(self) -> set[tuple[str, str]]:
        """The classes, by module and family, whose results are made in another way."""
        classes = self.said["classes"]
        return {
            (module, family)
            for (module, family, form), now in zip(classes, self.forms, strict=True)
            if form[1] != now.making
        }

    def edited(self) -> set[tuple[str, str, int]]:
        """What came from outside and is otherwise now, by module, family and row."""
        return {
            (module, family, row)
            for (module, family, _, before), now in zip(self.said["foreign"], self.contents, strict=True)
            for row, (one, other) in enumerate(zip(digests_in(before), now, strict=True))
            if one != other
        }

    def shelf(self) -> Shelf:
        """What is shown of it."""
        shown: dict[str, dict[str, Shown]] = {}
        for directory, part in self.shown:
            shown.setdefault(directory, {}).update(_shown(directory, part))
        return Shelf(self.said["name"], shown, Digests(self.said["names"]))


def standing_of(task: luigi.Task, here: TaskSession) -> Standing | None:
    """What stands of `task`; None where that cannot be told without its graph."""
    try:
        name = name_of(task, here)
        text = here.memo.standing(name)
        return None if text is None else _look(name, *_read(text), here)
    except Exception as error:  # a class that is gone, a text that is damaged: the plan says what is wrong
        logger.debug("what stands of %s cannot be told: %s", task.get_task_family(), error, exc_info=True)
        return None


def _read(text: str) -> tuple[Any, list[Any]]:
    """What is said of a root, and what is shown of it."""
    said, *shown = (json.loads(line[0]) for line in re.finditer(".+", text))
    return said, shown


def _look(name: Digest, said: Any, shown: Sequence[tuple[str, Any]], here: TaskSession) -> Standing | None:
    here.store.refresh()
    classes = [class_of(module, family) for module, family, _ in said["classes"]]
    before = forms(classes, here)
    if any(form.asking != was[0] for form, (_, _, was) in zip(before, said["classes"], strict=True)):
        return None
    for workflow, form in said["workflows"]:
        if branches_of(load(workflow)) != form:
            return None
    fetched: dict[str, Digest] = {}
    with remembered():
        contents = [_contents(kept, here, fetched) for kept in said["foreign"]]
    asked = said["workflows"] or said["foreign"]
    if asked and forms(classes, here) != before:  # a create_branch_map() changed what requires() reads
        return None
    others = here.store.trace.state(own=False)
    keys = _gone(said, [part for _, part in shown], here)
    if here.store.trace.state() != said["state"]:
        keys |= not_kept(digests_in(said["keys"]), digests_in(said["names"]), here)
    return Standing(name, said, shown, before, contents, keys, others, fetched)


def _gone(said: Any, parts: Sequence[Any], here: TaskSession) -> set[str]:
    """The keys of what is shown and has lost an object."""
    if here.store.have(one for part in parts for _, one in _objects(part)):
        return set()
    names = set()
    for part in parts:
        shown = digests_in(part["names"])
        names |= {shown[row] for row, one in _objects(part) if not here.store.have([one])}
    rows = zip(digests_in(said["names"]), digests_in(said["keys"]), strict=True)
    return {key for name, key in rows if name in names}


def _contents(kept: Any, here: TaskSession, fetched: dict[str, Digest]) -> Sequence[Digest]:
    """What tasks of one class hold that came from outside; what was fetched for it is added to `fetched`."""
    module, family, columns, before = kept
    cls = class_of(module, family)
    tasks = list(tasks_in(cls, columns, len(before) // WIDTH))
    asks_outputs = cls.complete is law.Task.complete  # and so does `contents_of`
    if not asks_outputs and not all(task.complete() for task in tasks):
        raise CannotTellError(f"not all tasks of {family} are complete")
    return contents_of(tasks, here.memo, fetched)


def not_kept(keys: Iterable[str], names: Iterable[str], here: TaskSession) -> set[str]:
    """The keys under which the store has not just the result that is kept, of the name at the same place."""
    under = dict(zip(keys, names, strict=True))
    found: dict[str, list[str]] = {}
    for key, name in here.store.trace.names_under(under):
        found.setdefault(key, []).append(name)
    return {key for key, name in under.items() if found.get(key) != [name]}


def load(name: TaskName) -> Any:
    """The task that has this name."""
    module, family, parameters = name
    return luigi.task_register.load_task(module, family, parameters)


def class_of(module: str, family: str) -> Any:
    """The task class of a family."""
    importlib.import_module(module)
    return luigi.task_register.Register.get_task_cls(family)


def digests_in(text: str) -> list[str]:
    """The digests that stand one behind the other in a text."""
    return [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)]


def _shown(directory: str, part: Any) -> Mapping[str, Shown]:
    places = [directory + place for place in part["places"]]
    columns = part["outputs"].items()
    return {
        place: _Shown(name, row, columns)
        for row, (place, name) in enumerate(zip(places, digests_in(part["names"]), strict=True))
    }


def _objects(part: Any) -> Iterator[tuple[int, tuple[ObjectPath, int | None]]]:
    """The objects of what is shown in a directory, with their sizes, and the row of each."""
    for name, (digests, sizes) in part["outputs"].items():
        for row, size in enumerate(sizes.split(" ")):
            path = _path(digests, row, name)
            if path is not None:
                yield row, (path, int(size) if size else None)


def _path(digests: str, row: int, name: str) -> ObjectPath | None:
    written = digests[row * WIDTH : (row + 1) * WIDTH]
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


def graph_name(name: Digest) -> str:
    """Under what the graph of a root is kept that is kept under `name`."""
    return f"{name} graph"


def family_of(cls: Any) -> str:
    """The task family of a class."""
    return str(cls.get_task_family())


def forms(classes: Sequence[Any], here: TaskSession) -> list[Form]:
    """The forms of these classes."""
    code = CodeOfProjects()
    return [form_of(cls, here.settings, here.store, code) for cls in classes]


def form_of(cls: Any, settings: Settings, store: Store, code: CodeOfProjects) -> Form:
    """What decides what tasks of a class are.

    Raises:
        CannotTellError: They have to be asked themselves.
    """
    declared = declaration_of(cls, settings, code)
    if declared.doubts:
        raise CannotTellError(f"{family_of(cls)}.{declared.doubts[0]}")
    if not issubclass(cls, DerivedTask):
        return Form(declared.digest, declared.digest)
    family = family_in_store(cls, settings, store)
    if family.code.tracked.views:
        raise CannotTellError(f"{family.label} reads tracked configuration")
    asking = (declared.digest, sorted(deciding(cls)), family.reads_workflow_inputs)
    making = (family.code.digest, dict(family.environment), family.hosted and family.hosted.digest)
    return Form(
        digest("class", canonical(asking)),
        digest("class", canonical(making)),
    )


def branches_of(workflow: Any) -> str:
    """The digest of a branch map."""
    return digest("branches", branch_map_form(workflow.get_branch_map()))
