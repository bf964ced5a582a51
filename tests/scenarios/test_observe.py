"""`isolation: observe`: what a build reads and does not declare is written down, and told once for each family."""

import os

import pytest

from lawnix.store.local import LocalStore

TASKS = """
import subprocess
import sys

class Data(lawnix.ExternalTask):
    def output(self):
        return law.LocalFileTarget(os.path.abspath("data.txt"))

class Made(lawnix.Task):
    def output(self):
        return {"used": self.target("used.txt"), "other": self.target("other.txt")}

    def run(self):
        self.output()["used"].dump("used", formatter="text")
        self.output()["other"].dump("other", formatter="text")

class T(lawnix.Task):
    def requires(self):
        return {"data": Data(), "made": lawnix.only(Made(), "used")}

    def output(self):
        return self.target("t.txt")

    def run(self):
        BODY
        self.output().dump("done", formatter="text")
"""
PROMISE = "touched what it does not declare"


@pytest.fixture
def watched(project):
    project.configure("lawnix", "isolation", "observe")
    project.write("data.txt", "1")
    project.write("extra.txt", "extra")
    return project


def body(project, *lines, head=""):
    project.tasks(head + TASKS.replace("BODY", "\n        ".join(lines)))


def observed(project):
    """What the build record of T says."""
    with LocalStore.open(project.store, create=False) as store:
        store.refresh()
        (derivation,) = store.family("T")
        ((realization,),) = store.by_derivation([derivation.digest]).values()
        return realization.record.observed


def names(project, word):
    """What it says under one word, as seen from the project."""
    here = os.path.realpath(project.root) + os.sep
    return [
        os.path.realpath(name).removeprefix(here) if os.sep in name else name
        for name in observed(project)[word]
    ]


READS = {
    "open": "open('extra.txt').read()",
    "pathlib": "__import__('pathlib').Path('extra.txt').read_bytes()",
    "a descriptor": "os.close(os.open('extra.txt', os.O_RDONLY))",
    "numpy": "__import__('numpy').fromfile('extra.txt', 'u1')",
    "a database": "__import__('sqlite3').connect('file:extra.txt?mode=ro', uri=True)",
    "a URL of a file": "__import__('urllib.request').request.urlopen('file://' + os.path.abspath('extra.txt')).read()",
    "code": "__import__('runpy').run_path('extra.txt')",
    "a thread": "t = __import__('threading').Thread(target=open, args=('extra.txt',)); t.start(); t.join()",
    "a link": "os.symlink(os.path.abspath('extra.txt'), self.output().path + '-link'); open(self.output().path + '-link').close()",
    "a Python child": "subprocess.run([sys.executable, '-c', 'open(\"extra.txt\")'], check=True)",
    "its script": "subprocess.run([sys.executable, 'extra.txt'], check=True)",
    "a child of a child": "subprocess.run(['sh', '-c', sys.executable + ' extra.txt'], check=True)",
    "a forked child": "pid = os.fork() or (open('extra.txt'), os._exit(0)); os.waitpid(pid, 0)",
}


@pytest.mark.parametrize("executor", ["fork", "inline"])
@pytest.mark.parametrize("how", READS)
def test_a_file_that_is_read_undeclared_is_named(watched, how, executor):
    watched.write("extra.txt", "extra = 1")
    watched.configure("lawnix", "executor", executor)
    body(watched, READS[how])
    run = watched.run("T")
    assert f"T {PROMISE} (1 build)" in run.output
    assert "file: extra.txt" in run.output
    assert names(watched, "read") == ["extra.txt"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_file_that_a_process_of_multiprocessing_reads_is_named(watched, method):
    body(
        watched,
        f"p = __import__('multiprocessing').get_context('{method}').Process(target=open, args=('extra.txt',))",
        "p.start()",
        "p.join()",
    )
    assert "file: extra.txt\n" in watched.fresh_law("run", "proj.tasks.T").output


@pytest.mark.parametrize(
    "how",
    [
        "h5py.File('extra.h5').close()",
        "h5py.File('extra.h5', 'r').close()",
        "h5py.h5f.open(b'extra.h5').close()",
    ],
)
def test_an_hdf5_file_is_named_though_its_library_opens_it(watched, how):
    import h5py

    h5py.File(watched.root / "extra.h5", "w").close()
    body(watched, "import h5py", how)
    assert "file: extra.h5" in watched.run("T").output


@pytest.mark.parametrize("how", ["pq.read_table('extra.parquet')", "pq.ParquetFile('extra.parquet')"])
def test_a_parquet_file_is_named_though_its_library_opens_it(watched, how):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), watched.root / "extra.parquet")
    body(watched, "import pyarrow.parquet as pq", how)
    assert "file: extra.parquet" in watched.run("T").output


LISTINGS = {
    "os.listdir('many')": "many",
    "list(os.scandir('many'))": "many",
    "__import__('glob').glob('many/*.txt')": "many/*.txt",
    "__import__('glob').glob('**/*.txt', root_dir='many', recursive=True)": "many/**/*.txt",
    "list(__import__('pathlib').Path('many').glob('*.txt'))": "many/*.txt",
    "list(__import__('pathlib').Path('many').rglob('*.txt'))": "many/**/*.txt",
    "list(os.walk('many'))": "many",
}


@pytest.mark.parametrize("how", LISTINGS)
def test_a_directory_that_is_listed_undeclared_is_named(watched, how):
    (watched.root / "many").mkdir()
    watched.write("many/a.txt", "")
    body(watched, how)
    assert f"files by listing: {LISTINGS[how]}\n" in watched.run("T").output


VARIABLES = [
    "os.environ['MODE']",
    "os.environ.get('MODE')",
    "os.getenv('MODE')",
    "os.environb.get(b'MODE')",
    "'MODE' in os.environ",
    "os.path.expandvars('$MODE/x')",
    "subprocess.run([sys.executable, '-c', 'import os; os.getenv(\"MODE\")'], check=True)",
]


@pytest.mark.parametrize("how", VARIABLES)
def test_a_variable_that_is_read_undeclared_is_named(watched, how):
    body(watched, how)
    run = watched.run("T", MODE="1")
    assert "environment variable: MODE\n" in run.output
    assert '`environment = ["MODE"]`' in run.output


def test_a_declared_variable_is_not(watched):
    body(watched, "os.environ['MODE']")
    watched.edit("class T(lawnix.Task):", "class T(lawnix.Task):\n    environment = ['MODE']")
    assert PROMISE not in watched.run("T", MODE="1").output


def test_handing_all_variables_to_a_child_reads_none(watched):
    body(watched, "env = {**os.environ}", "env = os.environ.copy()", "env = dict(os.environ.items())")
    assert PROMISE not in watched.run("T", MODE="1").output


def test_an_address_that_is_contacted_is_named(watched):
    body(
        watched,
        "import socket, urllib.request",
        "for contact in (lambda: urllib.request.urlopen('http://127.0.0.1:9/a.txt', timeout=1),"
        " lambda: socket.create_connection(('localhost', 1), timeout=1)):",
        "    try:",
        "        contact()",
        "    except OSError:",
        "        pass",
    )
    run = watched.run("T")
    assert "network address: http://127.0.0.1:9/a.txt, localhost:1\n" in run.output
    assert "lawnix.Fetch" in run.output


def test_a_program_of_the_users_is_named_and_one_of_the_system_only_written_down(watched):
    watched.write("fit.sh", "#!/bin/sh\n").chmod(0o755)
    body(watched, "subprocess.run(['./fit.sh'], check=True)", "subprocess.run(['true'], check=True)")
    assert "program: fit.sh\n" in watched.run("T").output
    assert observed(watched)["beyond"] == ["true"]


def test_what_is_written_outside_of_the_outputs_is_named(watched):
    body(watched, "open('log.txt', 'a').write('x')")
    assert "written outside its outputs: log.txt\n" in watched.run("T").output


def test_another_output_than_the_one_that_is_required_is_undeclared(watched):
    body(watched, "open(Made().output()['other'].path).read()")
    run = watched.run("T")
    assert PROMISE in run.output
    assert [name.endswith("-other.txt") for name in observed(watched)["read"]] == [True]


CLEAN = {
    "nothing": "pass",
    "inputs": "self.input()['data'].load(formatter='text'), self.input()['made'].load(formatter='text')",
    "an input by its path": "open('data.txt').read()",
    "tracked files": "open(TABLE).read()",
    "imports of the project": "from proj.helpers import nothing",
    "imports of libraries": "import pyarrow.dataset, scipy.optimize, numpy.random, hist, yaml, sqlite3, ssl",
    "temporary files": "import tempfile\n        with tempfile.NamedTemporaryFile('w+') as f: f.write('x'); f.flush(); open(f.name).read()",
    "temporary directories": "import tempfile\n        with tempfile.TemporaryDirectory() as d: os.makedirs(d + '/a/b'); open(d + '/a/b/c', 'w').close()",
    "a clean child": "subprocess.run([sys.executable, '-c', 'import json, numpy, tempfile'], check=True)",
    "a figure": "import matplotlib; matplotlib.use('pdf'); import matplotlib.pyplot as plt; plt.plot([1], label='$x^2$'); "
    "plt.legend(); plt.savefig(self.output().path + '.pdf'); os.remove(self.output().path + '.pdf')",
    "where and who": "import getpass, locale, time, datetime, zoneinfo; getpass.getuser(); os.path.expanduser('~'); "
    "zoneinfo.ZoneInfo('UTC'); locale.getlocale(); time.localtime()",
    "source of its own code": "import inspect; inspect.getsource(type(self)); import traceback, warnings; warnings.warn('careful')",
    "versions": "import importlib.metadata; importlib.metadata.version('numpy'); list(importlib.metadata.entry_points())",
}


@pytest.mark.parametrize("executor", ["fork", "inline"])
@pytest.mark.parametrize("how", CLEAN)
def test_a_task_that_declares_what_it_reads_is_not_warned_of(watched, how, executor):
    watched.configure("lawnix", "executor", executor)
    watched.write("proj/table.json", "{}")
    watched.write("proj/helpers.py", "nothing = 0")
    body(watched, CLEAN[how], head="TABLE = lawnix.tracked_file('table.json')\n")
    run = watched.run("T")
    assert PROMISE not in run.output
    assert not observed(watched).keys() - {"beyond"}


def test_nobody_looks_by_default(watched):
    watched.configure("lawnix", "isolation", "trust")
    body(watched, READS["open"])
    assert PROMISE not in watched.run("T").output
    assert observed(watched) is None


def test_the_branches_of_a_workflow_are_told_in_one_warning(watched):
    watched.tasks("""
        class Many(lawnix.Task, lawnix.LocalWorkflow):
            def create_branch_map(self):
                return dict(enumerate("abc"))

            def output(self):
                return self.target("out.txt")

            def run(self):
                open(f"{self.branch_data}.txt").close()
                self.output().dump("x", formatter="text")
    """)
    for name in "abc":
        watched.write(f"{name}.txt", "")
    run = watched.run("Many", "--workers", "2")
    assert run.output.count(PROMISE) == 1
    assert f"Many {PROMISE} (3 builds)" in run.output
    assert "file: a.txt, b.txt, c.txt\n" in run.output


def test_a_sitecustomize_of_the_users_is_still_imported_by_children(watched):
    (watched.root / "site").mkdir()
    watched.write("site/sitecustomize.py", "import builtins\nbuiltins.customized = 'yes'")
    body(
        watched,
        "said = subprocess.run([sys.executable, '-c', 'open(\"extra.txt\"); print(customized, __import__(\"sitecustomize\").__file__)'],",
        "    check=True, capture_output=True, text=True).stdout.split()",
        "assert said == ['yes', os.path.abspath('site/sitecustomize.py')], said",
    )
    path = os.pathsep.join([str(watched.root / "site"), watched.environment["PYTHONPATH"]])
    run = watched.run("T", PYTHONPATH=path)
    assert "file: extra.txt, site/sitecustomize.py\n" in run.output


def test_a_check_tells_of_what_was_built_without_being_watched(watched):
    watched.configure("lawnix", "isolation", "trust")
    body(watched, READS["open"])
    watched.run("T")
    watched.configure("lawnix", "isolation", "observe")
    program = "import sys; from lawnix.cli.main import main; main()"
    run = watched.fresh(os.sys.executable, "-c", program, "check", "proj.tasks.T")
    assert f"T {PROMISE} (1 build)" in run.output
    assert "file: extra.txt\n" in run.output


def test_a_task_that_luigi_runs_for_a_central_scheduler_is_told_too(watched):
    body(watched, READS["open"])
    program = "import law, luigi, lawnix, proj.tasks; proj.tasks.T().run()"
    assert "file: extra.txt\n" in watched.fresh(os.sys.executable, "-c", program).output


def test_an_isolation_that_does_not_exist_is_refused(watched):
    watched.configure("lawnix", "isolation", "prison")
    body(watched, "pass")
    assert "isolation is 'prison'; it can be trust, observe, enforce" in watched.run("T", code=None).output
