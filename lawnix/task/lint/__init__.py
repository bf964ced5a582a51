"""Lint: what will hurt, told from the source and from build records; no task is run.

`finding` says what can be found, `passages` and `words` read what `run()` reaches, each rule is a function in a module
named for what it knows, and `lint` asks them all.
"""

from lawnix.task.lint.finding import RULES, Finding, Rule
from lawnix.task.lint.lint import lint

__all__ = ["RULES", "Finding", "Rule", "lint"]
