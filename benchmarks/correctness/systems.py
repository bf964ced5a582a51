"""The step of the project as each system's tutorial writes it, and how it is run."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.correctness.project import BODY, FILES, STEPS, USED_BY_THE_STEP


@dataclass(frozen=True)
class System:
    """A system that decides what must run.

    Attributes:
        name: For the table.
        package: What is installed for it, and whose version is told.
        imports: The first lines of the module of the step.
        step: What stands around `BODY`.
        main: A script that asks for the result.
    """

    name: str
    package: str
    imports: str
    step: str
    main: str

    @property
    def files(self) -> Mapping[str, str]:
        """The project as this system's."""
        at = self.step.index("BODY")
        indent = " " * (at - self.step.rindex("\n", 0, at) - 1)
        step = self.step.replace("BODY", textwrap.indent(BODY.strip("\n"), indent).lstrip())
        return {
            **FILES,
            STEPS: f"{self.imports.strip()}\n{USED_BY_THE_STEP}\n\n{step.strip()}\n",
            "main.py": self.main,
        }


_TASK = """
class Select({base}):
    def output(self):
        return {target}

    def run(self):
        BODY
        self.output().dump(result, formatter="text")
"""

_LAW_RUN = """
import sys

import law

if __name__ == "__main__":
    sys.argv = ["law", "run", "analysis.steps.Select"]
    sys.exit(law.cli.cli.run())
"""

LAWNIX = System(
    "lawnix",
    "lawnix",
    "import lawnix",
    _TASK.format(base="lawnix.Task", target='self.target("out.txt")'),
    _LAW_RUN,
)

SYSTEMS = (
    LAWNIX,
    System(
        "law",
        "law",
        "import os\n\nimport law",
        _TASK.format(base="law.Task", target='law.LocalFileTarget(os.path.abspath("out.txt"))'),
        _LAW_RUN,
    ),
    System(
        "redun",
        "redun",
        'from redun import task\n\nredun_namespace = "analysis"',
        """
@task()
def select():
    BODY
    return result
""",
        """
from redun import Scheduler
from redun.config import Config

from analysis.steps import select

if __name__ == "__main__":
    scheduler = Scheduler(config=Config({"backend": {"db_uri": "sqlite:///redun.db"}}))
    scheduler.load()
    scheduler.run(select())
""",
    ),
    System(
        "joblib",
        "joblib",
        'from joblib import Memory\n\nmemory = Memory("cache", verbose=0)',
        """
@memory.cache
def select():
    BODY
    return result
""",
        """
from analysis.steps import select

if __name__ == "__main__":
    select()
""",
    ),
    System(
        "pypipegraph2",
        "pypipegraph2",
        "",
        """
def select(output):
    BODY
    output.write_text(result)
""",
        """
import pypipegraph2 as ppg

from analysis.steps import select

if __name__ == "__main__":
    ppg.new(log_level=40)
    ppg.FileGeneratingJob("out.txt", select)
    ppg.run()
""",
    ),
)
