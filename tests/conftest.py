"""A project of somebody's, in which commands are called as from a shell."""

import logging
import multiprocessing
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

pytest_plugins = ["tests.services"]

HEAD = """
import os
import law
import luigi
import lawnix

def ran(name):
    with open(os.environ["RAN"], "a") as file:
        file.write(name + chr(10))

def asked(name):
    with open(os.environ["ASKED"], "a") as file:
        file.write(name + chr(10))
"""

CONFIGURATION = """
[lawnix]
store: store
results: results
progress: plain

[luigi_core]
local_scheduler: True
no_lock: True
"""


@dataclass(frozen=True)
class Said:
    """How a command ended.

    Attributes:
        code: Its exit code.
        out: What it printed, without colours.
        err: The same for its standard error.
    """

    code: int
    out: str
    err: str


class Playground:
    """A directory with a module `play`, a law.cfg and a store; commands run in forks of this process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / "store"
        (root / "law.cfg").write_text(CONFIGURATION)

    def tasks(self, text: str) -> None:
        """Write the module `play`."""
        (self.root / "play.py").write_text(HEAD + textwrap.dedent(text))

    def configure(self, text: str) -> None:
        """Append to law.cfg."""
        with (self.root / "law.cfg").open("a") as file:
            file.write(text)

    def edit(self, old: str, new: str) -> None:
        """Replace what must occur once in the module."""
        text = (self.root / "play.py").read_text()
        assert text.count(old) == 1
        (self.root / "play.py").write_text(text.replace(old, new))

    def law(self, *argv: str, code: int = 0) -> Said:
        """`law <argv>`, which must end with `code`."""

        def call() -> None:
            import law

            sys.argv = ["law", *argv]
            sys.exit(law.cli.cli.run())

        return self._call(call, code)

    def lawnix(self, *argv: str, code: int = 0, typed: str = "") -> Said:
        """`lawnix <argv>`, which must end with `code`, with `typed` on its standard input."""

        def call() -> None:
            from lawnix.cli.main import main

            main(list(argv))

        return self._call(call, code, typed)

    def ran(self) -> list[str]:
        """The bodies that ran since this was asked last, sorted."""
        return self._told("ran")

    def asked(self) -> list[str]:
        """The same for requires()."""
        return self._told("asked")

    def _told(self, name: str) -> list[str]:
        file = self.root / name
        lines = sorted(file.read_text().split()) if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def _call(self, function: Callable[[], None], code: int, typed: str = "") -> Said:
        (self.root / "in").write_text(typed)
        pid = os.fork()
        if pid == 0:
            try:
                self._enter()
                function()
            except SystemExit as end:
                _leave(end.code if isinstance(end.code, int) else int(end.code is not None))
            except BaseException:  # noqa: BLE001  # nothing may get back into the test runner
                sys.excepthook(*sys.exc_info())
                _leave(99)
            _leave(0)
        _, status = os.waitpid(pid, 0)
        out, err = (re.sub(r"\x1b\[[0-9;]*m", "", (self.root / name).read_text()) for name in ("out", "err"))
        said = Said(os.waitstatus_to_exitcode(status), out, err)
        assert said.code == code, f"ended with {said.code}:\n{said.out}\n{said.err}"
        return said

    def _enter(self) -> None:
        """In the forked process: be in the project, as if nothing had been there before."""
        for number, name, flags in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY), (2, "err", os.O_WRONLY)):
            descriptor = os.open(self.root / name, flags | (os.O_CREAT | os.O_TRUNC if number else 0))
            os.dup2(descriptor, number)
        sys.stdin, sys.stdout, sys.stderr = (open(n, mode) for n, mode in ((0, "r"), (1, "w"), (2, "w")))  # noqa: SIM115  # open until the process ends
        sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
        for name in [
            None,
            *logging.root.manager.loggerDict,
        ]:  # an earlier test may have had luigi set them up
            for handler in logging.getLogger(name).handlers:
                if type(handler) is logging.StreamHandler:
                    handler.setStream(sys.stderr)
        for name in [name for name in os.environ if name.startswith(("LAW", "PYTEST"))]:
            del os.environ[name]
        os.environ.update(
            LAW_HOME=str(self.root / ".law"),
            LAW_CONFIG_FILE=str(self.root / "law.cfg"),
            RAN=str(self.root / "ran"),
            ASKED=str(self.root / "asked"),
        )
        os.chdir(self.root)
        sys.path.insert(0, str(self.root))
        sys.dont_write_bytecode = True

        import law

        law.config.Config._instance = None
        luigi = sys.modules["luigi"]
        luigi.configuration.LuigiConfigParser._instance = None
        law.config.Config.instance()
        register = luigi.task_register.Register
        register.clear_instance_cache()
        register._reg[:] = [
            c for c in register._reg if c.__module__.split(".")[0] in ("law", "luigi", "lawnix")
        ]


def _leave(code: int) -> NoReturn:
    """End a forked process, and what luigi's worker has started in it, which would outlive it."""
    sys.stdout.flush()
    sys.stderr.flush()
    for child in multiprocessing.active_children():
        child.terminate()
        child.join()
    os._exit(code)


@pytest.fixture(scope="module", autouse=True)
def _families_of_this_module(request: pytest.FixtureRequest) -> Iterator[None]:
    """Only the tasks of one test module are registered while it runs: others may have families of the same names."""
    task_register = sys.modules.get("luigi.task_register")
    if task_register is None:  # no module so far has tasks
        yield
        return
    classes = task_register.Register._reg
    others = [cls for cls in classes if _is_of_a_test(cls) and cls.__module__ != request.module.__name__]
    classes[:] = [cls for cls in classes if cls not in others]
    yield
    classes.extend(others)


def _is_of_a_test(cls: type) -> bool:
    return cls.__module__.split(".")[-1].startswith("test_")


@pytest.fixture(scope="session")
def _loaded() -> None:
    """What every command needs, imported before it is forked."""
    import law  # noqa: F401  # imported to be there

    import lawnix.cli.main
    import lawnix.task.base
    import lawnix.workflow.local  # noqa: F401  # as above


@pytest.fixture
def playground(tmp_path: Path, _loaded: None) -> Playground:
    """An empty project."""
    return Playground(tmp_path)


@pytest.fixture
def playground_in(_loaded: None) -> Callable[[Path], Playground]:
    """A project in a directory that is there."""
    return Playground
