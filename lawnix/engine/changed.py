"""Changed: what is to be built, beside what the store knows of earlier forms of it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Final

from lawnix.core.decision import Cause, Reason
from lawnix.core.derivation import Derivation, Input
from lawnix.core.difference import difference, sandbox_change
from lawnix.core.digest import Digest
from lawnix.core.wording import CodeChange, KnownCode, code_change
from lawnix.engine.graph import DerivedNode, ForeignNode, GroupNode
from lawnix.engine.past import Contents, Relatives
from lawnix.engine.plan import Plan
from lawnix.store.protocol import Store

_NAMED: Final = 3  # inputs, or tasks of an input, that are named in one reason
_COLLECTED: Final = "collected"


def changed(plan: Plan, nodes: Mapping[int, DerivedNode]) -> dict[int, Reason]:
    """The reasons of those `nodes` that are to be built for one of their own; the others wait for what they need.

    Args:
        plan: The plan.
        nodes: Nodes of it, by number, that have no realization.
    """
    if not nodes:
        return {}
    store = plan.session.store
    names = {n: plan.keys[n] if n in plan.builds else _derivation(node).digest for n, node in nodes.items()}
    forgotten = store.was_forgotten(set(names.values()))
    reasons = {number: _forgotten(forgotten[name]) for number, name in names.items() if name in forgotten}
    open_ = {number: _derivation(node) for number, node in nodes.items() if number not in reasons}
    relatives = Relatives(store, list(open_.values()))
    pairs: dict[int, Derivation] = {}
    for number, new in open_.items():
        old = relatives.nearest(new, partial(_without_waiting, plan, number, new))
        if old is None:
            reasons[number] = Reason(Cause.NEVER_BUILT, ("never built",))
        elif (old.branch and old.branch[1]) != (new.branch and new.branch[1]):
            reasons[number] = Reason(Cause.NEVER_BUILT, ("its branch data is new",))
        else:
            pairs[number] = old
    past = _Past(plan, pairs, open_)
    for number, old in pairs.items():
        reason = past.reason(number, nodes[number], old, open_[number])
        if reason is not None:
            reasons[number] = reason
    return reasons


def known_code(store: Store, codes: Iterable[Digest]) -> dict[Digest, KnownCode]:
    """What the store knows of code with these digests, less where it stands."""
    components = store.components(set(codes))
    names = {Digest(part) for parts in components.values() for part in parts.values()}
    wordings = store.wordings(names) if names else {}
    return {code: KnownCode(parts, {}, wordings) for code, parts in components.items()}


def _forgotten(why: str) -> Reason:
    how = "output removed by gc" if why == _COLLECTED else f"its realization was forgotten: {why}"
    return Reason(Cause.FORGOTTEN, (how,))


def _derivation(node: DerivedNode) -> Derivation:
    assert node.derivation is not None
    return node.derivation


def _without_waiting(plan: Plan, number: int, new: Derivation, old: Derivation) -> Derivation:
    """`new` with the inputs of `old` where nothing is known of them yet."""
    read = plan.graph.nodes[number].inputs
    inputs = {
        role: old.inputs.get(role, input_) if read[role] not in plan.settled else input_
        for role, input_ in new.inputs.items()
    }
    return new if inputs == new.inputs else replace(new, inputs=inputs)


class _Past:
    """What the store knows of the nearest earlier forms of nodes, asked once for all of them."""

    def __init__(self, plan: Plan, pairs: Mapping[int, Derivation], new: Mapping[int, Derivation]) -> None:
        store = plan.session.store
        self._plan = plan
        self._codes = known_code(store, {old.code for n, old in pairs.items() if old.code != new[n].code})
        sandboxes = {old.sandbox for n, old in pairs.items() if old.sandbox and old.sandbox != new[n].sandbox}
        self._sandboxes = store.components(sandboxes)
        self._contents = Contents(store, _earlier_inputs(plan, pairs, new))
        built = store.by_derivation({old.digest for old in pairs.values()})
        self._since = {
            number: max(each.record.started for each in built[old.digest])
            for number, old in pairs.items()
            if old.digest in built
        }
        self._changes: dict[tuple[Digest, Digest], CodeChange] = {}
        self._builds: dict[int, list[tuple[float, str]]] = {}  # of inputs: when, and of what

    def reason(self, number: int, node: DerivedNode, old: Derivation, new: Derivation) -> Reason | None:
        """Why the node is built, if not for what it waits for."""
        new = self._without_same_content(number, old, new)
        code = CodeChange() if old.code == new.code else self._code_change(node, old.code, new.code)
        rebuilt = {
            role: words
            for role, input_ in new.inputs.items()
            if input_ != old.inputs.get(role, input_) and (words := self._rebuilt(number, role))
        }
        before = self._sandboxes.get(old.sandbox, {}) if old.sandbox else {}
        sandbox = sandbox_change(before, node.work.sandbox_parts if before else {})
        statements = difference(old, new, code, rebuilt, sandbox) + self._parameters(number, old, new)
        if statements:
            return Reason(Cause.CHANGED, statements, code.rewritten)
        return self._other_content(number, node) if number in self._plan.builds else None

    def _code_change(self, node: DerivedNode, old: Digest, new: Digest) -> CodeChange:
        """How code differs, found out once for all branches of a workflow."""
        if (old, new) not in self._changes:
            work = node.work
            after = KnownCode(work.components, work.places, work.wordings())
            self._changes[old, new] = code_change(self._codes.get(old, KnownCode()), after)
        return self._changes[old, new]

    def _without_same_content(self, number: int, old: Derivation, new: Derivation) -> Derivation:
        """`new` with the inputs of `old` where nothing is known yet, or where they have come out as they were."""
        read = self._plan.graph.nodes[number].inputs
        inputs = dict(_without_waiting(self._plan, number, new, old).inputs.items())
        for role, input_ in inputs.items():
            before, settled = old.inputs.get(role), self._plan.settled.get(read[role])
            if (
                before is not None
                and before != input_
                and settled is not None
                and self._contents.had(before, settled.content)
            ):
                inputs[role] = before
        return replace(new, inputs=inputs)

    def _parameters(self, number: int, old: Derivation, new: Derivation) -> tuple[str, ...]:
        """Inputs that hold what they held, but whose parameters the code may read, and these changed."""
        if not new.reads_parameters:
            return ()
        nodes = self._plan.graph.nodes
        read = nodes[number].inputs
        statements = []
        for role, input_ in new.inputs.items():
            other = nodes[read[role]]
            before = self._contents.derivations.get(input_.digest) if input_ == old.inputs.get(role) else None
            if before is None or not isinstance(other, DerivedNode) or other.derivation is None:
                continue
            if before.parameters_digest != other.derivation.parameters_digest:
                shown = _shown(role, input_.label)
                statements.append(f"parameters of input {shown} changed, which its code may read")
        return tuple(statements)

    def _other_content(self, number: int, node: DerivedNode) -> Reason:
        """Nothing differs by name, so an input has another content: one rebuilt since, or one from outside."""
        rebuilt = {role: words for role in node.inputs if (words := self._rebuilt(number, role))}
        statements = [
            f"input {f'`{role}` ' if role else ''}changed content ({words})"
            for role, words in rebuilt.items()
        ]
        outside = [role for role, other in node.inputs.items() if _is_from_outside(self._plan, other)]
        roles = outside or ([] if rebuilt else list(node.inputs))
        if roles:
            nodes = self._plan.graph.nodes
            names = [_shown(role, nodes[node.inputs[role]].work.label) for role in roles[:_NAMED]]
            statements.append(f"content of input {' or '.join(names)} changed")
        if not statements:
            return Reason(Cause.NEVER_BUILT, ("never built",))
        return Reason(Cause.CHANGED, tuple(statements))

    def _rebuilt(self, number: int, role: str) -> str:
        """What of an input was built since the node was, in words; empty if nothing was."""
        other = self._plan.graph.nodes[number].inputs[role]
        since = self._since.get(number)
        if since is None:
            return ""
        if other not in self._builds:
            self._builds[other] = sorted(_builds(self._plan, other), reverse=True)
        later = list(takewhile(lambda build: build[0] > since, self._builds[other]))
        if not later:
            return ""
        more = f" and {len(later) - _NAMED} more" if len(later) > _NAMED else ""
        return f"{', '.join(name for _, name in later[:_NAMED])}{more} rebuilt {_ago(later[0][0])}"


def _earlier_inputs(
    plan: Plan, pairs: Mapping[int, Derivation], derivations: Mapping[int, Derivation]
) -> Iterable[Input]:
    """The inputs of earlier derivations whose content is to be compared with what is known now."""
    for number, old in pairs.items():
        read = plan.graph.nodes[number].inputs
        for role, input_ in derivations[number].inputs.items():
            before = old.inputs.get(role)
            if before is not None and before != input_ and read[role] in plan.settled:
                yield before


def _builds(plan: Plan, number: int) -> Iterator[tuple[float, str]]:
    """When each task that a node stands for was built, and its name."""
    stack, seen = [(number, "")], set()
    while stack:
        current, role = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        node, settled = plan.graph.nodes[current], plan.settled.get(current)
        if isinstance(node, GroupNode):
            stack += [(member, role) for role, member in node.inputs.items()]
        elif settled is not None and settled.realization is not None:
            branch = f" #{role}" if role.isdecimal() else ""
            yield settled.realization.record.started, f"{node.work.label}{branch}"


def _ago(moment: float) -> str:
    import humanize  # seldom needed

    return humanize.naturaltime(time.time() - moment)


def _is_from_outside(plan: Plan, number: int) -> bool:
    return any(isinstance(plan.graph.nodes[member], ForeignNode) for member in plan.graph.members(number))


def _shown(role: str, label: str) -> str:
    return f"`{role}` ({label})" if role else f"({label})"
