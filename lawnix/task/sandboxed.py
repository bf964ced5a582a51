"""Tasks that are built in a sandbox: what a worker there is told of them, and what its answers mean."""

import base64
import importlib.util
import io
import os
import pickle
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import law
import luigi

from lawnix.core.digest import Digest
from lawnix.engine.current import Build, NeedsTasks
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.engine.messages import FailedInsideError
from lawnix.engine.observe.recording import Seen, elsewhere
from lawnix.errors import DeclarationError, WorkerDiedError
from lawnix.sandbox.container import around
from lawnix.sandbox.protocol import Sandbox
from lawnix.sandbox.spec import Surroundings
from lawnix.sandbox.worker import DiedError, SandboxWorker
from lawnix.task.branches import branch_map_of, is_workflow
from lawnix.task.steps import task_name

if TYPE_CHECKING:
    from lawnix.task.work import DerivedTaskWork

_LENT: Final = ("law", "luigi", "six", "tenacity", "dateutil", "typing_extensions", "tornado")
_INSIDE: Final = "lawnix.task.inside"  # what serves in there
_TERMINAL: Final = "lawnix.sandbox.terminal"  # instead, for people
_LAST_LINES: Final = 20
_NOT_THERE: Final = """
[lawnix] isolation is enforce, so what is not declared is not there; declare
  files: a `lawnix.ExternalTask` in requires(), or `lawnix.tracked_file()` if they belong to the code
  modules: import them where the digest of the code sees it, of packages in [lawnix] track
  variables: `environment = ["NAME"]` in the class
  network: `lawnix.Fetch`, with the digest of what is fetched
and write to self.output(), or below the directory that tempfile gives
"""
_OF_FILES: Final = frozenset({"read", "listed", "wrote", "made", "program"})
_PROTOCOL: Final = 4  # of pickle; Python 3.8 and later read it


class Enclosure:
    """A sandbox, with how tight it is, as the tasks of a run are built in it.

    Attributes:
        sandbox: Which one.
        digest: What it is, as far as that decides results.
    """

    def __init__(self, sandbox: Sandbox, digest: Digest | None, *, closed: bool) -> None:
        self.sandbox = sandbox
        self.digest = digest
        self._closed = closed

    def make_ready(self) -> None:
        """Have the sandbox made, if it is one that has to be made first.

        Raises:
            SandboxError: It cannot be made.
        """
        self.sandbox.ready()

    def run(self, work: "DerivedTaskWork", build: Build) -> None:
        """Run the author's `run()` to its end, in there.

        Raises:
            NeedsTasks: It yielded tasks that `build` does not know.
            FailedInsideError: It raised.
            WorkerDiedError: Its process ended.
        """
        assert build.directory is not None
        place: Any = str(build.directory) if self._closed else self.sandbox.spec
        log = build.directory.parent / "log"
        workers = build.session.sandboxes
        reads = _Reads(work, build)
        with elsewhere() as recorder:
            worker = self._worker(place, work, build, reads)
            how = {"alone": self._closed, "watched": recorder and recorder.file}
            try:
                answer = worker.ask({**_message(work, build, reads, worker.told), **how})
            except DiedError as died:
                workers.drop(place)
                lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:] if log.exists() else []
                raise WorkerDiedError(work.title(), died.how, lines) from None
        if self._closed:  # what it sees is for this task alone
            workers.drop(place)
        if "needs" in answer:
            raise NeedsTasks([(str(m), str(f), dict(p)) for m, f, p in answer["needs"]])
        if "failed" in answer:
            failed = answer["failed"]
            note = _NOT_THERE if self._closed and failed["lacks"] else ""
            raise FailedInsideError(str(failed["summary"]), str(failed["traceback"]) + note)
        build.read.extend(build.found[int(place)][0] for place in answer["built"]["read"])
        if recorder is not None:
            seen = (Seen(*map(str, each)) for each in answer["built"]["seen"])
            recorder.seen.update(each for each in seen if self._concerns(each, worker.surroundings))

    def _concerns(self, seen: Seen, surroundings: Surroundings) -> bool:
        """Whether what was seen in there is of this machine: what an image has, belongs to the sandbox."""
        if not self.sandbox.walled or seen.kind not in _OF_FILES:
            return True
        places = tuple(os.path.join(place, "") for place in (*surroundings.read, *surroundings.write))
        return os.path.join(seen.name, "").startswith(places)

    def _worker(self, place: Any, work: "DerivedTaskWork", build: Build, reads: "_Reads") -> SandboxWorker:
        """The worker at `place`; where that does not see what this task reads from outside, another that does."""
        workers = build.session.sandboxes
        outside = list(reads.outside())
        if self.sandbox.walled and not self._closed:
            outside = _around(outside)
            worker = workers.find(place)
            if worker is not None and not set(outside) <= set(worker.surroundings.read):
                outside += worker.surroundings.read  # else tasks in turn would have it end again and again
                workers.drop(place)
            elif worker is None:
                outside += _around(reads.outside_of_all())
        return workers.at(place, lambda: self._start(work, build, reads, outside))

    def shell(self, work: "DerivedTaskWork", build: Build) -> tuple[SandboxWorker, Any, Any]:
        """A worker that serves a terminal; what it was told at its start; what one would be told that runs the task.

        Raises:
            SandboxError: It cannot be had.
        """
        reads = _Reads(work, build)
        outside = _around(reads.outside()) if self.sandbox.walled else list(reads.outside())
        worker, welcome = self._started(work, build, reads, outside, _TERMINAL)
        return worker, welcome, _message(work, build, reads, set())

    def _start(
        self, work: "DerivedTaskWork", build: Build, reads: "_Reads", outside: Sequence[str]
    ) -> SandboxWorker:
        return self._started(work, build, reads, outside, _INSIDE)[0]

    def _started(
        self, work: "DerivedTaskWork", build: Build, reads: "_Reads", outside: Sequence[str], serve: str
    ) -> tuple[SandboxWorker, Any]:
        roots, lent = own_roots(), lent_packages()
        ours = str(Path(__file__).parents[1] / "__init__.py")
        welcome = {
            "serve": serve,
            "path": roots,
            "ours": {"lawnix": ours},
            "lent": lent,
            "keep_bytecode": None,
        }
        packages = [_tree(place) for place in (ours, *lent.values())]
        directory = build.directory
        assert directory is not None
        store = build.session.store.root
        if self._closed:
            read = [*packages, *code_files(work), *reads.places(), *_configuration()]
            write = [str(directory.parent)]
        else:
            read = [*packages, *roots, *outside, *_configuration(), str(store and store / "objects")]
            write = [str(directory.parents[1])]
        surroundings = Surroundings(
            read=tuple(dict.fromkeys(place for place in read if os.path.exists(place))),
            write=tuple(write),
            variables=self._variables(work, build),
            directory=os.getcwd(),
            closed=self._closed,
        )
        return SandboxWorker(self.sandbox, welcome, surroundings), welcome

    def _variables(self, work: "DerivedTaskWork", build: Build) -> dict[str, str]:
        """What a worker has in its environment beside what is the sandbox's own."""
        key = str(self.sandbox.spec)
        said = {
            "LAW_SANDBOX": key,
            "LAW_SANDBOX_SWITCHED": "1",  # law takes it for inside, and no task starts a sandbox in a sandbox
            "LAW_SANDBOX_TASK_ID": "lawnix",
            "LAW_SANDBOX_WORKER_ID": "lawnix",
            "LAW_SANDBOX_WORKER_FIRST_TASK_ID": "lawnix",
        }
        config = law.config.Config.instance().config_file
        if config:
            said["LAW_CONFIG_FILE"] = str(config)
        return {**build.session.environment, **said}


class _Reads:
    """What a build may read."""

    def __init__(self, work: "DerivedTaskWork", build: Build) -> None:
        self._work, self._build = work, build
        graph = work.walk.graph
        number = work.walk.number_of(work.task)
        assert number is not None
        sources = [*graph.nodes[number].inputs.values(), *(n for _, n in build.found)]
        members = dict.fromkeys(member for source in sources for member in graph.members(source))
        self.derived = [n for n in members if isinstance(graph.nodes[n], DerivedNode) and n in build.outputs]
        self._foreign = [node for n in members if isinstance(node := graph.nodes[n], ForeignNode)]
        self.workflows = [n for n in self._groups(sources) if is_workflow(work.walk.task_of(n))]

    def _groups(self, sources: Iterable[int]) -> Iterator[int]:
        """The groups among `sources`, through groups of groups."""
        nodes, stack, seen = self._work.walk.graph.nodes, [*sources], set[int]()
        while stack:
            number = stack.pop()
            node = nodes[number]
            if isinstance(node, GroupNode) and number not in seen:
                seen.add(number)
                yield number
                stack += node.inputs.values()

    def places(self) -> Iterator[str]:
        """Where all this lies."""
        store = self._build.session.store
        for number in self.derived:
            yield from (
                store.place(path) for path in self._build.outputs[number].values() if path is not None
            )
        yield from self.outside()

    def outside(self) -> Iterator[str]:
        """Where that lies which is in no store."""
        for node in self._foreign:
            yield from node.work.locations()

    def outside_of_all(self) -> Iterator[str]:
        """Where that lies which is in no store and which any task of the graph reads."""
        for node in self._work.walk.graph.nodes:
            if isinstance(node, ForeignNode):
                yield from node.work.locations()


def _message(work: "DerivedTaskWork", build: Build, reads: _Reads, told: set[int]) -> Any:
    """What a worker has to know to run one task."""
    assert build.directory is not None
    news = [number for number in reads.derived if number not in told]
    workflows = [number for number in reads.workflows if number not in told]
    store, walk = build.session.store, work.walk
    message = {
        "task": task_name(work.task),
        "branch": None
        if work.branch is None
        else _branch_map(work.siblings.branch_map_for(work.branch), work),
        "workflows": [
            (task_name(task), _branch_map(branch_map_of(task), work)) for task in map(walk.task_of, workflows)
        ],
        "requirements": _pickled(work.requirements, work),
        "told": [
            (
                number,
                task_name(walk.task_of(number)),
                {
                    name: None if path is None else store.place(path)
                    for name, path in build.outputs[number].items()
                },
            )
            for number in news
        ],
        "found": [(found.task, number) for found, number in build.found],
        "directory": str(build.directory),
        "log": f"{build.directory.parent}/log",
        "variables": _declared(work, build),
    }
    told.update(news, workflows)
    return message


def _declared(work: "DerivedTaskWork", build: Build) -> dict[str, str]:
    """The variables that the task declares, and where it writes what it reads of tracked views."""
    declared = {name: os.environ[name] for name in work.variables if name in os.environ}
    return {**declared, "LAWNIX_READS": f"{build.directory and build.directory.parent}/reads"}


def _branch_map(branches: Mapping[int, Any], work: "DerivedTaskWork") -> str | None:
    try:
        return _pickled(branches, work)
    except DeclarationError:  # the map is made again in there
        return None


class _Pickler(pickle.Pickler):
    """Puts the names of tasks in their places."""

    def persistent_id(self, thing: Any) -> Any:
        return task_name(thing) if isinstance(thing, luigi.Task) else None


def _pickled(thing: Any, work: "DerivedTaskWork") -> str:
    """A thing as it crosses into a sandbox.

    Raises:
        DeclarationError: It cannot.
    """
    into = io.BytesIO()
    try:
        _Pickler(into, _PROTOCOL).dump(thing)
    except Exception as error:  # whatever the author's objects raise
        raise DeclarationError(
            f"what {work.title()} requires cannot be told to a sandbox: {type(error).__name__}: {error}"
        ) from error
    return base64.b64encode(into.getvalue()).decode()


# ------------------------------------------------------------------------------- what is brought along


def own_roots() -> list[str]:
    """The entries of `sys.path` where the author's own modules lie."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    inside = tuple(f"{place}{os.sep}" for place in (sys.prefix, sys.base_prefix))
    roots = dict.fromkeys(os.path.abspath(entry) for entry in sys.path)
    return [
        root
        for root in roots
        if os.path.isdir(root)
        and root not in installed
        and not root.startswith(inside)
        and "-packages" not in root
    ]


@cache
def lent_packages() -> dict[str, str]:
    """Where law, luigi and what they import lie, for sandboxes that have none of their own."""
    specs = {name: importlib.util.find_spec(name) for name in _LENT}
    return {name: spec.origin for name, spec in specs.items() if spec is not None and spec.origin is not None}


def code_files(work: "DerivedTaskWork") -> list[str]:
    """The files of the code of a task, and of the author's modules that are loaded with it."""
    inside = tuple(f"{root}{os.sep}" for root in own_roots())
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return sorted({*work.files, *(file for file in loaded if file is not None and file.startswith(inside))})


def _configuration() -> list[str]:
    """The files of the configuration of law and luigi."""
    config = law.config.Config.instance().config_file
    others = luigi.configuration.get_config()._config_paths
    return [os.path.abspath(path) for path in (config, *others) if path and os.path.isfile(path)]


def _around(places: Iterable[str]) -> list[str]:
    """What has to be mounted where these are read, as far as it is there."""
    return list(dict.fromkeys(each for place in places for each in around(place) if os.path.exists(each)))


def _tree(place: str) -> str:
    """What a package or module lies in, by where its code begins."""
    return os.path.dirname(place) if os.path.basename(place) == "__init__.py" else place
