"""Assumption: outputs that others have made, at places of their own, are taken over for tasks that were never built.

What a task is made from says under which key they are entered; that they were made from that is believed, and the
realization says so. Nothing of the tasks' own code runs: this is a run whose executor copies instead of building. So
what needs something that is not there is left alone, two processes share the work, and a killed one loses nothing.
"""

import getpass
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lawnix.core.derivation import Derivation
from lawnix.core.output import Kind
from lawnix.core.realization import BuildRecord, Meaning, Realization
from lawnix.engine.build import register
from lawnix.engine.executor.protocol import Output
from lawnix.engine.graph import DerivedNode
from lawnix.engine.meanings import meanings_of
from lawnix.engine.messages import BuildRequest, BuildResult, Built, Failed, failure
from lawnix.engine.outputs import check_outputs
from lawnix.engine.plan import Plan
from lawnix.engine.realize import Outcome, realize
from lawnix.engine.report import Reporter
from lawnix.engine.survey import Seen, Survey, There
from lawnix.errors import NotAdoptedError, StoreError, StoreFullError
from lawnix.store.access import is_full, room
from lawnix.store.meaning import format_of


@dataclass(slots=True)
class Assumption:
    """What came of it.

    Attributes:
        taken: Nodes with what was taken over.
        left: Nodes whose outputs are not there, with what there is.
        refused: Nodes whose outputs are there and cannot be taken over, with the reason.
        waiting: Nodes that need such a node.
    """

    taken: dict[int, Realization] = field(default_factory=dict)
    left: dict[int, Seen] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    waiting: Sequence[int] = ()


def assume(plan: Plan, survey: Survey, reporter: Reporter, *, link: bool = False) -> Assumption:
    """Take over, for what would have to be built, the outputs that lie at their old places.

    Args:
        plan: Where the nodes stand; it is kept up to date.
        survey: Tells where outputs lie.
        reporter: Who is told.
        link: Whether files are linked instead of copied.

    Raises:
        StoreError: The store is full, or may not be written.
    """
    outcome = realize(plan, _Taking(survey, plan, link=link), reporter, limits=_plenty(plan))
    return _assumption(plan, survey, outcome)


def _assumption(plan: Plan, survey: Survey, outcome: Outcome) -> Assumption:
    result = Assumption(waiting=sorted(outcome.blocked))
    for number in outcome.built:
        settled = plan.settled.get(number)
        if settled is not None and settled.realization is not None:
            result.taken[number] = settled.realization
    for number, failed in outcome.failed.items():
        seen = survey.seen.get(number)
        if seen is None or seen.there in (There.FOUND, There.REFUSED):
            result.refused[number] = failed.summary
        else:
            result.left[number] = seen
    return result


def _plenty(plan: Plan) -> Mapping[str, int]:
    """To copy uses up none of the resources that tasks declare."""
    names: Counter[str] = Counter()
    for node in plan.graph.nodes:
        names.update(node.work.resources)
    return dict.fromkeys(names, sys.maxsize)


class _Taking:
    """An executor that runs nothing: it brings what lies elsewhere."""

    def __init__(self, survey: Survey, plan: Plan, *, link: bool) -> None:
        self._survey = survey
        self._plan = plan
        self._link = link
        self._request: BuildRequest | None = None

    @property
    def free(self) -> int:
        return int(self._request is None)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        self._request = request

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        if self._request is None:
            return [], []
        request, self._request = self._request, None
        return [self._taken(request)], []

    def close(self) -> None:
        """Nothing is left."""

    def _taken(self, request: BuildRequest) -> BuildResult:
        number = request.number
        node = self._plan.graph.nodes[number]
        if not isinstance(node, DerivedNode) or request.key is None:
            return failure(
                number, NotAdoptedError(node.work.title(), "it is not done, and adoption runs nothing")
            )
        self._survey.look_at([number])  # branches that were not known before
        seen = self._survey.seen[number]
        if seen.there is not There.FOUND:
            return Failed(number, seen.why or seen.there.value)
        directory = self._plan.session.store.new_build()
        try:
            for name, source in seen.sources.items():
                source.bring(directory / "out" / name, link=self._link)
            return self._registered(request, node, seen, directory)
        except StoreError:  # it will be the same for all others
            raise
        except Exception as error:  # a file that cannot be read or is not what was declared: this node alone
            root = self._plan.session.store.root
            if root is not None and is_full(error):
                raise StoreFullError(root, str(error), room(root)) from error
            return failure(number, error)
        finally:
            self._plan.session.store.discard(directory)

    def _registered(
        self, request: BuildRequest, node: DerivedNode, seen: Seen, directory: Path
    ) -> BuildResult:
        """What was brought becomes objects, as after a build."""
        derivation, session = node.derivation, self._plan.session
        assert derivation is not None
        assert request.key is not None
        written = check_outputs(node.work.title, derivation.outputs, f"{directory}/out")
        added = register(written, directory, session, node.work.label)
        places = {name: found.place for name, found in added.items()}
        meanings = meanings_of(derivation.outputs, places, node.work.digest_functions)
        _check_whole(derivation, seen, meanings)
        record = BuildRecord(
            started=max((source.written() for source in seen.sources.values()), default=0.0),
            size=sum(found.size for found in added.values()),
            assumed={
                "by": getpass.getuser(),
                "at": f"{time.time():.0f}",
                "how": "linked" if self._link else "copied",
            },
            sources={name: source.place for name, source in seen.sources.items()},
        )
        outputs = {s.name: added[s.name].path if s.name in added else None for s in derivation.outputs}
        realization = Realization(request.key, derivation.digest, outputs, (), record, meanings)
        return Built(request.number, realization, sizes={one.path: one.size for one in added.values()})


def _check_whole(derivation: Derivation, seen: Seen, meanings: Mapping[str, Meaning]) -> None:
    """Check that files of known formats can be read: law leaves half a file where a task was killed.

    Raises:
        NotAdoptedError: One cannot.
    """
    for spec in derivation.outputs:
        known = (
            spec.kind is Kind.FILE and spec.digest in ("auto", "meaning") and format_of(spec.name) is not None
        )
        if known and spec.name in seen.sources and spec.name not in meanings:
            raise NotAdoptedError(
                seen.sources[spec.name].place,
                f"it cannot be read as the ending of {spec.name} promises, as if it were half written; if it is whole, "
                "digest='bytes' for its target says so",
            )
