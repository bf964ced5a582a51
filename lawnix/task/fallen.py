"""What has fallen: the part of a root that does not stand any more, planned without the rest.

Touched are the results whose code, sources or realizations are otherwise, and whatever reads them. They come into a
graph with what they read, which stands and so is known; nothing else does. What the run makes of them takes its place
in what is kept of the root.
"""

import functools
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

import luigi

from lawnix.core.derivation import Derivation
from lawnix.core.digest import Digest
from lawnix.core.realization import Realization
from lawnix.engine.facts import record_reused
from lawnix.engine.graph import DerivedNode
from lawnix.engine.plan import make_plan
from lawnix.task.columns import CannotTellError
from lawnix.task.keeper import keep, shown_as_kept
from lawnix.task.packed import Digests
from lawnix.task.part import RESULTS, Part, leaned_on_by
from lawnix.task.remembered import remembered
from lawnix.task.results import Shelf, Shown
from lawnix.task.session import TaskSession
from lawnix.task.shelves import shelf_of
from lawnix.task.skeleton import Kind, Skeleton
from lawnix.task.standing import Standing, class_of, digests_in, forms, graph_name, load
from lawnix.task.walk import Walker

logger = logging.getLogger(__name__)


def fallen_of(task: luigi.Task, standing: Standing, here: TaskSession) -> "Fallen | None":
    """What has fallen of `task`; None where all has to be planned."""
    try:
        mark, said = json.loads(here.memo.standing(graph_name(standing.name)) or "[null, null]")
        if said is None or mark != standing.said["mark"]:  # another run has ended in between
            return None
        return Fallen(task, Skeleton(said), standing, here)
    except Exception as error:  # whatever it is, the plan of all says what is wrong
        logger.debug("%s is planned as a whole: %s", task.get_task_family(), error, exc_info=True)
        return None


class Fallen:
    """A root of which a part does not stand.

    Attributes:
        plan: Of this part, with what it reads.
    """

    def __init__(self, task: luigi.Task, skeleton: Skeleton, standing: Standing, here: TaskSession) -> None:
        """Plan what has fallen of `task`.

        Raises:
            CannotTellError: All has to be planned.
        """
        self._here = here
        self._standing = standing
        self._skeleton = skeleton
        self._results = {place: row for row, place in enumerate(skeleton.of_kind(*RESULTS))}
        touched = skeleton.above(self._fallen_by_themselves())
        if 2 * len(touched) > len(skeleton):
            raise CannotTellError("most of it has fallen")
        leaned_on = leaned_on_by(skeleton, touched)
        known = self._known(leaned_on - touched)
        workflows = [load(name) for name, _ in standing.said["workflows"]]
        walker = Walker(here.settings, here.memo, here.store, fetched=standing.fetched)
        self._part = Part(walker, skeleton, known, workflows, here.memo)
        with remembered():
            self._part.make(touched, leaned_on, task)
        graph = walker.graph
        graph.left_out = len(self._results) - sum(place in self._results for place in self._part.numbers)
        self.plan = make_plan(graph, here.engine, walker)
        self._check_sources(touched)

    def _fallen_by_themselves(self) -> set[int]:
        """The places of what is otherwise by itself."""
        skeleton, standing = self._skeleton, self._standing
        keys = digests_in(standing.said["keys"])
        found = {place for place, row in self._results.items() if keys[row] in standing.keys}
        if edited := standing.edited():
            found.update(p for p in skeleton.of_kind(Kind.FOREIGN) if self._row_of_class(p) in edited)
        rewritten = standing.rewritten()
        workflows = [(module, family) for (module, family, _), _ in standing.said["workflows"]]
        for place in self._results if rewritten else ():
            is_branch = skeleton.kind(place) is Kind.BRANCH
            of = workflows[skeleton.branch(place)[0]] if is_branch else skeleton.family(place)
            if of in rewritten:
                found.add(place)
        return found

    def _check_sources(self, touched: Set[int]) -> None:
        """What came from outside is what it was when it was compared: others read it, too, that are not in the graph.

        Raises:
            CannotTellError: It has changed in between.
        """
        contents = self._contents()
        for place in self._skeleton.of_kind(Kind.FOREIGN):
            if place in self._part.numbers:
                module, family, row = self._row_of_class(place)
                settled = self.plan.settled.get(self._part.numbers[place])
                if settled is None or (
                    place not in touched and settled.content != contents[module, family][row]
                ):
                    raise CannotTellError(f"a source of {family} has changed meanwhile")

    def _contents(self) -> dict[tuple[str, str], list[Digest]]:
        """What came from outside when it was compared, by class and row."""
        return {
            (module, family): list(now)
            for (module, family, *_), now in zip(
                self._standing.said["foreign"], self._standing.contents, strict=True
            )
        }

    def _row_of_class(self, place: int) -> tuple[str, str, int]:
        return (*self._skeleton.family(place), self._skeleton.row(place))

    def _known(self, places: Set[int]) -> Mapping[int, tuple[Derivation, Realization]]:
        """What is known of results that stand and are read."""
        rows = {place: self._results[place] for place in places if place in self._results}
        names, derivations = digests_in(self._standing.said["names"]), self._skeleton.derivations
        store = self._here.store
        realizations = store.by_digest({Digest(names[row]) for row in rows.values()})
        derived = store.derivations({Digest(derivations[row]) for row in rows.values()})
        try:
            known = {
                place: (derived[Digest(derivations[row])], realizations[Digest(names[row])])
                for place, row in rows.items()
            }
        except KeyError:
            raise CannotTellError("the store does not know how all was made that is read") from None
        objects = {path for _, one in known.values() for path in one.outputs.values() if path is not None}
        if len(store.present(objects)) < len(objects):
            raise CannotTellError("the store has not all that is read")
        return known

    # ------------------------------------------------------------------------------- when it was built

    def ended(self) -> list[Shelf]:
        """What is shown of the root, if it has its results now; how it has ended is kept for the next run."""
        if self.plan.graph.roots[0] not in self.plan.settled:
            return []
        shelf = self._shelf()
        try:
            record_reused(self.plan, [number for _, number in self._made()])
            keep(self._standing.name, *self._said(shelf), self._standing.others, self._here)
        except Exception as error:  # the next run begins where this one did
            logger.debug("how %s has ended is not kept: %s", shelf.name, error)
        return [shelf]

    def _shelf(self) -> Shelf:
        before = self._standing.shelf()
        shown: dict[str, Mapping[str, Shown]] = dict(before.shown)
        for directory, realizations in self._in_graph.shown.items():
            shown[directory] = {**shown[directory], **realizations}
        used = list(before.used)
        for row, number in self._made():
            settled = self.plan.settled.get(number)
            if settled is not None and settled.realization is not None:
                used[row] = settled.realization.digest
        return Shelf(before.name, shown, used)

    @functools.cached_property
    def _in_graph(self) -> Shelf:
        """What is shown of it as far as it is in the graph."""
        return shelf_of(self.plan, self.plan.graph.roots[0])

    def _said(self, shelf: Shelf) -> tuple[Any, Iterable[tuple[str, Any]], Any]:
        said = dict(self._standing.said)
        classes = [class_of(module, family) for module, family, _ in said["classes"]]
        if forms(classes, self._here) != self._standing.forms:
            raise CannotTellError("what classes say has changed meanwhile")
        keys, names, derivations = (
            digests_in(said["keys"]),
            digests_in(said["names"]),
            list(self._skeleton.derivations),
        )
        for row, number in self._made():
            settled, node = self.plan.settled.get(number), self.plan.graph.nodes[number]
            realization = None if settled is None else settled.realization
            if realization is None or realization.found or realization.reads:
                raise CannotTellError(f"{node.work.title()} is not settled, or found or read something")
            assert isinstance(node, DerivedNode)
            keys[row], names[row] = self.plan.keys[number], realization.digest
            derivations[row] = self.plan.graph.reference(number).digest
        contents = self._contents()
        for place in self._skeleton.of_kind(Kind.FOREIGN):
            if place in self._part.numbers:  # it was looked at again
                now = self.plan.settled[self._part.numbers[place]].content
                contents[self._skeleton.family(place)][self._skeleton.row(place)] = now
        anew = {directory: shelf.shown[directory] for directory in self._in_graph.shown}
        shown = [(directory, part) for directory, part in self._standing.shown if directory not in anew]
        said |= {
            "classes": [
                (*name, form) for (*name, _), form in zip(said["classes"], self._standing.forms, strict=True)
            ],
            "foreign": [
                (module, family, columns, "".join(contents[module, family]))
                for module, family, columns, _ in said["foreign"]
            ],
            "state": self._here.store.trace.state(),
            "keys": Digests("".join(keys)),
            "names": Digests("".join(names)),
        }
        return said, [*shown, *shown_as_kept(anew, self._here)], self._skeleton.with_derivations(derivations)

    def _made(self) -> Iterator[tuple[int, int]]:
        """The rows and nodes of results that do not stand."""
        for place, row in self._results.items():
            number = self._part.numbers.get(place)
            if number is not None and number not in self.plan.graph.standing:
                yield row, number
