"""A project in a folder, edited and imported afresh."""

import importlib
import linecache
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from lawnix.task.code.code import Code, code_of


class ProjectFolder:
    """Files of a project; each look at it imports them anew, as a new process would."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: Mapping[str, str]) -> "ProjectFolder":
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(textwrap.dedent(text).lstrip("\n").encode())
        return self

    def edit(self, name: str, old: str, new: str) -> "ProjectFolder":
        text = (self.root / name).read_text()
        assert old in text, f"{old!r} is not in {name}"
        return self.write({name: text.replace(old, new)})

    def load(self, module: str) -> ModuleType:
        """The module, with all modules of the project loaded afresh."""
        self.forget()
        return importlib.import_module(module)

    def forget(self) -> None:
        here = {path.stem for path in self.root.iterdir()}
        for name, loaded in list(sys.modules.items()):
            file = str(getattr(loaded, "__file__", None) or "")
            if file.startswith(str(self.root)) or (not file and name.partition(".")[0] in here):
                del sys.modules[name]
        importlib.invalidate_caches()
        linecache.clearcache()

    def code(self, where: str = "analysis.tasks:Select", **options: object) -> Code:
        """The code of a class, `module:name`."""
        module, _, name = where.partition(":")
        return code_of(getattr(self.load(module), name), **options)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProjectFolder]:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    folder = ProjectFolder(tmp_path)
    yield folder
    folder.forget()


@pytest.fixture
def analysis(project: ProjectFolder) -> ProjectFolder:
    """A package with a task that reaches helpers, constants, a closure, a base class and a decorator."""
    return project.write(
        {
            "analysis/__init__.py": "",
            "analysis/constants.py": """
                SCALE = 2.5
                COLOUR = "red"
                """,
            "analysis/cuts.py": '''
                """Cuts."""
                import functools
                import math
                from analysis import constants

                Z_MASS = 91.2

                def inner(x):
                    return x + 1

                def outer(x):
                    """Two calls deep."""
                    return inner(x) * math.sqrt(constants.SCALE)

                def unused(x):
                    return x - 1

                def timed(function):
                    @functools.wraps(function)
                    def wrapper(*args, **kwargs):
                        return function(*args, **kwargs)
                    return wrapper

                @timed
                def decorated(x):
                    return x * 3

                def power(n):
                    def raised(x):
                        return x ** n
                    return raised

                def applied(function):
                    def apply(x):
                        return function(x)
                    return apply

                square = power(2)
                applied_inner = applied(inner)
                ''',
            "analysis/tasks.py": '''
                """Tasks."""
                from analysis.cuts import Z_MASS, applied_inner, decorated, outer, square

                K = 1
                UNUSED = 5
                WINDOW = [80, 100]

                class Base:
                    threshold = 20

                    def prepared(self, x):
                        return x + self.threshold

                    def not_used(self):
                        return 1

                def helper(x, k=K):
                    return x + k

                class Select(Base):
                    """A task."""

                    def requires(self):
                        return []

                    def output(self):
                        return "a.txt"

                    def run(self):
                        """Select."""
                        # the cut
                        low, high = WINDOW
                        x = self.prepared(helper(3))
                        text = f"{outer(x):.2f} {decorated(x)} and " "more"
                        self.output().dump([each for each in (text, square(low), applied_inner(high)) if each], Z_MASS)
                ''',
        }
    )
