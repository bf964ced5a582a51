"""Installed packages, known by name and version; those edited in place, and compiled modules."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from lawnix.task.code.distributions import distribution_of, editable_roots

TASK = """
    import shining
    from shining.deep import shade

    class T:
        def run(self):
            return shining.light(3)

    class Deep:
        def run(self):
            return shade

    class Late:
        def run(self):
            from shining.deep import shade
            return shade()

    class Value:
        def run(self):
            return VALUE

    class Nothing:
        def run(self):
            return 3

    VALUE = shining.Lamp()
    """


class Library:
    """A package in a folder on sys.path, as pip leaves it there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("shining/__init__.py", "class Lamp: pass\ndef light(x): return x\n")
        self.write("shining/deep.py", "def shade(): return 1\n")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def install(self, name: str, **files: str) -> None:
        for old in self.folder.glob("*.*-info"):
            shutil.rmtree(old)
        for file, text in files.items():
            self.write(f"{name}/{file.replace('__', '.')}", text)
        self.write(f"{name}/METADATA", "")


@pytest.fixture
def library(project, tmp_path_factory, monkeypatch) -> Library:
    project.write({"flat.py": TASK})
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    made = Library(folder)
    yield made
    for name in ("shining", "shining.deep"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("task", ["T", "Deep", "Late", "Value"])
def test_another_version_of_what_is_used_is_other_code(library, project, task) -> None:
    library.install("shining-1.0.dist-info")
    before = project.code(f"flat:{task}")
    assert "shining 1.0" in {each.name for each in before.components if each.kind == "distribution"}
    nothing = project.code("flat:Nothing").digest
    library.install("shining-1.1.dist-info")
    assert project.code(f"flat:{task}").digest != before.digest
    assert project.code("flat:Nothing").digest == nothing
    library.install("shining-1.0.dist-info")
    assert project.code(f"flat:{task}").digest == before.digest


def test_versions_can_be_left_out(library, project) -> None:
    library.install("shining-1.0.dist-info")
    before = project.code("flat:T", libraries="name")
    library.install("shining-1.1.dist-info")
    assert project.code("flat:T", libraries="name").digest == before.digest


def test_the_code_of_a_library_does_not_count(library, project) -> None:
    library.install("shining-1.0.dist-info")
    before = project.code("flat:T").digest
    library.write("shining/__init__.py", "class Lamp: pass\ndef light(x): return x + 1\n")
    assert project.code("flat:T").digest == before


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("shining-1.0.dist-info", {}),
        ("Shining-1.0.dist-info", {}),
        ("other_name-1.0.dist-info", {"top_level__txt": "further\nshining\n"}),
        ("other.name-1.0.dist-info", {"RECORD": "x.py,,\nshining/__init__.py,sha256=1,2\n"}),
        ("other_name-1.0-py3.11.egg-info", {"top_level__txt": "shining\n"}),
    ],
)
def test_a_distribution_is_found_by_what_it_brings(library, name, files) -> None:
    library.install(name, **files)
    found = distribution_of("shining")
    assert found == ("shining 1.0" if name.lower().startswith("shining") else "other-name 1.0")


def test_a_namespace_has_all_distributions_that_share_it(library) -> None:
    (library.folder / "shining/__init__.py").unlink()
    library.install("one-1.0.dist-info", RECORD="shining/a.py,,\n")
    library.write("two-2.0.dist-info/RECORD", "shining/b.py,,\n")
    assert distribution_of("shining") == "one 1.0, two 2.0"


def test_what_nobody_installed_has_no_distribution(library) -> None:
    assert distribution_of("shining") is None


@pytest.mark.parametrize("top", ["numpy", "yaml", "luigi", "pytest", "hypothesis"])
def test_a_distribution_is_the_one_that_python_names(top) -> None:
    (name,) = importlib.metadata.packages_distributions()[top]
    assert distribution_of(top) == f"{name.lower()} {importlib.metadata.version(name)}"


@pytest.mark.parametrize("how", ["direct_url.json", "egg-link"])
def test_what_is_edited_in_place_counts_like_the_projects_own(
    library, project, tmp_path_factory, how
) -> None:
    place = tmp_path_factory.mktemp("checkout")
    shutil.move(library.folder / "shining", place / "shining")
    if how == "egg-link":
        library.write("shining.egg-link", f"{place}\n.")
    else:
        said = {"url": f"file://{place}", "dir_info": {"editable": True}}
        library.install("shining-1.0.dist-info", direct_url__json=json.dumps(said))
    sys.path.insert(0, str(place))
    try:
        assert str(place) in editable_roots()
        before = {name: project.code(f"flat:{name}").digest for name in ("T", "Deep", "Late")}
        file = place / "shining/__init__.py"
        file.write_text(file.read_text() + "# a comment\n")
        sys.modules.pop("shining"), sys.modules.pop("shining.deep")
        assert {name: project.code(f"flat:{name}").digest for name in ("T", "Deep", "Late")} == before
        file.write_text(file.read_text().replace("return x", "return x + 1"))
        sys.modules.pop("shining"), sys.modules.pop("shining.deep")
        after = {name: project.code(f"flat:{name}").digest for name in ("T", "Deep", "Late")}
        assert [name for name in before if before[name] != after[name]] == ["T"]
    finally:
        sys.path.remove(str(place))


def test_the_tools_that_tasks_are_written_with_are_never_edited_code() -> None:
    assert not any((Path(root) / "lawnix/__init__.py").exists() for root in editable_roots())


C = """
#include <Python.h>
static PyObject *one(PyObject *self, PyObject *none) { return PyLong_FromLong(1); }
static PyMethodDef methods[] = {{"one", one, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "p.fast", "", -1, methods};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
int plain(void) { return 1; }
"""

COMPILED = """
    import ctypes
    from pathlib import Path
    from p import fast

    LIBRARY = ctypes.CDLL(str(next(Path(__file__).parent.glob("fast*.so"))))

    class Function:
        def run(self): return fast.one()

    class Module:
        def run(self): return getattr(fast, self.name)

    class Late:
        def run(self):
            from p.fast import one
            return one()

    class Foreign:
        def run(self): return LIBRARY.plain()

    class Nothing:
        def run(self): return 1
    """


def _compile(project, text: str) -> None:
    (project.root / "fast.c").write_text(text)
    target = project.root / "p" / f"fast{sysconfig.get_config_var('EXT_SUFFIX')}"
    target.unlink(missing_ok=True)
    include = sysconfig.get_path("include")
    command = ["cc", "-shared", "-fPIC", f"-I{include}", str(project.root / "fast.c"), "-o", str(target)]
    subprocess.run(command, check=True, capture_output=True)


def test_compiled_modules_of_the_project_count_by_their_bytes(project) -> None:
    tasks = ("Function", "Module", "Late", "Foreign", "Nothing")
    project.write({"p/__init__.py": "", "p/tasks.py": COMPILED})
    _compile(project, C)
    before = {name: project.code(f"p.tasks:{name}").digest for name in tasks}
    assert {name: project.code(f"p.tasks:{name}").digest for name in tasks} == before
    _compile(project, C.replace("return 1;", "return 2;"))
    after = {name: project.code(f"p.tasks:{name}").digest for name in tasks}
    assert [name for name in tasks if before[name] != after[name]] == list(tasks[:-1])
