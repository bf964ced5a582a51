"""What is loaded when: `law run` of what is complete loads nothing that plans, builds, prints or reads formats."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

CONFIGURATION = """
[lawnix]
store: store
results: results

[luigi_core]
local_scheduler: True
no_lock: True
"""

TASKS = """
import law
import lawnix

class Value(lawnix.Task):
    def output(self):
        return self.target("value.json")

    def run(self):
        self.output().dump(1, formatter="json")
"""

RUN = """
import gc, json, sys
import law
from law.cli.cli import run

sys.argv = ["law", "run", "tasks_of_mine.Value"]
try:
    run()
finally:
    json.dump([sorted(sys.modules), gc.get_freeze_count()], open("loaded.json", "w"))
"""

ONLY_TO_PLAN_AND_BUILD = {
    "ctypes",
    "lawnix.core.derivation",
    "lawnix.core.realization",
    "lawnix.core.wording",
    "lawnix.engine.build",
    "lawnix.engine.executor.fork",
    "lawnix.engine.graph",
    "lawnix.engine.observe.watch",
    "lawnix.engine.plan",
    "lawnix.engine.realize",
    "lawnix.store.answers",
    "lawnix.store.values",
    "lawnix.store.written",
    "lawnix.task.historian",
    "lawnix.task.keeper",
    "lawnix.task.planned",
    "lawnix.task.progress",
    "lawnix.task.view",
    "lawnix.task.walk",
    "lawnix.task.work",
}
MODULES = 32  # of lawnix and others, beyond law's; each takes about 0.4 ms
NEVER_HERE = {
    "awkward",
    "h5py",
    "lawnix.cli",
    "lawnix.engine.adopt",
    "lawnix.engine.check",
    "lawnix.engine.outline",
    "lawnix.engine.price",
    "lawnix.engine.why",
    "lawnix.sandbox.registry",
    "lawnix.store.verify",
    "lawnix.task.explained",
    "lawnix.task.interactive",
    "lawnix.task.lint",
    "lawnix.task.sandboxed",
    "lawnix.task.sandboxes",
    "numpy",
    "pandas",
    "pooch",
    "pyarrow",
    "rich",
    "statistics",
    "uproot",
    "yaml",
    "zstandard",
}


@pytest.fixture
def python(tmp_path):
    """Run code in a fresh interpreter, in a project of its own."""
    (tmp_path / "law.cfg").write_text(CONFIGURATION)
    (tmp_path / "tasks_of_mine.py").write_text(TASKS)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LAW", "PYTEST"))
    }
    environment |= {
        "LAW_HOME": str(tmp_path / ".law"),
        "LAW_CONFIG_FILE": str(tmp_path / "law.cfg"),
        "PYTHONPATH": f"{TOP}{os.pathsep}{tmp_path}",
    }

    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return set(done.stdout.split())

    return run


def test_the_import_loads_the_package_and_nothing_else(python):
    told = python("import sys, law; before = {*sys.modules}; import lawnix; print(*{*sys.modules} - before)")
    assert told == {"gc", "lawnix"}  # the first is built in


def test_a_run_of_what_is_complete_loads_nothing_that_only_plans_builds_and_readers_need(python, tmp_path):
    loaded = []
    for _ in range(2):
        python(RUN)
        modules, frozen = json.loads((tmp_path / "loaded.json").read_text())
        loaded.append(set(modules))
        assert bool(frozen) == (len(loaded) == 2), (
            "where nothing was run, the end of the process searches nothing"
        )
    first, second = loaded
    assert first >= ONLY_TO_PLAN_AND_BUILD
    assert not second & ONLY_TO_PLAN_AND_BUILD
    assert not (first | second) & NEVER_HERE
    assert all(map(find_spec, NEVER_HERE)), "a name of what is not there says nothing"


def test_a_task_class_loads_few_modules_and_no_library(python):
    told = python(
        "import sys, law; before = {*sys.modules}; import lawnix; lawnix.Task; print(*{*sys.modules} - before)"
    )
    assert len(told) <= MODULES
    ours = {name for name in told if name.partition(".")[0] == "lawnix"}
    assert {name.partition(".")[0] for name in told - ours} - sys.stdlib_module_names == {"luigi"}
    assert not told & {"decimal", "difflib", "fractions", "pkgutil", "pprint", "sqlite3", "sysconfig"}


def test_loading_leaves_the_collector_as_it_was(python):
    said = python(
        """
import gc, law, lawnix
lawnix.Task
print("enabled" if gc.isenabled() else "disabled", gc.get_freeze_count())
gc.disable()
lawnix.LocalWorkflow
print("still" if not gc.isenabled() else "not")
"""
    )
    assert said == {"enabled", "0", "still"}
