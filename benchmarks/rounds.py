"""One run of the harness: every system does every piece of work, in turn, round by round."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import sandboxes
from benchmarks.commands import Request
from benchmarks.measurement import CommandError, Cost, Place
from benchmarks.systems import System, path_of
from benchmarks.workloads import COLD, SANDBOXED, Row, Workload, bodies, edit_source, write_sources


@dataclass(frozen=True)
class Measured:
    """One measurement.

    Attributes:
        row: What was done.
        system: Who did it.
        round: In which round.
        cost: What it took.
        start: What a start took in the same place: with one task to run before a cold run, else with nothing to do.
        bodies: How many bodies ran.
    """

    row: Row
    system: str
    round: int
    cost: Cost
    start: Cost
    bodies: int

    def as_json(self) -> Mapping[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Measured":
        row, cost, start = Row(**found["row"]), Cost(**found["cost"]), Cost(**found["start"])
        return cls(row, found["system"], found["round"], cost, start, found["bodies"])


@dataclass(frozen=True)
class Story:
    """A workload at one size with so many workers: the steps that follow one another in one place."""

    workload: Workload
    size: int
    workers: int

    @property
    def rows(self) -> Sequence[Row]:
        """Steps after the cold run are measured with the first number of workers alone."""
        steps = self.workload.steps if self.workers == self.workload.workers[0] else (COLD,)
        return [Row(self.workload.name, step, self.workers, self.size) for step in steps]

    @property
    def request(self) -> Request:
        return Request(self.workload.name, self.size, self.workers)


def stories(
    workloads: Sequence[Workload], sizes: Sequence[int], workers: Sequence[int], *, huge: bool
) -> Iterator[Story]:
    """All that is to be measured; the smaller first."""
    for workload in workloads:
        grows = len(workload.sizes) > 1
        counts = [count for count in workload.workers if not workers or count in workers] or workload.workers[
            :1
        ]
        for size in (*(sizes if sizes and grows else workload.sizes), *(workload.huge if huge else ())):
            yield from (Story(workload, size, count) for count in counts)


class Run:
    """All measurements of one run, as they come in."""

    def __init__(
        self, systems: Sequence[System], programs: Mapping[str, Path], directory: Path | None, limit: float
    ) -> None:
        self._systems, self._programs = systems, programs
        self._directory, self._limit = directory, limit
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._left: list[Place] = []  # file systems are slow to give away what was freed just before
        self.measured: list[Measured] = []
        self.missing: dict[tuple[Row, str], str] = {}

    def measure(self, stories: Sequence[Story], rounds: int, tell: Callable[[str], None]) -> None:
        """Measure everything; `tell` hears of each story of each system before it begins."""
        for story in stories:
            for number in range(rounds):
                for system in self._systems:
                    tell(f"{story.workload.name} {story.size:,}: {system.name}")
                    self._play(system, story, number)

    def close(self) -> None:
        """Remove all that was made."""
        while self._left:
            self._left.pop().remove()

    def _play(self, system: System, story: Story, number: int) -> None:
        if system.only and story.workload.name not in system.only:
            return
        wanted = [row for row in story.rows if self._can(system, row)]
        try:
            if COLD in {row.step for row in wanted}:
                self._in_place(system, story, number, wanted, by_hand=False)
                wanted = [row for row in wanted[1:] if self._is_over(system, wanted[0])]
            if wanted:
                self._in_place(system, story, number, wanted, by_hand=COLD in story.workload.steps)
        except CommandError as error:
            for row in wanted:
                if not any(found.row == row and found.system == system.name for found in self.measured):
                    self.missing[row, system.name] = f"fails: {error.reason[:200]}"

    def _in_place(
        self, system: System, story: Story, number: int, wanted: Sequence[Row], *, by_hand: bool
    ) -> None:
        """Measure the rows that are wanted, in a directory of their own."""
        if by_hand and system.pretend is None:
            self._out_of_reach(system, wanted)
            return
        directory = Path(tempfile.mkdtemp(prefix="benchmark-", dir=self._directory))
        folder = self._programs[system.name]
        environment = {**system.environment(directory), "PATH": path_of(folder)}
        if story.workload.name in SANDBOXED:
            environment.update(sandboxes.variables(folder))
        in_engine = story.workload.name == sandboxes.DOCKER
        place = Place(directory, environment, self._limit, sandboxes.engines_time if in_engine else None)
        try:
            system.furnish(directory, story.workers)
            if story.workload.name in SANDBOXED:
                sandboxes.furnish(folder, directory)
            write_sources(directory, story.workload.name, story.size)
            command = system.command(folder, story.request)
            if by_hand and place.run(system.pretended(folder, directory, story.request))[0].over:
                self._out_of_reach(system, wanted)
                return
            nothing = system.command(folder, Request("start", 1, story.workers))
            first, _ = place.run(nothing)  # what is remembered between runs is remembered now
            start, _ = place.run(nothing)
            for position, row in enumerate(wanted, 1):
                edit_source(directory, row.step)
                cost, ran = place.run(command)
                self._enter(
                    system,
                    Measured(row, system.name, number, cost, first if row.step == COLD else start, ran),
                )
                if cost.over:
                    if row.step != COLD:  # after a cold run, there is a way by hand
                        self._out_of_reach(system, wanted[position:])
                    return
        finally:
            if story.workload.is_bulky:
                place.remove()
            else:
                self._left.append(place)

    def _out_of_reach(self, system: System, rows: Sequence[Row]) -> None:
        for row in rows:
            self.missing[row, system.name] = "what comes before it takes more than the limit"

    def _enter(self, system: System, found: Measured) -> None:
        """Raises CommandError if less was run than has to be."""
        if not found.cost.over and found.bodies < bodies(found.row):
            raise CommandError(system.name, f"ran {found.bodies:,} of {bodies(found.row):,} bodies")
        self.measured.append(found)

    def _can(self, system: System, row: Row) -> bool:
        """Whether it is worth trying; if not, the reason is noted."""
        if reason := system.reason(row.workload, row.step, row.workers):
            self.missing[row, system.name] = reason
        for other, name in list(self.missing):
            if name == system.name and other.line == row.line and other.size < row.size:
                self.missing.setdefault((row, name), self.missing[other, name])
        if self._is_over(system, row, smaller=True):
            self.missing[row, system.name] = "a smaller size took more than the limit"
        return (row, system.name) not in self.missing and not self._is_over(system, row)

    def _is_over(self, system: System, row: Row, *, smaller: bool = False) -> bool:
        """Whether it was stopped at the limit, at this size or at a smaller one."""
        return any(
            found.cost.over
            and found.system == system.name
            and found.row.line == row.line
            and (found.row.size < row.size if smaller else found.row == row)
            for found in self.measured
        )
