"""Why: the reasons for what a plan says, in words."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from lawnix.core.decision import Cause, Reason
from lawnix.core.realization import Realization
from lawnix.engine.changed import changed
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.engine.plan import Plan

_NAMED = 3  # upstream families that are named in one reason


def explain(plan: Plan, numbers: Sequence[int]) -> Mapping[int, Reason]:
    """The reasons of those nodes among `numbers` that are not settled; what is settled needs none.

    A node that waits for others has the cause `UPSTREAM` if it runs only when they come out with other content; with
    any other cause it runs in any case. The store is asked once for each kind of fact, however many nodes there are.
    """
    hopeless = _hopeless(plan)
    reasons: dict[int, Reason] = {}
    rejected: list[int] = []
    derived: dict[int, DerivedNode] = {}
    for number in dict.fromkeys(numbers):
        node = plan.graph.nodes[number]
        if number in plan.settled:
            continue
        if number in plan.broken:
            reasons[number] = Reason(Cause.BROKEN, (str(plan.broken[number]),))
        elif number in hopeless:
            needed = [other for other in (*node.reads, *node.after) if other in hopeless]
            reasons[number] = Reason(Cause.BROKEN, (f"{_names(plan, needed)} cannot run",))
        elif plan.rejected(number):
            rejected.append(number)
        elif isinstance(node, DerivedNode) and node.derivation is not None:
            derived[number] = node
        elif isinstance(node, ForeignNode) and number in plan.builds:
            reasons[number] = Reason(Cause.INCOMPLETE, (f"{node.work.missing()} does not exist",))
        else:
            reasons[number] = _waits(plan, number)
    reasons |= _rejected(plan, rejected) | changed(plan, derived)
    return reasons | {number: _waits(plan, number) for number in derived if number not in reasons}


def _hopeless(plan: Plan) -> set[int]:
    """What cannot be decided, and what needs it."""
    stack, seen = list(plan.broken), set(plan.broken)
    while stack:
        current = stack.pop()
        needing = (*plan.graph.consumers[current], *plan.graph.followers[current])
        fresh = [number for number in needing if number not in seen and number not in plan.settled]
        seen.update(fresh)
        stack.extend(fresh)
    return seen


def _rejected(plan: Plan, numbers: Sequence[int]) -> dict[int, Reason]:
    """Why the realizations that are there are not used."""
    last = {number: plan.rejected(number)[-1] for number in numbers}
    paths = {
        path for realization, _ in last.values() for path in realization.outputs.values() if path is not None
    }
    present = plan.session.store.present(paths) if paths else set()
    reasons = {}
    for number, (realization, cause) in last.items():
        if cause is Cause.OBJECT_MISSING:
            lost = [
                name for name, path in realization.outputs.items() if path is not None and path not in present
            ]
            details = [f"output `{name}` is missing or damaged in the store" for name in lost]
        elif cause is Cause.READ_CHANGED:
            node = plan.graph.nodes[number]
            assert isinstance(node, DerivedNode)
            details = list(node.work.changed(realization.reads))
        else:
            details = _changed_at_run_time(plan, number, realization)
        reasons[number] = Reason(cause, tuple(details))
    return reasons


def _changed_at_run_time(plan: Plan, number: int, realization: Realization) -> list[str]:
    trial = plan.found(number)
    if trial is None or trial[0] is not realization:
        families = [found.task[1] for found in realization.found]
    else:
        families = [
            found.task[1]
            for found, other in zip(realization.found, trial[1], strict=True)
            if other not in plan.settled or plan.settled[other].content != found.content
        ]
    return [f"`{family}`, which it found at run time, changed" for family in dict.fromkeys(families)]


def _waits(plan: Plan, number: int) -> Reason:
    """What a node that cannot be decided yet waits for."""
    node = plan.graph.nodes[number]
    if isinstance(node, GroupNode):
        if node.expand is not None:
            return Reason(Cause.UPSTREAM, (f"its branches are known after {_names(plan, node.after)}",))
        members = set(node.reads)
        absent = sum(member not in plan.settled for member in members)
        return Reason(Cause.UPSTREAM, (f"{absent} of {len(members)} are not there",))
    trial = plan.found(number)
    names = _names(plan, chain(node.reads, trial[1] if trial else ()))
    return Reason(Cause.UPSTREAM, (f"runs if {names} comes out with other content",))


def _names(plan: Plan, numbers: Iterable[int]) -> str:
    """The families of those nodes that are not settled."""
    waiting = [number for number in numbers if number not in plan.settled]
    labels = list(dict.fromkeys(f"`{plan.graph.nodes[number].work.label}`" for number in waiting))
    more = f" or {len(labels) - _NAMED} others" if len(labels) > _NAMED else ""
    return " or ".join(labels[:_NAMED]) + more
