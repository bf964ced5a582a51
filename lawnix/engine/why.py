"""Why: the reasons for what a plan says, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from lawnix.core.decision import Cause, Reason
from lawnix.core.derivation import Derivation, Input
from lawnix.core.difference import difference
from lawnix.core.realization import Realization
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.engine.past import Contents, Relatives
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
            needed = [other for other in (*node.inputs.values(), *node.after) if other in hopeless]
            reasons[number] = Reason(Cause.BROKEN, (f"{_names(plan, needed)} cannot run",))
        elif plan.rejected(number):
            rejected.append(number)
        elif isinstance(node, DerivedNode) and node.derivation is not None:
            derived[number] = node
        elif isinstance(node, ForeignNode) and number in plan.builds:
            reasons[number] = Reason(Cause.INCOMPLETE, (f"{node.work.missing()} does not exist",))
        else:
            reasons[number] = _waits(plan, number)
    return reasons | _rejected(plan, rejected) | _compared(plan, derived)


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
        members = set(node.inputs.values())
        absent = sum(member not in plan.settled for member in members)
        return Reason(Cause.UPSTREAM, (f"{absent} of {len(members)} are not there",))
    trial = plan.found(number)
    names = _names(plan, chain(node.inputs.values(), trial[1] if trial else ()))
    return Reason(Cause.UPSTREAM, (f"runs if {names} comes out with other content",))


def _names(plan: Plan, numbers: Iterable[int]) -> str:
    """The families of those nodes that are not settled."""
    waiting = [number for number in numbers if number not in plan.settled]
    labels = list(dict.fromkeys(f"`{plan.graph.nodes[number].work.label}`" for number in waiting))
    more = f" or {len(labels) - _NAMED} others" if len(labels) > _NAMED else ""
    return " or ".join(labels[:_NAMED]) + more


# ---------------------------------------------------------------------------- compared with the past


def _compared(plan: Plan, nodes: Mapping[int, DerivedNode]) -> dict[int, Reason]:
    """The reasons of nodes that have no realization yet, by what differs from what the store knows."""
    if not nodes:
        return {}
    store = plan.session.store
    forgotten = store.was_forgotten({plan.keys[number] for number in nodes if number in plan.builds})
    reasons = {
        number: Reason(Cause.FORGOTTEN, ("its realization was removed or collected",))
        for number in nodes
        if number in plan.builds and plan.keys[number] in forgotten
    }
    open_ = {number: _derivation(node) for number, node in nodes.items() if number not in reasons}
    relatives = Relatives(store, list(open_.values()))
    pairs: dict[int, Derivation] = {}
    for number, new in open_.items():
        old = relatives.nearest(new, partial(_without_waiting, plan, number, new))
        if old is None:
            reasons[number] = Reason(Cause.NEVER_BUILT, ("never built",))
        else:
            pairs[number] = old
    codes = store.components({old.code for number, old in pairs.items() if old.code != open_[number].code})
    contents = Contents(store, _earlier_inputs(plan, pairs, open_))
    for number, old in pairs.items():
        new = _without_same_content(plan, number, old, open_[number], contents)
        work = nodes[number].work
        statements = difference(old, new, codes.get(old.code), work.components, work.places)
        statements += _parameters(plan, number, old, new, contents)
        if (old.branch and old.branch[1]) != (new.branch and new.branch[1]):
            reasons[number] = Reason(Cause.NEVER_BUILT, ("its branch data is new",))
        elif statements:
            reasons[number] = Reason(Cause.CHANGED, statements)
        elif number in plan.builds:
            reasons[number] = _other_content(plan, number)
        else:
            reasons[number] = _waits(plan, number)
    return reasons


def _derivation(node: DerivedNode) -> Derivation:
    assert node.derivation is not None
    return node.derivation


def _without_waiting(plan: Plan, number: int, new: Derivation, old: Derivation) -> Derivation:
    """`new` with the inputs of `old` where nothing is known of them yet."""
    node = plan.graph.nodes[number]
    inputs = {
        role: old.inputs.get(role, input_) if node.inputs[role] not in plan.settled else input_
        for role, input_ in new.inputs.items()
    }
    return new if inputs == new.inputs else replace(new, inputs=inputs)


def _earlier_inputs(
    plan: Plan, pairs: Mapping[int, Derivation], derivations: Mapping[int, Derivation]
) -> Iterable[Input]:
    """The inputs of earlier derivations whose content is to be compared with what is known now."""
    for number, old in pairs.items():
        node = plan.graph.nodes[number]
        for role, input_ in derivations[number].inputs.items():
            before = old.inputs.get(role)
            if before is not None and before != input_ and node.inputs[role] in plan.settled:
                yield before


def _without_same_content(
    plan: Plan, number: int, old: Derivation, new: Derivation, contents: Contents
) -> Derivation:
    """`new` with the inputs of `old` where nothing is known yet, or where they have come out as they were."""
    node = plan.graph.nodes[number]
    inputs = dict(_without_waiting(plan, number, new, old).inputs)
    for role, input_ in inputs.items():
        before, settled = old.inputs.get(role), plan.settled.get(node.inputs[role])
        if (
            before is not None
            and before != input_
            and settled is not None
            and contents.had(before, settled.content)
        ):
            inputs[role] = before
    return replace(new, inputs=inputs)


def _parameters(
    plan: Plan, number: int, old: Derivation, new: Derivation, contents: Contents
) -> tuple[str, ...]:
    """Inputs that hold what they held, but whose parameters the code may read, and these changed."""
    if not new.reads_parameters:
        return ()
    node = plan.graph.nodes[number]
    statements = []
    for role, input_ in new.inputs.items():
        other = plan.graph.nodes[node.inputs[role]]
        before = contents.derivations.get(input_.digest) if input_ == old.inputs.get(role) else None
        if before is None or not isinstance(other, DerivedNode) or other.derivation is None:
            continue
        if before.parameters_digest != other.derivation.parameters_digest:
            statements.append(
                f"parameters of input {_shown(role, input_.label)} changed, which its code may read"
            )
    return tuple(statements)


def _other_content(plan: Plan, number: int) -> Reason:
    """Nothing differs by name, so an input has another content: most likely one that comes from outside."""
    node = plan.graph.nodes[number]
    outside = [role for role, other in node.inputs.items() if _is_from_outside(plan, other)]
    roles = outside or list(node.inputs)
    if not roles:
        return Reason(Cause.NEVER_BUILT, ("never built",))
    names = " or ".join(
        _shown(role, plan.graph.nodes[node.inputs[role]].work.label) for role in roles[:_NAMED]
    )
    return Reason(Cause.CHANGED, (f"content of input {names} changed",))


def _is_from_outside(plan: Plan, number: int) -> bool:
    stack, seen = [number], set()
    while stack:
        current = stack.pop()
        node = plan.graph.nodes[current]
        if isinstance(node, ForeignNode):
            return True
        if isinstance(node, GroupNode) and current not in seen:
            seen.add(current)
            stack.extend(node.inputs.values())
    return False


def _shown(role: str, label: str) -> str:
    return f"`{role}` ({label})" if role else f"({label})"
