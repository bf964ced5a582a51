"""What builds touched undeclared, told once for each family at the end of a run, with the way out."""

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from lawnix.core.realization import BuildRecord
from lawnix.engine.executor.protocol import Executor, Output
from lawnix.engine.graph import Graph
from lawnix.engine.messages import BuildRequest, BuildResult, Built
from lawnix.engine.plan import Plan

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


class WatchedExecutor:
    """Hands everything on to who builds; at its end, tells what the builds touched undeclared."""

    def __init__(self, executor: Executor, graph: Graph) -> None:
        self._executor = executor
        self._graph = graph
        self._builds: Counter[str] = Counter()
        self._seen: dict[str, dict[str, set[str]]] = {}

    @property
    def free(self) -> int:
        """How many more builds it takes now."""
        return self._executor.free

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Hand `request` on."""
        self._executor.submit(request, plan, timeout)

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """What ended, and what was printed; what was seen is remembered."""
        results, printed = self._executor.wait(seconds)
        for result in results:
            if isinstance(result, Built) and result.realization is not None:
                self._remember(self._graph.nodes[result.number].work.label, result.realization.record)
        return results, printed

    def close(self) -> None:
        """End all that is going on; one warning for each family."""
        self._executor.close()
        for family, observed in self._seen.items():
            seen = {word: sorted(observed[word]) for word in _WORDS if word in observed}
            logger.warning("%s", warning_of(family, self._builds[family], seen))
        self._seen.clear()

    def _remember(self, family: str, record: BuildRecord) -> None:
        observed = undeclared(record.observed)
        if observed:
            self._builds[family] += 1
            for word, names in observed.items():
                self._seen.setdefault(family, {}).setdefault(word, set()).update(names)


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
