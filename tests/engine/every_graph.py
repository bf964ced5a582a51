"""Every graph of a few tasks, every single change: what runs must be what the model says.

`python -m tests.engine.every_graph [--nodes 6] [--sample N]` goes through all of them on all cores and tells how many.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product

from tests.engine.dags import Reads, kinds_of_graphs, sample
from tests.engine.model import Task, Tasks, keys, must_run, needed, sinks, written
from tests.engine.place import Place, Ran


@dataclass(frozen=True)
class Change:
    """One task that is another now.

    Attributes:
        name: What was changed.
        tasks: The graph after it.
        fixed: For a change that fails: the graph after one that does not.
    """

    name: str
    tasks: Tasks
    fixed: Tasks | None = None


def changes_of(tasks: Tasks, number: int) -> Iterator[Change]:
    """Every single change of one task; what is removed or asked for is another matter."""
    task = tasks[number]
    other = {"says": 1}

    def changed(**attributes) -> Tasks:
        return (*tasks[:number], replace(task, **attributes), *tasks[number + 1 :])

    if task.file is None:
        yield Change("code", changed(code=1, **other))
        yield Change("code, same content", changed(code=1))
        yield Change("parameter", changed(parameter=1, **other))
        yield Change("parameter, same content", changed(parameter=1))
        yield Change("code that fails", changed(code=2, fails=True), changed(code=3, **other))
        for read in task.reads:
            left = tuple(each for each in task.reads if each != read)
            yield Change("a requirement less", changed(reads=left, code=4))
        for read in sorted(set(range(number)) - set(task.reads)):
            yield Change("a requirement more", changed(reads=tuple(sorted((*task.reads, read))), code=5))
    else:
        yield Change("file", changed(file=1, **other))
        yield Change("file, same content", changed(file=1))
        yield Change("file gone", changed(file="gone"), changed(file=2, **other))


def forms_of(tasks: Tasks) -> Iterator[tuple[Tasks, Iterable[int]]]:
    """Forms of a graph with the numbers of those tasks that are changed.

    Once as it is; once for each task that reads a file from outside; once for each that writes the same whatever it
    reads, where something that it needs is changed.
    """
    yield tasks, range(len(tasks))
    for number, task in enumerate(tasks):
        yield (*tasks[:number], replace(task, file=0), *tasks[number + 1 :]), [number]
        if task.reads:
            absorbs = replace(task, passes_on=False)
            yield (*tasks[:number], absorbs, *tasks[number + 1 :]), sorted(needed(tasks, [number]) - {number})


class Checked:
    """A graph that is built, and all that is tried with it."""

    def __init__(self, tasks: Tasks, counts: Counter[str] | None = None) -> None:
        self.tasks = tasks
        self.counts = Counter() if counts is None else counts
        self.place = Place()
        self.known: set[object] = set()

    def expect(
        self, name: str, after: Tasks, *, removed: Iterable[int] = (), roots: Iterable[int] = ()
    ) -> None:
        """Run; what is tried, fails and is given up must be what the model says."""
        asked = set(roots) or sinks(after)
        must = must_run(after, self.known, set(removed), asked)
        lost = {number for number in needed(after, asked) if written(after)[number] is None}
        ran = self.place.run(after, asked)
        wanted = Ran(sorted(must), failed := {n for n in must if after[n].fails}, lost - failed)
        assert ran == wanted, f"{self.tasks}\n{name}: {after}, asked for {asked}\n{ran}, not {wanted}"
        self.known |= {keys(after)[number] for number in must - lost}
        self.counts[name] += 1

    def close(self) -> None:
        self.place.close()

    def build(self) -> None:
        """A cold run, and another."""
        self.expect("cold", self.tasks)
        self.expect("nothing changed", self.tasks)

    def change(self, change: Change) -> None:
        """Run after a change; after no other; after a remedy; after the change was taken back."""
        known = set(self.known)
        with self.place.back_afterwards():
            self.expect(change.name, change.tasks)
            if all(task.passes_on for task in self.tasks):  # else it was tried with the plain graph
                self.expect("again", change.tasks)
                if change.fixed is not None:
                    self.expect("fixed", change.fixed)
                self.expect("changed back", self.tasks)
        self.known = known

    def remove(self, number: int, root: int) -> None:
        """Run for `root` after an output was removed."""
        with self.place.back_afterwards():
            self.place.remove(self.tasks, number)
            self.expect("output removed", self.tasks, removed=[number], roots=[root])


def check(graph: Reads) -> Counter[str]:
    """Try all that can be tried with a graph; how often what was done.

    Raises:
        AssertionError: The engine and the model disagree.
    """
    counts: Counter[str] = Counter()
    plain = tuple(Task(reads) for reads in graph)
    for tasks, numbers in forms_of(plain):
        with closing(Checked(tasks, counts)) as checked:
            checked.build()
            for number in numbers:
                for change in changes_of(tasks, number):
                    checked.change(change)
    with closing(Checked(plain, counts)) as checked:
        checked.build()
        for number, root in product(range(len(plain)), repeat=2):
            checked.remove(number, root)
    for number, task in enumerate(plain):
        failing = replace(task, code=9, fails=True)
        with closing(Checked((*plain[:number], failing, *plain[number + 1 :]), counts)) as checked:
            checked.expect("cold with a failure", checked.tasks)
            checked.expect("fixed", plain)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=6, help="all graphs of at most so many tasks")
    parser.add_argument(
        "--sample", type=int, default=0, help="and so many with one task more, drawn by chance"
    )
    options = parser.parse_args()
    graphs = [graph for nodes in range(1, options.nodes + 1) for graph in kinds_of_graphs(nodes)]
    graphs += sample(options.nodes + 1, options.sample, seed=time.time_ns())
    counts: Counter[str] = Counter()
    started = time.monotonic()
    with ProcessPoolExecutor() as pool:
        for done, tried in enumerate(pool.map(check, graphs, chunksize=16), 1):
            counts += tried
            if done % 256 == 0 or done == len(graphs):
                sys.stderr.write(f"\r{done} of {len(graphs)} graphs, {counts.total()} runs")
    seconds = time.monotonic() - started
    print(f"\n{len(graphs)} graphs, {counts.total()} runs in {seconds:.0f} s, all as the model says")
    for name, count in counts.most_common():
        print(f"{count:>9}  {name}")


if __name__ == "__main__":
    main()
