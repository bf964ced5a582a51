"""Adoption: results of earlier code are taken over by code that cannot give others, after a sample has shown it."""

import getpass
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lawnix.core.derivation import Derivation
from lawnix.core.digest import Digest
from lawnix.core.realization import Realization
from lawnix.engine.check import Checked, check, sample_of
from lawnix.engine.compare import Difference
from lawnix.engine.executor.protocol import Executor
from lawnix.engine.facts import FactsOfRun
from lawnix.engine.graph import DerivedNode
from lawnix.engine.messages import Built
from lawnix.engine.plan import Plan
from lawnix.engine.resolve import resolve
from lawnix.store.protocol import Store


@dataclass(slots=True)
class Adoption:
    """What came of it.

    Attributes:
        adopted: Nodes with what was taken over.
        sample: Nodes that were built, with how they came out.
    """

    adopted: dict[int, Realization]
    sample: dict[int, Checked]

    @property
    def is_refused(self) -> bool:
        """Whether something came out otherwise, so that nothing was taken over."""
        return any(not checked.is_same for checked in self.sample.values())


def adopt(plan: Plan, executor: Callable[[], Executor], sample: int) -> Adoption:
    """Take over what earlier code of the same tasks has built from the same inputs.

    Of each family, `sample` tasks are built and compared first. If one comes out otherwise, nothing is taken over. What
    reads something that was taken over is looked at in its turn.
    """
    result = Adoption({}, {})
    while candidates := _candidates(plan, set(result.adopted)):
        chosen = sample_of(plan, candidates, sample)
        result.sample |= _with_reads(check(plan, executor(), chosen, 1))
        if result.is_refused:
            result.adopted.clear()
            return result
        for number, earlier in candidates.items():
            taken = _taken_over(plan, number, earlier, len(chosen), len(candidates))
            result.adopted[number] = taken
            plan.accept(number, taken)
        plan.settle()
        plan.demand()
    if result.adopted:
        taken_over = [Built(number, each) for number, each in result.adopted.items()]
        plan.session.store.record(FactsOfRun(plan).of(taken_over))
        plan.session.store.flush()
    return result


def _with_reads(checked: Mapping[int, Checked]) -> Mapping[int, Checked]:
    """The same, where what was read of tracked views counts, too: what was taken over holds as long as that does."""
    for each in checked.values():
        if each.is_same and each.again is not None:
            places = sorted({read.view for read in {*each.first.reads} ^ {*each.again.reads}})
            each.differences = [
                Difference(f"what is read of `{place}`", ["another place, or another answer"])
                for place in places
            ]
    return checked


def _candidates(plan: Plan, done: set[int]) -> dict[int, Realization]:
    """What is to be built now, with what earlier code made of the same inputs, if that is still there."""
    numbers = [n for n in plan.builds if n not in done and plan.demanded(n) and plan.is_ready(n)]
    derived = {n: node for n in numbers if isinstance(node := plan.graph.nodes[n], DerivedNode)}
    earlier = _earlier_forms(plan.session.store, derived)
    keys = {
        number: [_key(plan, number, derived[number], form) for form in forms]
        for number, forms in earlier.items()
    }
    known = plan.session.store.realizations({key for several in keys.values() for key in several})
    found = {
        number: holding[-1]
        for number, several in keys.items()
        for key in reversed(several)
        if (holding := [r for r in known.get(key, ()) if not derived[number].work.changed(r.reads)])
    }
    paths = {path for each in found.values() for path in each.outputs.values() if path is not None}
    there = plan.session.store.present(paths)
    return {
        number: each
        for number, each in found.items()
        if not each.found and all(path is None or path in there for path in each.outputs.values())
    }


def _earlier_forms(store: Store, nodes: Mapping[int, DerivedNode]) -> dict[int, list[Derivation]]:
    """The tasks as they would be with the code of earlier ones, the latest first."""
    lineages = {node.derivation.lineage for node in nodes.values() if node.derivation is not None}
    relatives = store.relatives(lineages)
    forms: dict[int, list[Derivation]] = {}
    for number, node in nodes.items():
        new = node.derivation
        assert new is not None
        codes = {(old.code, old.reads_parameters): old for old in reversed(relatives.get(new.lineage, ()))}
        forms[number] = [
            replace(new, code=old.code, reads_parameters=old.reads_parameters)
            for old in reversed(codes.values())
            if old.code != new.code
        ]
    return forms


def _key(plan: Plan, number: int, node: DerivedNode, form: Derivation) -> Digest:
    own, node.derivation = node.derivation, form
    try:
        return resolve(plan.graph, number, lambda other: plan.settled[other].content)
    finally:
        node.derivation = own


def _taken_over(plan: Plan, number: int, earlier: Realization, sampled: int, among: int) -> Realization:
    node = plan.graph.nodes[number]
    assert isinstance(node, DerivedNode)
    assert node.derivation is not None
    mark = {
        "from": earlier.digest,
        "by": getpass.getuser(),
        "at": f"{time.time():.0f}",
        "sample": f"{sampled} of {among} were built and came out the same",
    }
    return Realization(
        plan.keys[number],
        node.derivation.digest,
        earlier.outputs,
        (),
        replace(earlier.record, adopted=mark),
        earlier.meanings,
        earlier.reads,
    )


def adopted_of(plan: Plan, numbers: Sequence[int]) -> list[Realization]:
    """What was taken over for these nodes."""
    chosen = [settled.realization for n in numbers if (settled := plan.settled.get(n)) is not None]
    return [each for each in chosen if each is not None and (each.record.adopted or each.record.assumed)]
