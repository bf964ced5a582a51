"""Tasks that are built in a sandbox: which worker builds one, what it sees, and what its answers mean."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import law

from lawnix.core.digest import Digest
from lawnix.engine.current import Build, NeedsTasks
from lawnix.engine.messages import FailedInsideError
from lawnix.engine.observe.recording import Seen, elsewhere
from lawnix.errors import WorkerDiedError
from lawnix.sandbox.protocol import Sandbox
from lawnix.sandbox.spec import Surroundings
from lawnix.sandbox.tried import try_once
from lawnix.sandbox.worker import DiedError, SandboxWorker
from lawnix.task.answered import Failed, answer_of
from lawnix.task.brought import code_files, configuration_files, mounted, packages, welcome
from lawnix.task.enclosure import Enclosure
from lawnix.task.telling import Reads, message_of

if TYPE_CHECKING:
    from lawnix.task.work import DerivedTaskWork

_INSIDE: Final = "lawnix.task.inside"  # what serves in there
_TERMINAL: Final = "lawnix.sandbox.terminal"  # instead, for people
_TRIED: Final = "lawnix.sandbox.tried"  # instead, to see whether it can
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


class SandboxEnclosure(Enclosure):
    """A sandbox, whose workers run what it is given."""

    def __init__(self, sandbox: Sandbox, digest: Digest | None, home: Path, *, closed: bool) -> None:
        """Take a sandbox; `home` keeps what is known of all."""
        self.sandbox = sandbox
        self.digest = digest
        self._home = home
        self._closed = closed

    def make_ready(self) -> None:
        """As `Enclosure` says; that Python can be started is seen once."""
        self.sandbox.ready()
        if self.digest is None:  # the Python that runs this
            return
        told = welcome(_TRIED)
        read = (*packages(told), *configuration_files())
        surroundings = Surroundings(read=read, directory=os.getcwd(), closed=self._closed)
        mark = self._home / "tried" / f"{self.digest}{'-closed' if self._closed else ''}"
        try_once(self.sandbox, told, surroundings, mark)

    def run(self, work: "DerivedTaskWork", build: Build) -> None:
        """As `Enclosure` says, by the worker that sees what this build may see."""
        assert build.directory is not None
        place: Any = str(build.directory) if self._closed else self.sandbox.spec
        log = build.directory.parent / "log"
        workers = build.session.sandboxes
        reads = Reads(work, build)
        with elsewhere() as recorder:
            worker = self._worker(place, work, build, reads)
            how = {"alone": self._closed, "watched": recorder and recorder.file}
            try:
                said = worker.ask({**message_of(work, build, reads, worker.told), **how})
                answer = answer_of(said, build)
            except DiedError as died:
                workers.drop(place)
                lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:] if log.exists() else []
                raise WorkerDiedError(work.title(), died.how, lines) from None
        if self._closed:  # what it sees is for this task alone
            workers.drop(place)
        elif not isinstance(answer, Failed) or answer.understood:  # else it may know but a part of it
            worker.told.update(reads.derived, reads.workflows)
        if isinstance(answer, NeedsTasks):
            raise answer
        if isinstance(answer, Failed):
            note = _NOT_THERE if self._closed and answer.lacks else ""
            raise FailedInsideError(answer.summary, answer.traceback + note)
        build.read.extend(answer.read)
        if recorder is not None:
            recorder.seen.update(each for each in answer.seen if self._concerns(each, worker.surroundings))

    def _concerns(self, seen: Seen, surroundings: Surroundings) -> bool:
        """Whether what was seen in there is of this machine: what an image has, belongs to the sandbox."""
        if not self.sandbox.walled or seen.kind not in _OF_FILES:
            return True
        places = tuple(os.path.join(place, "") for place in (*surroundings.read, *surroundings.write))
        return os.path.join(seen.name, "").startswith(places)

    def _worker(self, place: Any, work: "DerivedTaskWork", build: Build, reads: Reads) -> SandboxWorker:
        """The worker at `place`; where that does not see what this task reads from outside, another that does."""
        workers = build.session.sandboxes
        outside = list(reads.outside())
        if self.sandbox.walled and not self._closed:
            outside = mounted(outside)
            worker = workers.find(place)
            if worker is not None and not set(outside) <= set(worker.surroundings.read):
                outside += worker.surroundings.read  # else tasks in turn would have it end again and again
                workers.drop(place)
            elif worker is None:
                outside += mounted(reads.outside_of_all())
        return workers.at(place, lambda: self._start(work, build, reads, outside))

    def shell(self, work: "DerivedTaskWork", build: Build) -> tuple[SandboxWorker, Any, Any]:
        """As `Enclosure` says."""
        reads = Reads(work, build)
        outside = mounted(reads.outside()) if self.sandbox.walled else list(reads.outside())
        worker, told = self._started(work, build, reads, outside, _TERMINAL)
        return worker, told, message_of(work, build, reads, set())

    def _start(
        self, work: "DerivedTaskWork", build: Build, reads: Reads, outside: Sequence[str]
    ) -> SandboxWorker:
        return self._started(work, build, reads, outside, _INSIDE)[0]

    def _started(
        self, work: "DerivedTaskWork", build: Build, reads: Reads, outside: Sequence[str], serve: str
    ) -> tuple[SandboxWorker, Any]:
        told = welcome(serve)
        directory = build.directory
        assert directory is not None
        store = build.session.store.root
        if self._closed:
            read = [*packages(told), *code_files(work), *reads.places(), *configuration_files()]
            write = [str(directory.parent)]
        else:
            read = [
                *packages(told),
                *told["path"],
                *outside,
                *configuration_files(),
                str(store and store / "objects"),
            ]
            write = [str(directory.parents[1])]
        surroundings = Surroundings(
            read=tuple(dict.fromkeys(place for place in read if os.path.exists(place))),
            write=tuple(write),
            variables=self._variables(work, build),
            directory=os.getcwd(),
            closed=self._closed,
        )
        return SandboxWorker(self.sandbox, told, surroundings), told

    def _variables(self, work: "DerivedTaskWork", build: Build) -> dict[str, str]:
        """What a worker has in its environment beside what is the sandbox's own."""
        inside = {
            "LAW_SANDBOX": str(self.sandbox.spec),
            "LAW_SANDBOX_SWITCHED": "1",  # law takes it for inside, and no task starts a sandbox in a sandbox
            "LAW_SANDBOX_TASK_ID": "lawnix",
            "LAW_SANDBOX_WORKER_ID": "lawnix",
            "LAW_SANDBOX_WORKER_FIRST_TASK_ID": "lawnix",
        }
        said = {} if self.digest is None else inside  # without a sandbox law is not to take itself for in one
        config = law.config.Config.instance().config_file
        if config:
            said["LAW_CONFIG_FILE"] = str(config)
        return {**build.session.environment, **said}
