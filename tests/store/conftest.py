"""What tests of the store are made of: small derivations, realizations with real objects, and forked processes."""

import json
import os
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lawnix.core.canonical import canonical
from lawnix.core.derivation import Derivation, Group, Input, OutputSpec, Source
from lawnix.core.digest import Digest, digest
from lawnix.core.output import Kind
from lawnix.core.realization import BuildRecord, Found, Realization
from lawnix.store import tree
from lawnix.store.local import LocalStore
from lawnix.store.memory import MemoryStore
from lawnix.store.protocol import Facts, Store


class Make:
    """Makes things to store."""

    code = digest("code", b"run")

    def name(self, text: object) -> Digest:
        return digest("name", str(text).encode())

    def derivation(self, number: int = 0, label: str = "Fit", **changes: object) -> Derivation:
        parts: dict[str, object] = {
            "label": label,
            "parameters": {"n": str(number), "text": 'ä"\n\ud83d'},
            "code": self.code,
            "inputs": {"hist": Input(Source.DERIVATION, self.name("hist"), "Hist")},
            "outputs": (OutputSpec("value", "fit.json", formatter="json"),),
            "branch": (str(number), digest("branch", canonical(number))),
        }
        return Derivation(**{**parts, **changes})  # type: ignore[arg-type]

    def group(self, number: int = 0) -> Group:
        return Group("Fits", {str(number): Input(Source.DERIVATION, self.name(number), "Fit")})

    def build(self, store: Store, text: str = "1", name: str = "fit.json") -> tuple[object, ...]:
        """An object with the content `text`, or a directory with a file of that content."""
        build = store.new_build()
        place = build / "out" / name
        if name.endswith("/"):
            place.mkdir()
            place /= "file.txt"
        place.write_text(text)
        kind = Kind.DIRECTORY if name.endswith("/") else Kind.FILE
        added = store.add(build, [(name.rstrip("/"), kind)], "Fit")
        store.discard(build)
        return tuple(added)

    def facts(
        self, store: Store, number: int = 0, text: str = "1", name: str = "fit.json", **changes: object
    ) -> Facts:
        """All that one build leaves, its object being in `store`."""
        derivation = self.derivation(number, **changes)
        (added,) = self.build(store, text, name)
        realization = Realization(
            key=derivation.key({"hist": self.name("content")}),
            derivation=derivation.digest,
            outputs={"fit.json": added.path, "left out": None},
            found=(Found(("tasks", "Hist", {"n": "1"}), self.name("found")),),
            record=BuildRecord(
                started=1.5, host="here", user="me", pid=7, versions={"python": "3"}, logged=True
            ),
        )
        return Facts(
            codes={self.code: {"Fit.run": "abc"}},
            derivations=[derivation],
            groups=[self.group(number)],
            realizations=[realization],
            sizes={added.path: added.size},
        )


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A directory for very many small files: in memory where there is such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)
        for place in Path(name).iterdir():
            tree.remove(place)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def open_store(root: Path) -> Iterator[Callable[..., LocalStore]]:
    """Opens the store at `root`, as often as one likes; all are closed at the end."""
    opened = []

    def open_(place: Path = root, **options: object) -> LocalStore:
        opened.append(LocalStore.open(place, **{"durability": "none", **options}))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def local(open_store: Callable[..., LocalStore]) -> LocalStore:
    return open_store()


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Every kind of store."""
    if request.param == "local":
        yield request.getfixturevalue("local")
        return
    memory = MemoryStore()
    yield memory
    memory.close()


class Child:
    """A forked process that runs a function; what it returns comes back as JSON.

    A process that the function leaves running must close `pipe`, or its parent is thought to be at work still.
    """

    pipe: int

    def __init__(self, work: Callable[[], object], before: Callable[[], None] = lambda: None) -> None:
        self._read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(self._read)
                Child.pipe = write
                before()
                with os.fdopen(write, "w") as pipe:
                    pipe.write(json.dumps(work()))
                code = 0
            except BaseException:  # noqa: BLE001  # nothing may get back into the test runner
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(write)

    def result(self) -> object:
        """What the function returned; None if the process was killed."""
        with os.fdopen(self._read) as pipe:
            said = pipe.read()
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        assert os.WEXITSTATUS(status) == 0, "the child failed, see its traceback"
        return json.loads(said)


@pytest.fixture
def child() -> type[Child]:
    return Child
