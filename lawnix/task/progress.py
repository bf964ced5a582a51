"""How a run is shown: a live display in a terminal, plain lines elsewhere."""

import logging
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from lawnix.core.realization import Realization
from lawnix.engine.graph import GroupNode
from lawnix.engine.messages import Failed
from lawnix.engine.plan import Plan
from lawnix.engine.report import Reporter, Silence
from lawnix.task.results import all_there

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_MOMENT: Final = 0.2  # s

logger = logging.getLogger("luigi-interface")  # where luigi's users look


def reporter_for(progress: str) -> Reporter:
    """Who shows a run, by the setting `progress`."""
    if progress == "none":
        return Silence()
    if progress == "rich" or (progress == "auto" and sys.stderr.isatty()):
        return Display()
    return Lines()


class Echo(Silence):
    """What builds print goes to stdout as it comes; nothing else is said."""

    def printed(self, number: int, text: bytes) -> None:
        """As it is."""
        sys.stdout.write(text.decode(errors="replace"))
        sys.stdout.flush()


class Lines(Echo):
    """Lines through luigi's logger; what builds print goes to stdout as it comes.

    A line for each build that took a while; of those that are over in a moment, one line a second for each family.
    """

    def __init__(self) -> None:
        self._since: dict[int, float] = {}
        self._plan: Plan | None = None
        self._quick: Counter[str] = Counter()  # built since the last line
        self._told = 0.0

    def planned(self, plan: Plan) -> None:
        """One line."""
        self._plan = plan
        logger.info("%s", summary_of(plan))

    def started(self, number: int) -> None:
        """Remember when."""
        self._since[number] = time.monotonic()

    def built(self, number: int, realization: Realization | None) -> None:
        """A line, now or together with others."""
        if self._plan is None or not logger.isEnabledFor(logging.INFO):
            return
        work = self._plan.graph.nodes[number].work
        since = self._since.pop(number)
        seconds = time.monotonic() - since if realization is None else realization.record.wall
        if seconds >= _MOMENT:
            logger.info("built %s in %.1f s", work.title(), seconds)
            return
        self._quick[work.label] += 1
        if time.monotonic() - self._told >= 1:
            self._tell()

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """The error, with the author's traceback."""
        title = self._plan.graph.nodes[number].work.title() if self._plan is not None else str(number)
        log_failure(title, failure, again=again)

    def ended(self) -> None:
        """What has not been told yet."""
        self._tell()

    def _tell(self) -> None:
        if self._quick:
            logger.info("built %s", _listed(self._quick))
        self._quick.clear()
        self._told = time.monotonic()


class Display(Silence):
    """A bar for each family that has something to build; what builds print is shown above."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._bars: dict[str, TaskID] = {}
        self._progress: Progress | None = None

    def planned(self, plan: Plan) -> None:
        """Show the bars."""
        from rich.console import Console  # heavy, and only for terminals
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._plan = plan
        logger.info("%s", summary_of(plan))
        # refreshed when something happens, not by a thread: workers are forked meanwhile
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            auto_refresh=False,
        )
        for family, count in _families_to_build(plan).items():
            self._bars[family] = self._progress.add_task(family, total=count, note="")
        if self._bars:
            self._progress.start()

    def printed(self, number: int, text: bytes) -> None:
        """Above the bars."""
        if self._progress is not None:
            self._progress.console.print(
                text.decode(errors="replace").rstrip("\n"), markup=False, highlight=False
            )

    def built(self, number: int, realization: Realization | None) -> None:
        """One more."""
        self._advance(number)

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """The error, above the bars."""
        if self._plan is not None:
            log_failure(self._plan.graph.nodes[number].work.title(), failure, again=again)
        if not again:
            self._advance(number, note="failures")

    def ended(self) -> None:
        """Leave the bars as they are."""
        if self._progress is not None and self._bars:
            self._progress.stop()

    def _advance(self, number: int, note: str = "") -> None:
        if self._plan is None or self._progress is None:
            return
        family = self._plan.graph.nodes[number].work.label
        if family not in self._bars:
            self._bars[family] = self._progress.add_task(family, total=0, note="")
            self._progress.start()
        bar = self._bars[family]
        self._progress.advance(bar)
        state = self._progress.tasks[self._progress.task_ids.index(bar)]
        if state.total is not None and state.completed > state.total:
            self._progress.update(bar, total=state.completed)
        if note:
            self._progress.update(bar, note=note)
        self._progress.refresh()


def log_failure(title: str, failure: Failed, *, again: bool) -> None:
    """Say what failed, with the author's traceback and the way to what is left of it."""
    kept = f"\nits build directory was kept; to go on there: lawnix shell --build {failure.kept}"
    kept = kept if failure.kept else ""
    trace = f"\n{failure.traceback.rstrip()}" if failure.traceback else ""
    logger.error(
        "%s failed%s: %s%s%s", title, ", trying again" if again else "", failure.summary, trace, kept
    )


def summary_of(plan: Plan) -> str:
    """What a plan says, in one line."""
    in_graph = sum(settled.realization is not None for settled in plan.settled.values())
    known = in_graph + plan.graph.left_out
    families = _families_to_build(plan)
    if not families:
        return all_there(known)
    certain = Counter(dict.fromkeys(families, 0))
    certain.update(plan.graph.nodes[number].work.label for number in plan.builds if plan.demanded(number))
    waiting = families - certain
    parts = [f"{known} results are there"]
    if +certain:
        parts.append(f"to build: {_listed(+certain)}")
    if waiting:
        parts.append(f"then, if what they need comes out new: {_listed(waiting)}")
    return "; ".join(parts)


def _listed(families: Counter[str]) -> str:
    return ", ".join(f"{count} {family}" for family, count in families.items())


def _families_to_build(plan: Plan) -> Counter[str]:
    graph = plan.graph
    doomed = set(plan.broken)
    stack = list(doomed)
    while stack:
        number = stack.pop()
        below = {*graph.consumers[number], *graph.followers[number]} - doomed - plan.settled.keys()
        doomed |= below
        stack.extend(below)
    return Counter(
        node.work.label
        for number, node in enumerate(graph.nodes)
        if not (isinstance(node, GroupNode) or number in plan.settled or number in doomed)
        and plan.demanded(number)
    )
