"""A place in which graphs of the model are run by the engine itself; only the bodies of the tasks are made up."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from lawnix.core.digest import digest
from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Realization
from lawnix.engine.executor.protocol import Output
from lawnix.engine.graph import DerivedNode, ForeignNode, Graph
from lawnix.engine.messages import BuildRequest, BuildResult, Built, Failed
from lawnix.engine.plan import Plan, make_plan
from lawnix.engine.realize import realize
from lawnix.engine.report import Silence
from lawnix.engine.session import Session
from lawnix.store.memory import MemoryStore
from tests.engine.model import Tasks, sinks, written
from tests.engine.world import Outside, Work


class Weightless(MemoryStore):
    """A store whose objects are names alone."""

    def __init__(self):
        super().__init__()
        self.objects = set()

    def present(self, objects):
        return self.objects & set(objects)

    def made(self, plan: Plan, number: int) -> Realization:
        """What the node leaves that is built now."""
        node = plan.graph.nodes[number]
        path = named(node.work.text)
        self.objects.add(path)
        return Realization(plan.keys[number], node.derivation.digest, {"out.txt": path})


def named(text: str) -> ObjectPath:
    """The object that a task leaves that writes `text`."""
    return ObjectPath(digest("content", text.encode()), "out.txt")


class Instant:
    """Has three builds at a time, and ends the latest first, by writing what it says; without a text it fails."""

    def __init__(self, store: Weightless) -> None:
        self._store = store
        self._requests: list[tuple[BuildRequest, Plan]] = []
        self.attempted: list[int] = []

    @property
    def free(self) -> int:
        return 3 - len(self._requests)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        node = plan.graph.nodes[request.number]
        unread = [other for other in node.inputs.values() if not self._is_there(plan, other)]
        assert not unread, f"{request.number} runs without its inputs {unread}"
        self.attempted.append(request.number)
        self._requests.append((request, plan))

    def _is_there(self, plan: Plan, number: int) -> bool:
        realization = plan.settled[number].realization
        return realization is None or self._store.objects.issuperset(realization.outputs.values())

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        return [self._result(*self._requests.pop())] if self._requests else [], []

    def _result(self, request: BuildRequest, plan: Plan) -> BuildResult:
        if plan.graph.nodes[request.number].work.text is None:
            return Failed(request.number, "no luck")
        return Built(request.number, self._store.made(plan, request.number))

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Ran:
    """What a run did, in numbers of tasks: those that were tried, as often as they were, and those that were not built."""

    tried: list[int]
    failed: set[int]
    blocked: set[int]


class Place:
    """A store in which graphs are run."""

    def __init__(self) -> None:
        self.store = Weightless()
        self.session = Session(self.store)
        self._made: set[Realization] = set()

    def run(self, tasks: Tasks, roots: Iterable[int] = ()) -> Ran:
        """Run `roots`, or else all that nobody reads."""
        graph, numbers = self._graph(tasks, roots or sinks(tasks))
        plan = make_plan(graph, self.session)
        executor = Instant(self.store)
        outcome = realize(plan, executor, Silence())
        self._made.update(plan.settled[node].realization for node in outcome.built)
        told = {node: number for number, node in enumerate(numbers)}
        assert sorted(outcome.built) == sorted(set(executor.attempted) - outcome.failed.keys())
        return Ran(
            sorted(told[node] for node in executor.attempted),
            {told[node] for node in outcome.failed if node in told},
            {told[node] for node in outcome.blocked},
        )

    def _graph(self, tasks: Tasks, roots: Iterable[int]) -> tuple[Graph, list[int]]:
        """The graph as the engine sees it, and the node of each task."""
        graph, numbers = Graph(), []
        for number, (task, text) in enumerate(zip(tasks, written(tasks), strict=True)):
            inputs = {str(index): numbers[other] for index, other in enumerate(task.reads)}
            if task.file is not None:
                content = None if task.file == "gone" else f"file {task.file}"
                inputs["file"] = graph.add(ForeignNode(Outside(f"F{number}", content), {}))
            parameter = f"{number}.{task.parameter}"
            work = Work(f"T{number}", text, parts={"run": str(task.code)}, p=parameter)
            numbers.append(graph.add(DerivedNode(work, inputs)))
        graph.roots = [numbers[root] for root in roots]
        return graph, numbers

    def remove(self, tasks: Tasks, number: int) -> None:
        """Take away what a task wrote."""
        self.store.objects.remove(named(written(tasks)[number]))

    @contextmanager
    def back_afterwards(self) -> Iterator[None]:
        """Within, runs may make what they like; afterwards the store knows and has what it did before."""
        made, objects = set(self._made), set(self.store.objects)
        yield
        self.store.forget([*self._made - made], "made for a try")
        self._made, self.store.objects = made, objects

    def close(self) -> None:
        self.store.close()
