"""Wording: how code is written, and in which lines it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Final

from lawnix.core.digest import Digest

Components = Mapping[str, str]
"""The digests of the parts of a task's code by their names."""

_SHORT: Final = 60  # characters of what is told in place instead of line by line


@dataclass(frozen=True, slots=True)
class KnownCode:
    """What is known of the code of a task.

    Attributes:
        components: What it consists of.
        places: Where these stand, as `file:line`.
        wordings: How they are written, by their digests.
    """

    components: Components = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    wordings: Mapping[Digest, str] = field(default_factory=dict)

    def words(self, name: str) -> str | None:
        """How the component `name` is written; None if that is not known."""
        return self.wordings.get(Digest(self.components[name])) if name in self.components else None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A component of code that two tasks have in different forms.

    Attributes:
        name: What it is called.
        place: Where it stands now, as `file:line`; empty if that is not known.
        lines: The lines of both that differ, and those around them, as `diff -u` has them; empty if not both are known,
            or if `brief` says it all.
        brief: The same in a few words; empty if not both are known.
    """

    name: str
    place: str
    lines: tuple[str, ...]
    brief: str


@dataclass(frozen=True, slots=True)
class CodeChange:
    """How the code of two tasks differs.

    Attributes:
        rewritten: The components that both have, in different forms, by name.
        statements: All that differs, in words.
    """

    rewritten: tuple[Rewritten, ...] = ()
    statements: tuple[str, ...] = ()


def code_change(old: KnownCode, new: KnownCode) -> CodeChange:
    """How `new` differs from `old`; to be asked once for all tasks that have the same code."""
    before, after = old.components, new.components
    both = sorted(before.keys() & after.keys())
    changed = tuple(_rewritten(name, old, new) for name in both if before[name] != after[name])

    def shown(name: str) -> str:
        return f"`{name}` ({new.places[name]})" if name in new.places else f"`{name}`"

    statements = [f"code of {shown(each.name)} changed{each.brief and f': {each.brief}'}" for each in changed]
    statements += [f"code now uses {shown(name)}" for name in sorted(after.keys() - before.keys())]
    statements += [f"code no longer uses `{name}`" for name in sorted(before.keys() - after.keys())]
    return CodeChange(changed, tuple(statements))


def _rewritten(name: str, old: KnownCode, new: KnownCode) -> Rewritten:
    place = new.places.get(name, "")
    before, after = old.words(name), new.words(name)
    if before is None or after is None or before == after:
        return Rewritten(name, place, (), "")
    if max(len(before), len(after)) <= _SHORT and "\n" not in before + after:
        return Rewritten(name, place, (), f"{before} → {after}")
    lines = tuple(unified_diff(before.splitlines(), after.splitlines(), "before", "now", lineterm=""))
    added, removed = _count(lines, "+"), _count(lines, "-")
    return Rewritten(name, place, lines, f"−{removed} +{added} lines")


def _count(lines: Sequence[str], mark: str) -> int:
    return sum(line.startswith(mark) for line in lines[2:])  # behind the names of both
