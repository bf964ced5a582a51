"""What builds touched undeclared, told once for each family at the end of a run, with the way out."""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from lawnix.core.realization import Realization
from lawnix.engine.messages import Failed
from lawnix.engine.plan import Plan
from lawnix.engine.report import Reporter

logger = logging.getLogger("luigi-interface")  # where luigi's users look

_SHOWN: Final = 5  # of one kind
_WORDS: Final[Mapping[str, str]] = {
    "read": "file",
    "listed": "files by listing",
    "variables": "environment variable",
    "addresses": "network address",
    "programs": "program",
    "wrote": "written outside its outputs",
}
_WAYS_OUT: Final[Mapping[str, str]] = {
    "read": "files: `lawnix.tracked_file()` if they belong to the code, a `lawnix.ExternalTask` in requires() for data",
    "listed": "listings: name the files in the output() of a `lawnix.ExternalTask`, or decide in create_branch_map()",
    "variables": "variables: `environment = [{}]` in the class, or a parameter",
    "addresses": "network: `lawnix.Fetch`, with the digest of what is fetched",
    "programs": "programs: `sources = [{}]` in the class",
    "wrote": "writing: self.output()",
}


class Witness:
    """Hands everything on to who shows the run; at its end, tells what was seen."""

    def __init__(self, shown: Reporter) -> None:
        self._shown = shown
        self._plan: Plan | None = None
        self._builds: Counter[str] = Counter()
        self._seen: dict[str, dict[str, set[str]]] = {}

    def planned(self, plan: Plan) -> None:
        """Nothing has been seen yet."""
        self._plan = plan
        self._shown.planned(plan)

    def started(self, number: int) -> None:
        """Handed on."""
        self._shown.started(number)

    def printed(self, number: int, text: bytes) -> None:
        """Handed on."""
        self._shown.printed(number, text)

    def built(self, number: int, realization: Realization | None) -> None:
        """Remember what was seen."""
        observed = {} if realization is None else undeclared(realization.record.observed)
        if observed and self._plan is not None:
            family = self._plan.graph.nodes[number].work.label
            self._builds[family] += 1
            for word, names in observed.items():
                self._seen.setdefault(family, {}).setdefault(word, set()).update(names)
        self._shown.built(number, realization)

    def suspended(self, number: int) -> None:
        """Handed on."""
        self._shown.suspended(number)

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """Handed on."""
        self._shown.failed(number, failure, again=again)

    def ended(self) -> None:
        """One warning for each family."""
        self._shown.ended()
        for family, observed in self._seen.items():
            seen = {word: sorted(observed[word]) for word in _WORDS if word in observed}
            logger.warning("%s", warning_of(family, self._builds[family], seen))


def undeclared(observed: Mapping[str, Sequence[str]] | None) -> Mapping[str, Sequence[str]]:
    """What of all that is written down has to be declared."""
    return {word: observed[word] for word in _WORDS if word in observed} if observed else {}


def words_of(word: str) -> str:
    """How a kind of thing is called."""
    return _WORDS[word]


def warning_of(family: str, builds: int, observed: Mapping[str, Sequence[str]]) -> str:
    """What is told of a family whose builds touched `observed` undeclared."""
    here = os.path.join(os.getcwd(), "")
    count = "1 build" if builds == 1 else f"{builds} builds"
    lines = [f"{family} touched what it does not declare ({count}), so a change of it rebuilds nothing:"]
    for word, names in observed.items():
        shown = [name.removeprefix(here) for name in names[:_SHOWN]]
        more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
        lines.append(f"  {_WORDS[word]}: {', '.join([*shown, *more])}")
    quoted = {
        word: ", ".join(f'"{name.removeprefix(here)}"' for name in names[:_SHOWN])
        for word, names in observed.items()
    }
    lines.append("declare it:")
    lines += [f"  {_WAYS_OUT[word].format(quoted[word])}" for word in observed]
    return "\n".join(lines)
