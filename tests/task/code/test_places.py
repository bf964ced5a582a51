"""Where a task class may stand: a package, a script, a notebook, nowhere."""

import importlib.util
import linecache
import os
import py_compile
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from lawnix.task.code.code import code_of

TASK = """
K = 1

def helper(x):
    # a comment
    return x + K

class T:
    def run(self):
        return helper(2), [self.branch for _ in range(3)]
"""

SHOW = "\nimport {module} as _module\nfrom lawnix.task.code.code import code_of\nprint(code_of(_module.T).digest)\n"


def _python(*arguments: str, cwd: Path, seed: str = "0", **environment: str) -> str:
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[3]), **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def cell():
    """Runs text as IPython does a cell: compiled under a name that only linecache knows."""
    module = types.ModuleType("__main__")
    entered = []

    def run(text: str) -> types.ModuleType:
        name = f"<ipython-input-{len(entered)}-{id(module)}>"
        entered.append(name)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), module.__dict__)
        return module

    yield run
    for name in entered:
        linecache.cache.pop(name, None)


def test_a_script_a_package_and_a_notebook_give_one_digest(project, cell) -> None:
    project.write({"package/__init__.py": "", "package/tasks.py": TASK, "flat.py": TASK})
    project.write({"script.py": TASK + SHOW.format(module="__main__")})
    expected = project.code("package.tasks:T").digest
    assert project.code("flat:T").digest == expected
    assert code_of(cell(TASK).T).digest == expected
    assert _python("script.py", cwd=project.root) == expected
    project.write({"package/script.py": TASK + SHOW.format(module="__main__")})
    assert _python("-m", "package.script", cwd=project.root) == expected


def test_modules_beside_a_script_are_its_project(project) -> None:
    project.write({"beside.py": "def f(x):\n    return x + 1\n"})
    project.write(
        {
            "script.py": "import beside\nclass T:\n    def run(self):\n        return beside.f(1)\n"
            + SHOW.format(module="__main__")
        }
    )
    before = _python("script.py", cwd=project.root)
    project.edit("beside.py", "x + 1", "x + 1  # same")
    assert _python("script.py", cwd=project.root) == before
    project.edit("beside.py", "x + 1", "x + 2")
    assert _python("script.py", cwd=project.root) != before


def test_modules_beside_a_flat_module_are_its_project(project) -> None:
    project.write({"beside.py": "def f(x):\n    return x + 1\n"})
    project.write({"flat.py": "from beside import f\nclass T:\n    def run(self):\n        return f(1)\n"})
    before = project.code("flat:T").digest
    assert project.edit("beside.py", "x + 1", "x + 2").code("flat:T").digest != before


def test_another_package_counts_by_name_unless_it_is_tracked(project) -> None:
    project.write(
        {"one/__init__.py": "", "other/__init__.py": "", "other/f.py": "def f(x):\n    return x + 1\n"}
    )
    project.write(
        {"one/tasks.py": "from other.f import f\nclass T:\n    def run(self):\n        return f(1)\n"}
    )
    before, tracked = (project.code("one.tasks:T", track=track).digest for track in ((), ("other",)))
    project.edit("other/f.py", "x + 1", "x + 2")
    assert project.code("one.tasks:T").digest == before
    assert project.code("one.tasks:T", track=("other",)).digest != tracked


def test_namespace_packages_are_projects(project) -> None:
    project.write(
        {
            "space/deep/tasks.py": "from space.other import f\nclass T:\n    def run(self):\n        return f(1)\n"
        }
    )
    project.write({"space/other.py": "def f(x):\n    return x + 1\n"})
    before = project.code("space.deep.tasks:T").digest
    assert project.edit("space/other.py", "x + 1", "x + 2").code("space.deep.tasks:T").digest != before


def test_hash_seeds_and_processes_give_one_digest(project) -> None:
    words = "\nWORDS = {'a', 'b', 'c', 'd'}\nFUNCTIONS = {len, print, helper}\n"
    text = TASK.replace("class T", f"{words}\nclass T").replace(
        "helper(2)", "helper(WORDS), FUNCTIONS, 3 in {'x', 'y', 'z'}"
    )
    project.write({"flat.py": text, "show.py": SHOW.format(module="flat")})
    digests = {_python("show.py", cwd=project.root, seed=seed) for seed in ("0", "1", "2", "random")}
    assert digests == {project.code("flat:T").digest}


def test_a_cell_that_redefines_a_helper_changes_the_digest(cell) -> None:
    module = cell(TASK)
    before = code_of(module.T)
    cell("def helper(x):\n    return x + K\n")
    assert code_of(module.T).digest == before.digest
    cell("def helper(x):\n    return x - K\n")
    assert code_of(module.T).digest != before.digest
    cell("def helper(x):\n    return x + K  # as before\n")
    assert code_of(module.T).digest == before.digest


def test_a_cell_that_rebinds_or_changes_a_constant_changes_the_digest(cell) -> None:
    module = cell(TASK.replace("K = 1", "K = [1]"))
    before = code_of(module.T).digest
    cell("K = [2]")
    assert code_of(module.T).digest != before
    cell("K[0] = 1")
    assert code_of(module.T).digest == before
    cell("K.append(3)")
    assert code_of(module.T).digest != before


def test_a_cell_that_redefines_the_task_changes_the_digest(cell) -> None:
    before = code_of(cell(TASK).T).digest
    assert code_of(cell(TASK.replace("range(3)", "range(4)")).T).digest != before
    assert code_of(cell(TASK).T).digest == before


def test_data_classes_in_a_cell_count_with_their_fields(cell) -> None:
    text = """
from dataclasses import dataclass, field
@dataclass
class D:
    x: int = 1
    y: list = field(default_factory=list)
"""
    use = "class T:\n    def run(self):\n        return D()\n"
    before = code_of(cell(text + use).T).digest
    assert code_of(cell(text.replace("x: int = 1", "x: int = 2") + use).T).digest != before
    assert code_of(cell(text.replace("factory=list", "factory=dict") + use).T).digest != before
    assert code_of(cell(text + use).T).digest == before


def test_code_without_source_is_known_by_its_bytecode() -> None:
    def made(text):
        space = {"__name__": "nowhere"}
        exec(compile(text, "<nowhere>", "exec"), space)
        return space["T"]

    code = code_of(made(TASK))
    assert any("bytecode" in each for each in code.warnings)
    assert "branch" in code.reads
    assert code_of(made(TASK)).digest == code.digest
    assert code_of(made(TASK.replace("    # a comment\n", ""))).digest == code.digest
    assert code_of(made(TASK.replace("x + K", "x - K"))).digest != code.digest
    assert code_of(made(TASK.replace("K = 1", "K = 2"))).digest != code.digest
    assert code_of(made(TASK.replace("range(3)", "range(4)"))).digest != code.digest
    assert code_of(made(TASK.replace("return x", "'A docstring.'\n    return x"))).digest == code.digest


def test_bytecode_and_source_are_never_mixed(project) -> None:
    space = {"__name__": "nowhere"}
    exec(compile(TASK, "<nowhere>", "exec"), space)
    assert code_of(space["T"]).digest != project.write({"flat.py": TASK}).code("flat:T").digest


def test_a_class_made_in_a_namespace_without_a_name_has_code() -> None:
    space: dict[str, object] = {}
    exec(TASK, space)
    assert "T.run" in {each.name for each in code_of(space["T"]).components}


def test_a_lone_compiled_file_has_code(project) -> None:
    project.write({"source.py": TASK})
    py_compile.compile(str(project.root / "source.py"), cfile=str(project.root / "lone.pyc"))
    (project.root / "source.py").unlink()
    spec = importlib.util.spec_from_file_location("lone", project.root / "lone.pyc")
    module = importlib.util.module_from_spec(spec)
    sys.modules["lone"] = module
    try:
        spec.loader.exec_module(module)
        code = code_of(module.T)
    finally:
        del sys.modules["lone"]
    assert any("bytecode" in each for each in code.warnings)
    assert "T.run" in {each.name for each in code.components}


def test_code_in_a_zip_archive_is_read_there(project) -> None:
    expected = project.write({"flat.py": TASK}).code("flat:T").digest
    with zipfile.ZipFile(project.root / "archive.zip", "w") as archive:
        archive.writestr("zipped.py", TASK)
    sys.path.insert(0, str(project.root / "archive.zip"))
    try:
        assert project.code("zipped:T").digest == expected
    finally:
        sys.path.remove(str(project.root / "archive.zip"))
        sys.modules.pop("zipped", None)


def test_a_file_that_was_edited_after_it_was_loaded_is_not_taken_for_what_runs(project) -> None:
    cls = project.write({"flat.py": TASK}).load("flat").T
    project.edit("flat.py", "return x + K", "return x - K")
    loaded = code_of(cls)
    assert any("as it was loaded" in each for each in loaded.warnings)
    assert project.code("flat:T").digest != loaded.digest


def test_what_was_located_stays_when_its_file_is_edited(project) -> None:
    cls = project.write({"flat.py": TASK}).load("flat").T
    before = code_of(cls)
    project.edit("flat.py", "K = 1", "K = 1\n\n\nX = 3")
    assert code_of(cls) == before
    (project.root / "flat.py").unlink()
    assert code_of(cls) == before


def test_assertions_that_pytest_rewrites_count_as_they_are_written(project) -> None:
    text = TASK.replace("return x + K", "assert x == K + x - K, 'no'\n    return x + K")
    project.write(
        {
            "flat.py": text,
            "test_flat.py": f"""{text}
from pathlib import Path
from lawnix.task.code.code import code_of

def test_digest():
    assert helper.__code__.co_names != ("K",)  # pytest has rewritten it
    Path("digest").write_text(code_of(T).digest)
""",
        }
    )
    _python("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_flat.py", cwd=project.root)
    assert (project.root / "digest").read_text() == project.code("flat:T").digest


def test_coverage_by_tracing_changes_nothing(project) -> None:
    expected = project.write({"flat.py": TASK}).code("flat:T").digest
    sys.settrace(lambda *_: None)
    try:
        assert project.code("flat:T").digest == expected
    finally:
        sys.settrace(None)
