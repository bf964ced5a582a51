"""Each rule: what hurts is named with its line, what does not is left in peace."""

import importlib
import itertools
import linecache
import sys
import textwrap

import pytest
from luigi.task_register import Register

from lawnix.settings import Settings
from lawnix.task.lint import RULES, lint

HEAD = """
import datetime, os, random, time, uuid
from pathlib import Path
import law, luigi, lawnix
import numpy as np
"""
# a line of its own for what is in `run()`
RUN = """
class T(lawnix.Task):
    def output(self):
        return self.target("t.txt")

    def run(self):
        LINES
"""
_numbers = itertools.count()


@pytest.fixture
def linted(tmp_path, monkeypatch):
    """What is found in a module; each line that ends in HERE is one where something is expected."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = list(Register._reg)

    def lint_text(text, family="T", settings=Settings(), **options):  # noqa: B008  # frozen
        name = f"test_linted_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(HEAD + textwrap.dedent(text))
        importlib.invalidate_caches()
        module = importlib.import_module(name)
        found = lint([getattr(module, family)], settings, **{"again": False, **options})
        expected = [
            number
            for number, line in enumerate((HEAD + textwrap.dedent(text)).splitlines(), 1)
            if line.endswith("# HERE")
        ]
        assert {each.file for each in found} <= {str(tmp_path / f"{name}.py")}
        assert all(each.families == (family,) for each in found)
        return [(each.rule, each.line) for each in found], expected

    yield lint_text
    Register._reg[:] = before
    for name in [name for name in sys.modules if name.startswith("test_linted_")]:
        del sys.modules[name]
    linecache.clearcache()


def in_run(*lines, head=""):
    return head + RUN.replace("LINES", "\n        ".join(lines))


HURTS = [
    (
        "unidentified-parameter",
        """
        class T(lawnix.Task):
            cut = luigi.FloatParameter(default=1, significant=False)

            def output(self):
                return self.target("t.txt")

            def run(self):
                print(self.cut)  # HERE
        """,
    ),
    (
        "unidentified-parameter",
        """
        class T(lawnix.Task):
            cut = luigi.FloatParameter(default=1)
            exclude_params_identity = {"cut"}

            def output(self):
                return self.target("t.txt")

            def run(self):
                self.select()

            def select(self):
                return self.cut > 3  # HERE
        """,
    ),
    ("unsettled-value", in_run("print(STARTED)", head="\nSTARTED = time.time()  # HERE\n")),
    ("unsettled-value", in_run("print(HOST)", head="\nimport socket\nHOST = socket.gethostname()  # HERE\n")),
    ("unsettled-value", in_run("print(NAME)", head="\nNAME = f'{uuid.uuid4()}'  # HERE\n")),
    ("unsettled-value", in_run("print(TODAY)", head="\nTODAY = datetime.date.today()  # HERE\n")),
    ("unsettled-value", in_run("print(NOISE)", head="\nNOISE = np.random.normal(size=3)  # HERE\n")),
    ("unsettled-value", in_run("print(NOISE)", head="\nNOISE = np.random.default_rng().normal()  # HERE\n")),
    (
        "unsettled-value",
        in_run("f()", head="\nSEED = random.randint(0, 9)  # HERE\ndef f():\n    return SEED\n"),
    ),
    (
        "output-side-effect",
        """
        class T(lawnix.Task):
            def output(self):
                os.makedirs("plots")  # HERE
                return self.target("t.txt")

            def run(self):
                pass
        """,
    ),
    (
        "output-side-effect",
        """
        def prepared():
            Path("plots").mkdir(exist_ok=True)  # HERE
            open("log", mode="a").write("x")  # HERE

        class T(lawnix.Task):
            def output(self):
                prepared()
                return self.target("t.txt")

            def run(self):
                pass
        """,
    ),
    (
        "output-side-effect",
        """
        import urllib.request, subprocess

        class T(lawnix.Task):
            def output(self):
                urllib.request.urlopen("https://example.org/names")  # HERE
                subprocess.run(["hostname"])  # HERE
                return self.target("t.txt")

            def run(self):
                pass
        """,
    ),
    *(
        ("undeclared-read", in_run(f"{read}  # HERE"))
        for read in (
            "open('data.txt')",
            "open('data.txt', 'rb')",
            "open(f'data/{self.task_family}.txt')",
            "open(os.path.join('data', self.task_family))",
            "np.load('data.npy')",
            "Path('data.txt').read_text()",
            "(Path('data') / 'a.txt').open()",
            "os.listdir('data')",
            "law.LocalFileTarget('data.txt').load()",
            "open(Path(__file__).parent / 'data.txt')",
            "(Path(__file__).resolve().parent / 'data.txt').read_text()",
            "open(os.path.join(os.path.dirname(__file__), 'data.txt'))",
            "open('data' + os.sep + 'a.txt')",
            "os.environ['MODE']",
            "os.environ.get('MODE', '')",
            "os.getenv('MODE')",
            "'MODE' in os.environ",
        )
    ),
    ("undeclared-read", in_run("d = os.environ", "d['MODE']  # HERE")),
    ("undeclared-read", in_run("import uproot", "uproot.open('data.root')  # HERE")),
    ("undeclared-read", in_run("from glob import glob", "glob('*.root')  # HERE")),
    ("undeclared-read", in_run("import pandas as pd", "pd.read_csv('data.csv')  # HERE")),
    ("undeclared-read", in_run("import urllib.request as r", "r.urlopen('https://example.org')  # HERE")),
    ("undeclared-read", in_run("PLACE.read_text()  # HERE", head="\nPLACE = Path('/data/a.txt')\n")),
    ("undeclared-read", in_run("(PLACE / 'a.txt').read_text()  # HERE", head="\nPLACE = Path('/data')\n")),
    ("undeclared-read", in_run("open(PLACE)  # HERE", head="\nPLACE = '/data/a.txt'\n")),
    ("undeclared-read", in_run("f()", head="\ndef f():\n    return open('data.txt')  # HERE\n")),
    (
        "undeclared-read",
        """
        class T(lawnix.Task):
            table = "/data/table.csv"

            def output(self):
                return self.target("t.txt")

            def run(self):
                np.loadtxt(self.table)  # HERE
        """,
    ),
    (
        "unsettled-value",
        """
        class T(lawnix.Task):
            started = time.time()  # HERE

            def output(self):
                return self.target("t.txt")

            def run(self):
                print(self.started)
        """,
    ),
    (
        "output-side-effect",
        """
        class T(lawnix.Task):
            def output(self):
                make = os.makedirs
                make("plots")  # HERE
                return self.target("t.txt")

            def run(self):
                pass
        """,
    ),
    (
        "unread-code",
        """
        class T(lawnix.Task):
            sources = ["nowhere.csv"]

            def output(self):
                return self.target("t.txt")

            def run(self):  # HERE
                pass
        """,
    ),
    ("unknown-value", in_run("print(NUMBERS)", head="\nNUMBERS = (n for n in [])  # HERE\n")),
    ("opaque-code", in_run("getattr(self, 'a' + 'b', None)  # HERE")),
    (
        "opaque-code",
        in_run("other = object()", "getattr(other, str(1), None)", "getattr(self, str(1), None)  # HERE"),
    ),
    ("opaque-code", in_run("print(self.__dict__)  # HERE")),
    ("opaque-code", in_run("print(vars(self))  # HERE")),
    ("opaque-code", in_run("exec('x = 1')  # HERE")),
    ("unseeded-random", in_run("print(random.random())  # HERE")),
    ("unseeded-random", in_run("print(np.random.default_rng().normal())  # HERE")),
    ("unseeded-random", in_run("print(np.random.default_rng(None).normal())  # HERE")),
    ("unseeded-random", in_run("print(uuid.uuid4())  # HERE")),
    ("unseeded-random", in_run("from random import gauss", "print(gauss(0, 1))  # HERE")),
    (
        "uncounted-code",
        """
        class T(lawnix.Task):
            track_code = False

            def output(self):
                return self.target("t.txt")

            def run(self):  # HERE
                pass
        """,
    ),
]


@pytest.mark.parametrize(("rule", "text"), HURTS)
def test_what_hurts_is_named_with_its_line(linted, rule, text):
    found, expected = linted(text)
    assert expected
    assert found == [(rule, line) for line in expected]


@pytest.mark.parametrize(("rule", "text"), HURTS)
def test_a_comment_on_the_line_says_that_it_is_meant_so(linted, rule, text):
    known = text.replace("# HERE", f"# lawnix: ignore[{rule}]")
    assert linted(known)[0] == []
    assert linted(text.replace("# HERE", "# lawnix: ignore"))[0] == []
    assert linted(text.replace("# HERE", "# lawnix: ignore[another-rule]"))[0] != []


@pytest.mark.parametrize(("rule", "text"), HURTS)
def test_only_the_rules_that_are_asked_find_something(linted, rule, text):
    assert linted(text, rules=[each for each in RULES if each != rule])[0] == []


def test_every_rule_has_an_example_that_hurts():
    assert {rule for rule, _ in HURTS} | {"observed-read"} == set(RULES)


CLEAN = {
    "parameters that count": """
        class T(lawnix.Task):
            cut = luigi.FloatParameter(default=1)
            threads = luigi.IntParameter(default=1, significant=False)
            exclude_params_identity = {"label"}
            label = luigi.Parameter(default="")

            def output(self):
                print(self.label)
                return self.target(f"t.txt")

            def run(self):
                print(self.cut)
    """,
    "what law brings": """
        class T(lawnix.Task, lawnix.LocalWorkflow):
            def create_branch_map(self):
                return {0: 0}

            def output(self):
                return self.target("t.txt")

            def run(self):
                print(self.branch, self.workflow, self.branch_data)
    """,
    "values that are not reached": in_run("pass", head="\nSTARTED = time.time()\n"),
    "settled values": in_run(
        "print(EDGES, NOISE)",
        head="\nEDGES = np.linspace(0, 1, 5)\nNOISE = np.random.default_rng(1).normal()\n",
    ),
    "times in run": in_run("print(time.time(), datetime.datetime.now())"),
    "seeds": in_run(
        "rng = np.random.default_rng(7)",
        "rng.normal()",
        "random.Random(1).random()",
        "np.random.RandomState(seed=3).rand()",
    ),
    "a seed for all": in_run("seeded()", "random.random()", head="\ndef seeded():\n    random.seed(3)\n"),
    "output that looks": """
        class T(lawnix.Task):
            def output(self):
                name = "-".join(sorted(["a"]))
                return {"a": self.target(name), "b": self.target("b.txt" if Path(__file__).read_text() else "c.txt")}

            def run(self):
                os.makedirs("scratch", exist_ok=True)
    """,
    "declared inputs": in_run(
        "self.input().load()",
        "open(self.input().path)",
        "open(TABLE)",
        "TABLE.read_text()",
        "[open(path) for path in self.names()]",
        head="\nTABLE = lawnix.tracked_file(__file__)\n",
    )
    + "\n    def names(self):\n        return []\n",
    "outputs": in_run(
        "open('/dev/null')", "open(self.output().path, 'w')", "Path(self.output().path).open('w')"
    ),
    "its own code": in_run("open(__file__)", "Path(__file__).read_text()"),
    "declared sources": in_run(f"open({__file__!r})").replace(
        "class T(lawnix.Task):", f"class T(lawnix.Task):\n    sources = [{__file__!r}]"
    ),
    "given variables": in_run("os.environ['TZ']"),
    "a name that is given something else, too": in_run("d = os.environ", "d = {}", "d['MODE']"),
    "declared variables": in_run("os.environ['MODE']", "os.environ.get('HOME')").replace(
        "class T(lawnix.Task):", "class T(lawnix.Task):\n    environment = ['MODE']"
    ),
    "names of the author's own": in_run(
        "open('x')", "listdir('y')", head="\ndef open(x):\n    return x\n\ndef listdir(x):\n    return x\n"
    ),
    "attributes by name": in_run("getattr(self, 'cut', 1)", "hasattr(self, 'cut')"),
    "a version": in_run("pass").replace("class T(lawnix.Task):", "class T(lawnix.Task):\n    version = 1"),
}


@pytest.mark.parametrize("what", CLEAN)
def test_what_does_not_hurt_is_left_in_peace(linted, what):
    assert linted(CLEAN[what])[0] == []


def test_a_value_that_another_process_makes_otherwise_is_found_though_nothing_tells_it(linted):
    text = in_run("print(PLACE)", head="\nPLACE = id(object())  # HERE\n")
    assert linted(text)[0] == []
    found, expected = linted(text, again=True)
    assert found == [("unsettled-value", expected[0])]


def test_what_output_would_have_changed_is_not_changed(linted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, _ = linted(
        """
        class T(lawnix.Task):
            def output(self):
                try:
                    getattr(os, "mkdir")("plots")
                except Exception:
                    pass
                return self.target("t.txt")

            def run(self):
                pass
        """
    )
    assert [rule for rule, _ in found] == ["output-side-effect"]
    assert not (tmp_path / "plots").exists()


def test_a_task_that_cannot_be_made_without_parameters_is_only_read(linted):
    text = """
        class T(lawnix.Task):
            name = luigi.Parameter()

            def output(self):
                getattr(os, "makedirs")("plots")
                return self.target("t.txt")

            def run(self):
                print(self.name)
    """
    assert linted(text)[0] == []


def test_values_that_another_process_makes_likewise_are_not(linted):
    assert linted(in_run("print(NAMES)", head="\nNAMES = {'a', 'b', 'c', 'd'}\n"), again=True)[0] == []


def test_code_of_a_module_that_only_run_imports_is_read(linted, tmp_path):
    (tmp_path / "test_linted_late.py").write_text("def late():\n    return open('data.txt')\n")
    name = f"test_linted_{next(_numbers)}"
    (tmp_path / f"{name}.py").write_text(HEAD + in_run("from test_linted_late import late", "late()"))
    importlib.invalidate_caches()
    (found,) = lint([importlib.import_module(name).T], Settings(), again=False)
    assert (found.rule, found.file, found.line) == (
        "undeclared-read",
        str(tmp_path / "test_linted_late.py"),
        2,
    )
    assert "test_linted_late" not in sys.modules


def test_a_value_that_is_refused_elsewhere_is_found_here(linted):
    text = in_run("print(NUMBERS)", head="\nNUMBERS = (n for n in [])  # HERE\n")
    found, expected = linted(text, settings=Settings(unknown="error"))
    assert found == [("unknown-value", expected[0])]


def test_what_several_tasks_reach_is_told_once(linted, tmp_path):
    text = in_run("f()", head="\ndef f():\n    return open('data.txt')\n")
    name = f"test_linted_{next(_numbers)}"
    (tmp_path / f"{name}.py").write_text(HEAD + text + "\nclass U(T):\n    pass\n")
    importlib.invalidate_caches()
    module = importlib.import_module(name)
    (found,) = lint([module.T, module.U], Settings(), again=False)
    assert found.families == ("T", "U")
