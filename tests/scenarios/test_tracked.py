"""`lawnix.tracked()`: configuration that counts as far as it is read."""

import pytest

from tests.scenarios.table import scenario

CONFIG = """
import lawnix
import functools
from types import SimpleNamespace

CONFIG = lawnix.tracked({
    "cuts": {"pt_min": 20, "eta": [0, 2.4]},
    "colors": {"signal": "red", "background": "gray"},
})

class Process:
    def __init__(self, name, xsec, color):
        self.name, self.xsec, self.color = name, xsec, color

    @property
    def label(self):
        return self.name.upper()

class Campaign:
    def __init__(self):
        self._processes = {"tt": Process("tt", 831, "navy"), "dy": Process("dy", 6000, "green")}
        self.lumi = 59.7

    def get_process(self, name):
        return self._processes[name]

    def total(self):
        return sum(each.xsec for each in self._processes.values())

CAMPAIGN = lawnix.tracked(Campaign())
"""

TASKS = """
from proj.config import CAMPAIGN, CONFIG

class Writer(lawnix.Task):
    def output(self):
        return self.target("out.txt")

    def write(self, text):
        ran(type(self).__name__)
        self.output().dump(str(text), formatter="text")

class Select(Writer):
    def run(self):
        self.write(CONFIG["cuts"]["pt_min"])

class Plot(Writer):
    def requires(self):
        return Select.req(self)

    def run(self):
        self.write(CONFIG["colors"]["signal"])

class Legend(Writer):
    def run(self):
        self.write(" ".join(CONFIG["colors"]))

class Optional(Writer):
    def run(self):
        self.write(CONFIG.get("label", "none"))

class Asks(Writer):
    def run(self):
        self.write("label" in CONFIG)

class Same(Writer):
    def run(self):
        CONFIG["colors"]["signal"]
        self.write("always the same")

class Lumi(Writer):
    def run(self):
        self.write(CAMPAIGN.lumi * CAMPAIGN.get_process("tt").xsec)

class Total(Writer):
    def run(self):
        self.write(CAMPAIGN.total())

class Label(Writer):
    def run(self):
        self.write(CAMPAIGN.get_process("tt").label)
"""


@pytest.fixture
def configured(project):
    project.write("proj/config.py", CONFIG)
    project.tasks(TASKS)
    return project


def change(project, old, new):
    project.edit(old, new, "proj/config.py")


@scenario(
    135,
    "selection → plot, which read one configuration by `lawnix.tracked()`",
    "a colour; a cut",
    runs="plot; selection, plot",
    stays="first selection",
)
def test_a_colour_rebuilds_the_plot_and_not_the_selection(configured):
    assert configured.run("Plot").ran == "Plot Select"
    assert configured.run("Plot").ran == ""
    change(configured, '"red"', '"blue"')
    assert configured.run("Plot").ran == "Plot"
    change(configured, '"gray"', '"black"')
    assert configured.run("Plot").ran == ""
    change(configured, '"pt_min": 20', '"pt_min": 25')
    assert configured.run("Plot").ran == "Plot Select"


@scenario(
    136,
    "plot, which reads a colour by `lawnix.tracked()`",
    "another colour; back; the other again",
    runs="plot; nothing; nothing",
)
def test_what_was_built_with_an_earlier_value_is_found_again(configured):
    configured.run("Plot")
    change(configured, '"red"', '"blue"')
    configured.run("Plot")
    change(configured, '"blue"', '"red"')
    assert configured.run("Plot").ran == ""
    assert configured.text("**/out.txt") == "red"
    change(configured, '"red"', '"blue"')
    assert configured.run("Plot").ran == ""
    assert configured.text("**/out.txt") == "blue"


def test_results_that_come_out_the_same_are_found_for_both_values(configured):
    configured.run("Same")
    change(configured, '"red"', '"blue"')
    assert configured.run("Same").ran == "Same"
    assert configured.run("Same").ran == ""
    change(configured, '"blue"', '"red"')
    assert configured.run("Same").ran == ""


@pytest.mark.parametrize(
    ("task", "old", "new", "again"),
    [
        ("Legend", '"red"', '"blue"', False),
        ("Legend", '"background"', '"data"', True),
        ("Legend", '"signal": "red", ', "", True),
        ("Optional", '"red"', '"blue"', False),
        ("Optional", '"colors": {', '"label": "x", "colors": {', True),
        ("Asks", '"colors": {', '"label": "x", "colors": {', True),
        ("Asks", '"cuts": {', '"other": "x", "cuts": {', False),
        ("Lumi", "59.7", "59.8", True),
        ("Lumi", "831", "832", True),
        ("Lumi", "6000", "6001", False),
        ("Lumi", '"navy"', '"red"', False),
        ("Lumi", 'Process("tt", 831, "navy"), ', "", None),
        ("Total", '"green"', '"red"', True),
        ("Label", "self.name.upper()", "self.name.upper() + '!'", True),
        ("Label", "self.name.upper()", "'tt'.upper() or self.name", False),
    ],
)
def test_what_was_read_counts_and_nothing_else(configured, task, old, new, again):
    assert configured.run(task).ran == task
    change(configured, old, new)
    if again is None:
        assert configured.run(task, code=None).code != 0
    else:
        assert configured.run(task).ran == (task if again else "")


def test_why_names_the_place_with_both_values(configured):
    configured.run("Plot")
    change(configured, '"red"', '"blue"')
    assert (
        "configuration `CONFIG.colors.signal` 'red' → 'blue'" in configured.run("Plot", "--why", "0").output
    )
    change(configured, '"signal": "blue", ', "")
    assert (
        "configuration `CONFIG.colors.signal` 'red' → missing" in configured.run("Plot", "--why", "0").output
    )


# ------------------------------------------------------------------ who else asks, and what was asked before

KEPT = """
import functools
import multiprocessing
import subprocess
import sys

from proj.config import CONFIG

@functools.cache
def cached(key):
    return CONFIG["cuts"][key]

_seen = {}

def seen(key):
    if key not in _seen:
        _seen[key] = CONFIG["cuts"][key]
    return _seen[key]

def colour(name):
    return CONFIG["colors"][name]

class Writer(lawnix.Task):
    n = luigi.IntParameter(default=0)

    def output(self):
        return self.target("out.txt")

    def write(self, text):
        ran(type(self).__name__)
        self.output().dump(str(text), formatter="text")

class Cached(Writer):
    def run(self):
        self.write(cached("pt_min"))

class Seen(Writer):
    def run(self):
        self.write(seen("pt_min"))

class Early(Writer):
    def requires(self):
        cached("pt_min")
        return []

    def run(self):
        self.write(cached("pt_min"))

class Both(law.WrapperTask):
    family = luigi.Parameter()

    def requires(self):
        return [globals()[self.family](n=n) for n in range(3)]

class Forks(Writer):
    def run(self):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            self.write(pool.map(colour, ["signal"]))

class Starts(Writer):
    def run(self):
        command = "from proj.config import CONFIG; print(CONFIG['colors']['signal'])"
        self.write(subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout)
        assert CONFIG

pool = None

def kept():
    global pool
    if pool is None:
        pool = multiprocessing.get_context("fork").Pool(1)
    return pool

class Keeps(Writer):
    def run(self):
        self.write(kept().map(colour, ["signal", "background"][: 1 + self.n]))

class Joblike(Writer):
    def run(self):
        global pool
        if pool is None:
            command = "import sys; from proj.config import CONFIG\\nfor line in sys.stdin: print(CONFIG['colors'][line.strip()], flush=True)"
            pool = subprocess.Popen([sys.executable, "-c", command], stdin=-1, stdout=-1, text=True)
        pool.stdin.write("background\\n" if self.n == 1 else "signal\\n")
        pool.stdin.flush()
        self.write(pool.stdout.readline())
        assert CONFIG

class HandsOver(Writer):
    def run(self):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            self.write(pool.map(len, [CONFIG["cuts"]]))

class Colour(Writer):
    def run(self):
        self.write(colour("signal"))
"""


@pytest.fixture
def keeping(project):
    project.write("proj/config.py", CONFIG)
    project.tasks(KEPT)
    return project


@pytest.mark.parametrize("task", ["Cached", "Seen", "Early"])
def test_what_was_remembered_from_before_the_build_counts(keeping, task):
    assert keeping.run("Both", "--family", task).ran == f"{task} {task} {task}"
    assert keeping.run("Both", "--family", task).ran == ""
    change(keeping, '"pt_min": 20', '"pt_min": 25')
    assert keeping.run("Both", "--family", task).ran == f"{task} {task} {task}"


@pytest.mark.parametrize("task", ["Forks", "Starts", "Colour"])
def test_what_the_processes_of_a_build_read_counts(keeping, task):
    assert keeping.run(task).ran == task
    change(keeping, '"pt_min": 20', '"pt_min": 25')
    assert keeping.run(task).ran == ""
    change(keeping, '"red"', '"black"')
    assert keeping.run(task).ran == task
    assert "black" in keeping.text("**/out.txt")


@pytest.mark.parametrize("task", ["Keeps", "Joblike"])
def test_what_processes_that_outlive_a_build_read_counts(keeping, task):
    assert keeping.run("Both", "--family", task).ran == f"{task} {task} {task}"
    assert keeping.run("Both", "--family", task).ran == ""
    change(keeping, '"red"', '"black"')
    assert keeping.run("Both", "--family", task).ran.startswith(f"{task} {task}")
    assert keeping.run("Both", "--family", task).ran == ""
    change(keeping, '"gray"', '"white"')
    assert keeping.run("Both", "--family", task).ran.startswith(f"{task}")
    texts = [path.read_text() for path in keeping.results.rglob("out.txt")]
    assert texts
    assert not any("gray" in text or "red" in text for text in texts)


def test_what_is_handed_to_another_process_counts_as_a_whole(keeping):
    assert keeping.run("HandsOver").ran == "HandsOver"
    change(keeping, '"red"', '"black"')
    assert keeping.run("HandsOver").ran == ""
    change(keeping, '"pt_min": 20', '"pt_min": 25')
    assert keeping.run("HandsOver").ran == "HandsOver"


# --------------------------------------------------------------------------- where views can be kept

PLACES = """
import yaml
from law.config import Config

A = lawnix.tracked({"k": 1})
B = A
COLORS = lawnix.tracked({"plots": {"signal": "red"}, "tables": {"signal": "red"}})["plots"]
FILE = lawnix.tracked(yaml.safe_load(open(os.path.join(os.path.dirname(__file__), "config.yaml"))))
LAW = lawnix.tracked(Config.instance())
MODULE = lawnix.tracked(law.config)
HIDDEN = [lawnix.tracked({"k": 1}, name="hidden")]
MADE = {1: {"k": 5}}

class Writer(lawnix.Task):
    def output(self):
        return self.target("out.txt")

    def write(self, text):
        ran(type(self).__name__)
        self.output().dump(str(text), formatter="text")

class Twice(Writer):
    def run(self):
        self.write((A["k"], B["k"]))

class Part(Writer):
    def run(self):
        self.write(COLORS["signal"])

class File(Writer):
    def run(self):
        self.write(FILE["cuts"]["pt_min"])

class Section(Writer):
    def run(self):
        self.write(LAW["analysis"]["lumi"])

class Asked(Writer):
    def run(self):
        self.write(LAW.get_expanded("analysis", "lumi"))

class AskedOfModule(Writer):
    def run(self):
        self.write(MODULE.get_expanded("analysis", "lumi"))

class ItemsOfModule(Writer):
    def run(self):
        self.write(dict(MODULE.items("analysis")))

class FoundByModule(Writer):
    def run(self):
        self.write(MODULE.find_option("analysis", "lumi", "name"))

class Dumped(Writer):
    def run(self):
        ran(type(self).__name__)
        self.output().dump({"all": [FILE]}, formatter="json")

class Attribute(Writer):
    config = lawnix.tracked({"k": 1, "other": 2})

    def run(self):
        self.write(self.config["k"])

class Instance(Writer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mine = lawnix.tracked(MADE[1])

    def run(self):
        self.write(self.mine["k"])

class Hidden(Writer):
    def run(self):
        self.write(getattr(sys, "hidden")["k"])

class Unnamed(Writer):
    def run(self):
        self.write(getattr(sys, "unnamed")["k"])

class Inner(Writer):
    def run(self):
        self.write(lawnix.tracked({"k": 1})["k"])

class Default(Writer):
    def run(self, config=A):
        self.write(config["k"])

class Closure(Writer):
    def run(self):
        def get():
            return A["k"]
        self.write(get())

import sys
sys.hidden = lawnix.tracked({"k": 1, "l": 1}, name="far")
sys.unnamed = lawnix.tracked({"k": 1})
"""


@pytest.fixture
def places(project):
    project.write("proj/config.yaml", "cuts: {pt_min: 20}\ncolors: {signal: red}\n")
    project.configure("analysis", "lumi", "59.7")
    project.configure("analysis", "name", "x")
    project.tasks(PLACES)
    return project


@pytest.mark.parametrize(
    ("task", "old", "new", "again"),
    [
        ("Twice", "B = A", 'B = lawnix.tracked({"k": 2})', True),
        ("Twice", 'A = lawnix.tracked({"k": 1})', 'A = lawnix.tracked({"k": 2})', True),
        ("Twice", 'A = lawnix.tracked({"k": 1})', 'A = lawnix.tracked({"k": 1, "l": 2})', False),
        ("Part", '"plots": {"signal": "red"}', '"plots": {"signal": "blue"}', True),
        ("Part", '"tables": {"signal": "red"}', '"tables": {"signal": "blue"}', False),
        ("Part", '["plots"]', '["tables"]', True),
        ("Attribute", '"k": 1, "other"', '"k": 3, "other"', True),
        ("Attribute", '"other": 2', '"other": 3', False),
        ("Instance", '"k": 5', '"k": 6', True),
        ("Instance", '"k": 5', '"k": 5, "l": 6', True),  # __init__ is code then, and MADE a plain global
        ("Hidden", '"k": 1, "l": 1', '"k": 2, "l": 1', True),
        ("Hidden", '"k": 1, "l": 1', '"k": 1, "l": 2', False),
        ("Inner", 'self.write(lawnix.tracked({"k": 1})', 'self.write(lawnix.tracked({"k": 2})', True),
        ("Inner", '"k": 5', '"k": 6', False),
        ("Default", 'A = lawnix.tracked({"k": 1})', 'A = lawnix.tracked({"k": 2})', True),
        ("Closure", 'A = lawnix.tracked({"k": 1})', 'A = lawnix.tracked({"k": 2})', True),
    ],
)
def test_a_view_is_found_again_where_it_is_kept(places, task, old, new, again):
    assert places.run(task).ran == task
    assert places.run(task).ran == ""
    places.edit(old, new)
    assert places.run(task).ran == (task if again else "")


def test_a_file_counts_as_far_as_it_is_read(places):
    places.run("File")
    places.edit("red", "blue", "proj/config.yaml")
    assert places.run("File").ran == ""
    places.edit("20", "25", "proj/config.yaml")
    assert places.run("File").ran == "File"


@pytest.mark.parametrize("task", ["Section", "Asked"])
def test_the_configuration_of_law_counts_as_far_as_it_is_read(places, task):
    assert places.run(task).ran == task
    places.configure("analysis", "name", "y")
    assert places.run(task).ran == ""
    places.configure("analysis", "lumi", "60")
    assert places.run(task).ran == task


@pytest.mark.parametrize("task", ["AskedOfModule", "ItemsOfModule", "FoundByModule"])
def test_functions_of_a_module_are_asked_again_or_count_all_that_is_there(places, task):
    def run():
        return places.fresh_law(
            "run", f"proj.tasks.{task}"
        ).ran  # its functions hold what was first configured

    assert run() == task
    assert run() == ""
    places.configure("analysis", "lumi", "60")
    assert run() == task
    assert task == "FoundByModule" or "60" in places.text("**/out.txt")
    places.configure("analysis", "name", "y")
    assert run() == ("" if task == "AskedOfModule" else task)


def test_no_address_is_kept_of_what_was_read(places):
    run = "run", "proj.tasks.FoundByModule"
    places.fresh_law(*run)
    places.configure("analysis", "lumi", "60")
    why = places.fresh_law(*run, "--why", "0").output
    assert "configuration `MODULE" in why
    assert " at 0x" not in why
    places.fresh_law(*run)
    files = [path for path in places.store.rglob("*") if path.is_file()]
    assert any(b"MODULE" in path.read_bytes() for path in files)
    assert not any(b" at 0x" in path.read_bytes() for path in files)


def test_a_view_can_be_dumped_and_counts_as_a_whole(places):
    assert places.run("Dumped").ran == "Dumped"
    assert '{"signal": "red"}' in places.text("**/out.txt")
    places.edit("red", "blue", "proj/config.yaml")
    assert places.run("Dumped").ran == "Dumped"
    assert '{"signal": "blue"}' in places.text("**/out.txt")


def test_a_view_that_cannot_be_found_again_is_refused(places):
    run = places.run("Unnamed", code=None)
    assert run.code != 0
    assert "name it: lawnix.tracked(" in run.output
