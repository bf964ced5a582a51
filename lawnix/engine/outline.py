"""Outline: a plan as people read it, alike tasks told as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lawnix.core.decision import Cause, Reason
from lawnix.core.wording import Rewritten
from lawnix.engine.graph import GroupNode
from lawnix.engine.marks import marks_of
from lawnix.engine.plan import Plan
from lawnix.engine.why import explain


class Happens(StrEnum):
    """What a run would do about a task."""

    REUSE = "reuse"
    BUILD = "build"
    LATER = "build later"  # in any case, but what it needs comes first
    PERHAPS = "perhaps build"  # if what it needs comes out with other content
    BROKEN = "cannot run"


_FIRST: Final = (Happens.BUILD, Happens.LATER, Happens.PERHAPS, Happens.BROKEN, Happens.REUSE)


@dataclass(frozen=True, slots=True)
class Bunch:
    """Tasks of one family about which the same would happen for the same reasons.

    Attributes:
        happens: What.
        family: Of the tasks.
        reasons: In words; where something is reused, how it came here if it was not built.
        numbers: Their nodes.
        cause: The kind of the reasons; None where something is reused.
        code: The parts of their code that are not what they were, line by line.
    """

    happens: Happens
    family: str
    reasons: tuple[str, ...]
    numbers: tuple[int, ...]
    cause: Cause | None = None
    code: tuple[Rewritten, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A task, or several alike that the same one requires, and what would happen to it.

    Attributes:
        level: How many steps below the one that was asked about.
        numbers: The nodes.
        happens: What.
        reasons: In words.
        members: Of a workflow or wrapper: what is in it.
        again: Whether it was told before; then without what it requires.
        code: The parts of its code that are not what they were, line by line.
    """

    level: int
    numbers: tuple[int, ...]
    happens: Happens
    reasons: tuple[str, ...]
    members: tuple[Bunch, ...] = ()
    again: bool = False
    code: tuple[Rewritten, ...] = ()


def outline(plan: Plan) -> list[Bunch]:
    """What a run of `plan` would do, in the order in which it would; nodes that nobody needs are left out."""
    graph = plan.graph
    wanted = [
        number
        for number, node in enumerate(graph.nodes)
        if (number in plan.settled or plan.demanded(number))
        and (not isinstance(node, GroupNode) or (node.expand is not None and number not in plan.settled))
    ]
    return _bunches(plan, wanted, {**marks_of(plan, wanted), **explain(plan, wanted)})


def tell(plan: Plan, roots: Sequence[int], depth: int = 0) -> list[Told]:
    """What would happen to `roots` and to what they require, `depth` steps down (all the way if negative)."""
    reached = _reached(plan, roots, depth)
    looked_at = list(dict.fromkeys(m for n in reached for m in (n, *_members(plan, n))))
    reasons = {**marks_of(plan, looked_at), **explain(plan, looked_at)}
    told: list[Told] = []
    seen: set[int] = set()
    stack = [(group, 0) for group in reversed(_alike(plan, roots, seen, reasons))]
    while stack:
        numbers, level = stack.pop()
        again = seen.issuperset(numbers)
        happens, why = _happens(plan, numbers[0], reasons)
        members = () if again else _bunches(plan, _members(plan, numbers[0]), reasons)
        told.append(Told(level, numbers, happens, why, tuple(members), again, _code_of(numbers[0], reasons)))
        if not again and (depth < 0 or level < depth):
            below = dict.fromkeys(other for number in numbers for other in _required(plan, number))
            seen.update(numbers)
            stack.extend((group, level + 1) for group in reversed(_alike(plan, below, seen, reasons)))
        seen.update(numbers)
    return told


def counted(bunches: Iterable[Bunch]) -> Mapping[Happens, int]:
    """How many tasks there are of each kind."""
    counts = dict.fromkeys(Happens, 0)
    for bunch in bunches:
        counts[bunch.happens] += len(bunch.numbers)
    return counts


def _reached(plan: Plan, roots: Iterable[int], depth: int) -> list[int]:
    """The nodes that are at most `depth` steps below `roots`."""
    reached = dict.fromkeys(roots)
    fresh = list(reached)
    while fresh and depth:
        below = dict.fromkeys(other for number in fresh for other in _required(plan, number))
        fresh = [number for number in below if number not in reached]
        reached.update(dict.fromkeys(fresh))
        depth -= 1
    return list(reached)


def _alike(
    plan: Plan, numbers: Iterable[int], seen: set[int], reasons: Mapping[int, Reason]
) -> list[tuple[int, ...]]:
    """The nodes, those together of which the same is to be told."""
    groups: dict[object, list[int]] = {}
    for number in numbers:
        node = plan.graph.nodes[number]
        same = number if isinstance(node, GroupNode) else (node.work.label, _happens(plan, number, reasons))
        groups.setdefault((number in seen, same), []).append(number)
    return [tuple(group) for group in groups.values()]


def _required(plan: Plan, number: int) -> list[int]:
    """What the task requires; what its branches require, of a workflow."""
    node = plan.graph.nodes[number]
    members = _members(plan, number)
    inputs = [other for member in members for other in plan.graph.nodes[member].reads]
    trial = plan.found(number)
    direct = () if members else (*node.reads, *(trial[1] if trial else ()))
    return list(dict.fromkeys([*direct, *node.after, *inputs]))


def _members(plan: Plan, number: int) -> list[int]:
    """The tasks that a group stands for, through groups of groups."""
    stack, found = [number], {}
    while stack:
        current = stack.pop()
        node = plan.graph.nodes[current]
        if current in found:
            continue
        found[current] = not isinstance(node, GroupNode)
        if isinstance(node, GroupNode):
            stack.extend(reversed(list(node.reads)))
    return [n for n, is_task in found.items() if is_task and n != number]


def _bunches(plan: Plan, numbers: Iterable[int], reasons: Mapping[int, Reason]) -> list[Bunch]:
    alike: dict[tuple[Cause | None, Happens, str, tuple[str, ...]], list[int]] = {}
    for number in numbers:
        happens, why = _happens(plan, number, reasons)
        cause = reasons[number].cause if number in reasons and happens is not Happens.REUSE else None
        alike.setdefault((cause, happens, plan.graph.nodes[number].work.label, why), []).append(number)
    return [
        Bunch(happens, family, why, tuple(found), cause, _code_of(found[0], reasons))
        for (cause, happens, family, why), found in alike.items()
    ]


def _code_of(number: int, reasons: Mapping[int, Reason]) -> tuple[Rewritten, ...]:
    return reasons[number].code if number in reasons else ()


def _happens(plan: Plan, number: int, reasons: Mapping[int, Reason]) -> tuple[Happens, tuple[str, ...]]:
    if number in plan.settled:
        return Happens.REUSE, reasons[number].details if number in reasons else ()
    reason = reasons[number]
    members = _members(plan, number)
    if members and reason.cause is Cause.UPSTREAM:  # as the member that runs first
        kinds = {_happens(plan, member, reasons)[0] for member in members}
        return next(kind for kind in _FIRST if kind in kinds), reason.details
    why = reason.details or (reason.cause.value,)
    if reason.cause is Cause.BROKEN:
        return Happens.BROKEN, why
    if number in plan.builds:
        return Happens.BUILD if plan.is_ready(number) else Happens.LATER, why
    return Happens.PERHAPS if reason.cause is Cause.UPSTREAM else Happens.LATER, why
