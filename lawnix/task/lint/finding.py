"""Findings: what will hurt, where, and the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked for.

    Attributes:
        text: In a few words.
        way_out: What to do about it.
        is_hint: Whether it may be as it should, so that it does not fail a check.
    """

    text: str
    way_out: str
    is_hint: bool = False


RULES: Final[Mapping[str, Rule]] = {
    "unidentified-parameter": Rule(
        "a parameter that is in no identity is read by run() or what it calls",
        "let it be significant and take it out of exclude_params_identity; or keep it out of what decides the result",
    ),
    "unsettled-value": Rule(
        "a value of a module that run() reaches is another in each process",
        "make it in run(), from a parameter; or lawnix.untracked() if it decides no result",
    ),
    "output-side-effect": Rule(
        "output() changes something, and it is called whenever somebody asks where a result is",
        "move it into run()",
    ),
    "undeclared-read": Rule(
        "run() or what it calls reads what the task does not declare",
        "files: lawnix.tracked_file(), or a lawnix.ExternalTask in requires(); variables: `environment = [...]` in the "
        "class; network: lawnix.Fetch",
    ),
    "observed-read": Rule(
        "a watched build touched what the task does not declare",
        "as for undeclared-read",
    ),
    "unknown-value": Rule(
        "a value has no canonical form, so it is known by its type alone",
        "give its class a __lawnix_digest__(), build it in a function, or lawnix.untracked() if it decides no result",
    ),
    "opaque-code": Rule(
        "code looks at its task or module in a way that cannot be followed, so all of it counts",
        "write the names out, or pick from a dictionary of them",
    ),
    "unread-code": Rule(
        "a function or a file counts, and cannot be read",
        "put it where it is looked for; keep code in files",
    ),
    "unseeded-random": Rule(
        "random numbers without a seed: the result comes out otherwise each time",
        "take the seed from a parameter or from self.branch: numpy.random.default_rng(seed)",
        is_hint=True,
    ),
    "uncounted-code": Rule(
        "the code of the task does not count, so an edit of it runs nothing",
        "remove track_code = False, or set a `version` that is raised with each change",
        is_hint=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that will hurt.

    Attributes:
        rule: The name of the rule.
        what: What was found.
        file: Where.
        line: In which line; 0 if that is not known.
        families: The tasks that it concerns.
    """

    rule: str
    what: str
    file: str
    line: int
    families: tuple[str, ...] = ()

    @property
    def is_hint(self) -> bool:
        """Whether it may be as it should."""
        return RULES[self.rule].is_hint

    @property
    def way_out(self) -> str:
        """What to do about it."""
        return RULES[self.rule].way_out
