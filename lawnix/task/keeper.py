"""Keeper: what a run keeps of how its root tasks ended, for `standing`."""

import itertools
import json
import logging
import secrets
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from lawnix.core.digest import Digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import TaskName
from lawnix.engine.facts import record_reused
from lawnix.engine.graph import DerivedNode, ForeignNode
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Realized
from lawnix.task.branches import is_branch, is_workflow
from lawnix.task.code.anything import CodeOfProjects
from lawnix.task.columns import CannotTellError, Columns, faithful
from lawnix.task.packed import Digests, written_numbers
from lawnix.task.results import Shelf, Shown
from lawnix.task.session import TaskSession
from lawnix.task.skeleton import drawn
from lawnix.task.standing import (
    ABSENT,
    Form,
    branches_of,
    family_of,
    form_of,
    forms,
    graph_name,
    name_of,
    not_kept,
)
from lawnix.task.work import DerivedTaskWork, TaskWork

logger = logging.getLogger(__name__)

_SOME: Final = 5000  # objects whose sizes are asked for at a time


class Keeper:
    """What is kept of a run, so that the next one can tell what stands.

    What classes say is looked at when the walk meets them, and once more at the end: if it has changed meanwhile, as a
    global that somebody's `create_branch_map()` fills, what their tasks said does not follow from it.
    """

    def __init__(self, here: TaskSession) -> None:
        self._here = here
        self._met: dict[type, Form] = {}
        self._doubts: dict[type, str] = {}
        self._code = CodeOfProjects()
        self._others = here.store.trace.state(own=False)

    def meet(self, cls: type) -> None:
        """The walk has come to a task of this class, for the first time."""
        try:
            self._met[cls] = form_of(cls, self._here.settings, self._here.store, self._code)
        except Exception as error:  # whatever it is, the plan does without
            self._doubts[cls] = str(error)

    def keep(self, plan: Plan, shelves: Mapping[int, Shelf]) -> None:
        """Keep how settled roots of `plan`, by number, have ended."""
        for root, shelf in shelves.items():
            if isinstance(plan.graph.nodes[root], ForeignNode):
                continue  # what it requires is of no interest once it is complete, and luigi can tell that
            task = _task_of(plan, root)
            try:
                keep(name_of(task, self._here), *self._said(plan, root, shelf), self._others, self._here)
            except Exception as error:  # also a value without canonical form, or an unreadable option
                logger.debug("%s is planned anew in each run: %s", task.get_task_family(), error)

    def _said(self, plan: Plan, root: int, shelf: Shelf) -> tuple[Any, Iterable[tuple[str, Any]], Any]:
        """What is kept of a root, what is shown, and its graph; None for one that cannot be made again in part."""
        numbers = plan.graph.reached(root)
        classes: dict[type, None] = {}
        workflows: list[tuple[TaskName, str]] = []
        places: dict[int, int] = {}  # of these, by their id() and that of what their branches share
        foreign: dict[type, tuple[Columns, Digests]] = {}  # with contents
        keys, names = Digests(), Digests()
        families: set[int] = set()  # by id(); of branches, the first tells all that is asked of a task
        for number in numbers:
            node, settled = plan.graph.nodes[number], plan.settled.get(number)
            if settled is None:
                raise CannotTellError(f"{node.work.title()} is not settled")
            if isinstance(node, ForeignNode):
                task = _task_of(plan, number)
                columns, contents = foreign.setdefault(type(task), (Columns(task), Digests()))
                columns.add(task)
                contents.append(settled.content)
                continue
            if isinstance(node, DerivedNode):
                assert isinstance(node.work, DerivedTaskWork)
                if not isinstance(settled, Realized) or settled.kept.found or settled.kept.reads:
                    raise CannotTellError(f"{node.work.title()} found or read something at run time")
                if (enclosure := node.work.enclosure) is not None and enclosure.digest is not None:
                    raise CannotTellError(f"{node.work.title()} is built in a sandbox, which may change")
                keys.append(plan.keys[number])
                names.append(settled.kept.digest)
                if id(node.work.kind) in families:
                    continue
                families.add(id(node.work.kind))
            task = _task_of(plan, number)
            classes[type(task)] = None
            workflow = task.as_workflow() if is_branch(task) else task
            if is_workflow(workflow):
                place = places.setdefault(id(workflow), len(workflows))
                if place == len(workflows):
                    workflows.append((_faithful(workflow), branches_of(workflow)))
                if isinstance(node.work, DerivedTaskWork):
                    places[id(node.work.siblings)] = place
        skeleton = _skeleton(plan, numbers, places)
        said = {
            "classes": [(cls.__module__, family_of(cls), form) for cls, form in self._forms(classes)],
            "workflows": workflows,
            "foreign": [
                (cls.__module__, family_of(cls), columns.drawn(), contents)
                for cls, (columns, contents) in foreign.items()
            ],
            "state": self._here.store.trace.state(),
            "keys": keys,
            "names": names,
            "name": shelf.name,
        }
        return said, shown_as_kept(shelf.shown, self._here), skeleton

    def _forms(self, classes: Collection[type]) -> Iterator[tuple[type, Form]]:
        """What the classes say, which is what they said when the walk met them."""
        if doubted := self._doubts.keys() & classes:
            raise CannotTellError(self._doubts[next(iter(doubted))])
        for cls, form in zip(classes, forms(list(classes), self._here), strict=True):
            if self._met.get(cls) != form:
                raise CannotTellError(f"what {family_of(cls)} says has changed meanwhile")
            yield cls, form


def keep(
    name: Digest,
    said: Mapping[str, Any],
    shown: Iterable[tuple[str, Any]],
    skeleton: Any,
    others: Digest,
    here: TaskSession,
) -> None:
    """Keep what is said of a root, with its graph.

    Args:
        name: Under which.
        said: How it ended.
        shown: What is shown of it, see `shown_as_kept`.
        skeleton: Its graph, see `drawn`; None if that is not known.
        others: What others had recorded when it was found out.
        here: Where.

    Raises:
        CannotTellError: Others have recorded further results under its keys.
    """
    if here.store.trace.state(own=False) != others and not_kept(said["keys"], said["names"], here):
        raise CannotTellError("others have built some of it, too")
    mark = secrets.token_hex(8)  # tells that the two belong together
    here.memo.keep_standing(graph_name(name), _text([mark, skeleton]))
    here.memo.keep_standing(name, _text({**said, "mark": mark}, shown))


def _text(said: Any, pieces: Iterable[Any] = ()) -> Iterator[str]:
    """A line for what is said, written bit by bit since there may be very much of it, and one for each piece."""
    encoder = json.JSONEncoder(default=_written)
    yield from encoder.iterencode(said)
    for piece in pieces:
        yield f"\n{encoder.encode(piece)}"


def _written(said: "Digests | array[int]") -> str:
    return str(said) if isinstance(said, Digests) else written_numbers(said)


def shown_as_kept(shown: Mapping[str, Mapping[str, Shown]], here: TaskSession) -> Iterator[tuple[str, Any]]:
    """What is shown, by directory and column by column, a piece at a time: there may be very much of it.

    A directory may come several times, for one piece after the other.

    Raises:
        CannotTellError: An object has another name than its output.
    """
    rows = ((directory, place, one) for directory, part in shown.items() for place, one in part.items())
    while some := list(itertools.islice(rows, _SOME)):
        paths = {path for _, _, one in some for path in one.outputs.values() if path is not None}
        sizes = here.store.trace.sizes(paths)
        for directory, part in itertools.groupby(some, lambda row: row[0]):
            yield directory, _piece(directory, {place: one for _, place, one in part}, sizes)


def _piece(directory: str, shown: Mapping[str, Shown], sizes: Mapping[ObjectPath, int]) -> Mapping[str, Any]:
    """What is shown in a directory, or some of it, column by column."""
    outputs = [one.outputs for one in shown.values()]
    names = sorted({name for each in outputs for name in each})
    return {
        "places": [place.removeprefix(directory) for place in shown],
        "names": "".join(one.digest for one in shown.values()),
        "outputs": {name: _column(name, [each.get(name) for each in outputs], sizes) for name in names},
    }


def _column(
    name: str, paths: Sequence[ObjectPath | None], known: Mapping[ObjectPath, int]
) -> tuple[str, str]:
    """The objects of one output of many tasks: their digests, and their sizes as far as they are `known`."""
    if any(path is not None and path.name != name for path in paths):
        raise CannotTellError(f"an object has another name than the output {name}")
    sizes = ["" if path is None else str(known.get(path, "")) for path in paths]
    return "".join(ABSENT if path is None else path.digest for path in paths), " ".join(sizes)


def _skeleton(plan: Plan, numbers: Sequence[int], places: Mapping[int, int]) -> Any:
    try:
        skeleton = drawn(plan.graph, numbers, places)
    except Exception as error:  # where something does not stand, all is planned
        logger.debug("no part of it can be made again alone: %s", error)
        return None
    record_reused(plan, numbers)  # else what reads it later could not be made of it alone
    return skeleton


def _faithful(task: Any) -> TaskName:
    """The name of a task from which it can be made again as it is."""
    return task.task_module, task.get_task_family(), dict(faithful(task))


def _task_of(plan: Plan, number: int) -> Any:
    work = plan.graph.nodes[number].work
    assert isinstance(work, TaskWork)
    return work.task
