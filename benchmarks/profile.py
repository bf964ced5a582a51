"""Where the time of a trivial cold task goes: CPU by part, beside the bare system calls of that part.

All is measured in one run, in the process of the run and in its worker, without what was measured within a part as
another part, and without what measuring takes.
"""

import argparse
import functools
import importlib
import mmap
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.floors import Floors

PROGRAMS: Final = Path(__file__).with_name("programs")
CONFIG: Final = """[lawnix]
store: store
results: results

[luigi_core]
local_scheduler: True
no_lock: True
log_level: WARNING
"""


@dataclass(frozen=True)
class Part:
    """A part of what a task costs.

    Attributes:
        title: For the table.
        functions: `module:qualified.name` of what belongs to it.
        floor: The system calls that it cannot do without.
    """

    title: str
    functions: Sequence[str]
    floor: str = ""


PARTS: Final = [
    Part("the author's run(), with the file that it writes", ["lawnix.task.work:TaskWork.run"], "write"),
    Part("what is noted around it", ["lawnix.task.work:DerivedTaskWork.run"]),
    Part(
        "build directory",
        ["lawnix.store.builds:Builds.new", "lawnix.store.builds:Builds.discard"],
        "bare",
    ),
    Part(
        "capture of output",
        [f"lawnix.engine.capture:LastingCapture.{name}" for name in ("captured", "__exit__")],
        "capture",
    ),
    Part(
        "a look at inputs and outputs",
        ["lawnix.engine.build:check_outputs", "lawnix.engine.inputs:check_inputs"],
        "look",
    ),
    Part("freeze and digest", ["lawnix.store.tree:freeze"], "freeze"),
    Part("place among the objects", ["lawnix.store.objects:Objects.add"], "rename"),
    Part("record of the build", ["lawnix.engine.meter:Meter.__init__", "lawnix.engine.meter:Meter.record"]),
    Part("the rest of the build", ["lawnix.engine.executor.worker:build"]),
    Part(
        "messages, both ways",
        [
            "lawnix.engine.executor.channel:Packer.pack",
            "lawnix.engine.executor.channel:Unpacker.unpack",
            "lawnix.engine.executor.channel:Channel.send",
            "lawnix.engine.executor.channel:Channel.receive",
        ],
        "message",
    ),
    Part("requires(), output() and the graph", ["lawnix.task.worker:Worker.add"]),
    Part("derivations, keys and the plan", ["lawnix.task.planned:make_plan"]),
    Part(
        "bookkeeping of plan and queue",
        [
            *(
                f"lawnix.engine.plan:Plan.{name}"
                for name in ("accept", "settle", "take_ready", "recheck", "demand")
            ),
            "lawnix.engine.queue:Queue.pick",
            "lawnix.engine.queue:Queue.push",
        ],
    ),
    Part("claims", ["lawnix.store.claims:Claims.claim", "lawnix.store.claims:Claims.release"], "claim"),
    Part(
        "orders and results",
        ["lawnix.engine.executor.fork:ForkExecutor.submit", "lawnix.engine.executor.fork:ForkExecutor.wait"],
    ),
    Part(
        "what is told, and to whom",
        [f"lawnix.task.historian:Historian.{name}" for name in ("started", "built", "ended")],
    ),
    Part("records in words", ["lawnix.engine.facts:FactsOfRun.of", "lawnix.store.trace:Trace.record"]),
    Part("journal", ["lawnix.store.journal:Journal.append"], "journal"),
    Part(
        "index",
        [
            "lawnix.store.index:Index.take",
            "lawnix.store.index:Index.refresh",
            "lawnix.store.index:Index.close",
        ],
    ),
    Part("flush", ["lawnix.store.trace:Trace.flush"]),
    Part("the rest of the run", ["lawnix.task.planned:run_plan"]),
    Part("what the next run is told", ["lawnix.task.keeper:Keeper.keep"]),
    Part("links to results", ["lawnix.task.worker:publish"], "links"),
]


class Clock:
    """CPU time by part, of this process and those that are forked from it."""

    def __init__(self) -> None:
        self._sums = memoryview(mmap.mmap(-1, 16 * len(PARTS))).cast(
            "d"
        )  # shared: seconds and calls of each part
        self._within = [0.0]  # what the parts within a part took
        self._cost = 0.0
        self._cost = self._of_itself()

    def enter(self) -> float:
        """A part begins; when."""
        self._within.append(0.0)
        return time.thread_time()

    def leave(self, part: int, begun: float) -> None:
        """A part ends that has `begun`."""
        taken = time.thread_time() - begun
        within = self._within.pop()
        self._within[-1] += taken + self._cost
        self._sums[2 * part] += taken - within
        self._sums[2 * part + 1] += 1

    def timed(self, function: Callable[..., Any], part: int) -> Callable[..., Any]:
        """`function`, which is a part from now on."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            begun = self.enter()
            try:
                return function(*args, **kwargs)
            finally:
                self.leave(part, begun)

        return wrapper

    def seconds(self, part: int) -> float:
        """What a part took in all, less what its calls took to be measured."""
        return float(max(0.0, self._sums[2 * part] - self._sums[2 * part + 1] * self._cost / 2))

    def _of_itself(self) -> float:
        """What one measurement takes."""
        many = 10_000
        begun = time.thread_time()
        for _ in range(many):
            self.leave(0, self.enter())
        found = (time.thread_time() - begun) / many
        self._sums[0] = self._sums[1] = 0.0
        self._within = [0.0]
        return found


def put_in(clock: Clock) -> None:
    """Let all parts be measured."""
    for number, part in enumerate(PARTS):
        for name in part.functions:
            module, _, path = name.partition(":")
            *owners, last = path.split(".")
            owner = functools.reduce(getattr, owners, importlib.import_module(module))
            setattr(owner, last, clock.timed(getattr(owner, last), number))


def main() -> None:
    """Build many trivial tasks, and tell where the time went."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument(
        "--branches", action="store_true", help="branches of one workflow, not tasks below a wrapper"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="profile-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "law.cfg").write_text(CONFIG)
        os.environ.update(LAW_HOME=f"{name}/home", LAW_CONFIG_FILE=f"{name}/law.cfg")
        sys.path.insert(0, str(PROGRAMS))
        import luigi
        import work_profile  # type: ignore[import-not-found]  # a program, found by its path

        from lawnix.task.session import session

        build = functools.partial(luigi.build, local_scheduler=True, workers=1, log_level="WARNING")
        build([work_profile.Leaf(number=-1)])  # what is only done once
        clock = Clock()
        put_in(clock)
        cls = work_profile.Branches if arguments.branches else work_profile.Leaves
        build([cls(size=arguments.tasks)])
        session().store.close()
        floors = Floors(directory).measure(min(arguments.tasks, 2000))
        for place in (directory / "store" / "objects").glob("*/*"):
            place.chmod(0o600)
    show(clock, floors, arguments.tasks)


def show(clock: Clock, floors: dict[str, float], tasks: int) -> None:
    """The table."""
    table = Table(title=f"{tasks} trivial cold tasks, 1 worker: CPU a task in µs")
    table.add_column("part")
    for column in ("lawnix", "bare system calls"):
        table.add_column(column, justify="right")
    for number, part in enumerate(PARTS):
        floor = f"{floors[part.floor] * 1e6:.1f}" if part.floor else ""
        table.add_row(part.title, f"{clock.seconds(number) / tasks * 1e6:.1f}", floor)
    total = sum(clock.seconds(number) for number in range(len(PARTS))) / tasks
    table.add_row("all", f"{total * 1e6:.0f}", f"{sum(floors.values()) * 1e6:.0f}", end_section=True)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
