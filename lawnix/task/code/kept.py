"""What is known of source files beyond the end of the process, so that a file that did not change is not parsed again.

Kept are facts that follow from the text of a file alone. Whatever decides them beside the text is in `RULES`: these
modules, and the Python that parses.
"""

import functools
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from lawnix.core.digest import digest
from lawnix.store.memo import Stamp, StatMemo
from lawnix.task.code.names import Import, Names

_MODULES: Final = ("files", "functions", "kept", "locate", "names", "normal", "reader", "scopes")


class FunctionFacts(NamedTuple):
    """What the text of a function says.

    Attributes:
        form: The digest of its normal form.
        names: What it speaks of.
        literals: The normal forms of defaults that are written out, by argument.
    """

    form: bytes
    names: Names
    literals: Mapping[str, bytes]


class Kept:
    """The memo of this process, if a session has opened one."""

    def __init__(self) -> None:
        self.memo: StatMemo | None = None
        self._fresh: dict[str, tuple[Stamp, int, dict[str, FunctionFacts]]] = {}

    def facts(self, path: str, stamp: Stamp) -> dict[str, FunctionFacts]:
        """What is known of the functions of a file, by their places."""
        text = self.memo.derived(path, rules(), stamp) if self.memo is not None else None
        if text is None:
            return {}
        try:
            return {place: _facts_of(said) for place, said in json.loads(text).items()}
        except (ValueError, TypeError, AttributeError):  # damaged: found out again, and kept again
            return {}

    def add(self, path: str, stamp: Stamp, begin: int, facts: dict[str, FunctionFacts]) -> None:
        """Take in what is known of a file now, which was read after `begin`."""
        if self.memo is not None:
            self._fresh[path] = (stamp, begin, facts)

    def flush(self) -> None:
        """Write down what is new."""
        fresh, self._fresh = self._fresh, {}
        if self.memo is not None and fresh:
            texts = {
                path: (stamp, begin, json.dumps({place: _as_list(each) for place, each in facts.items()}))
                for path, (stamp, begin, facts) in fresh.items()
            }
            self.memo.keep_derived(rules(), texts)


kept: Final = Kept()


@functools.cache
def rules() -> str:
    """What decides the facts beside the text."""
    texts = [(Path(__file__).with_name(f"{name}.py")).read_bytes() for name in _MODULES]
    return digest("code rules", repr((sys.version_info[:2], texts)).encode())


_SETS: Final = ("own", "above", "attributes", "sets", "stored")
_CHAINS: Final = ("free", "hands_on")
_FLAGS: Final = ("keeps", "opaque_self", "opaque_module")


def _as_list(facts: FunctionFacts) -> list[Any]:
    names = facts.names
    return [
        facts.form.decode(),
        [sorted(getattr(names, each)) for each in (*_SETS, *_CHAINS)],
        [[each.module, each.level, each.chain] for each in names.imports],
        [getattr(names, each) for each in _FLAGS],
        {argument: form.decode("latin-1") for argument, form in facts.literals.items()},
    ]


def _facts_of(said: list[Any]) -> FunctionFacts:
    form, (own, above, attributes, sets, stored, free, hands_on), imports, flags, literals = said
    keeps, opaque_self, opaque_module = flags
    names = Names(
        free=frozenset(map(tuple, free)),
        own=frozenset(own),
        above=frozenset(above),
        attributes=frozenset(attributes),
        sets=frozenset(sets),
        hands_on=frozenset(map(tuple, hands_on)),
        imports=frozenset(Import(module, level, tuple(chain)) for module, level, chain in imports),
        stored=frozenset(stored),
        keeps=keeps,
        opaque_self=opaque_self,
        opaque_module=opaque_module,
    )
    return FunctionFacts(
        form.encode(), names, {argument: each.encode("latin-1") for argument, each in literals.items()}
    )
