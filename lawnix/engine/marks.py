"""Marks: how what is reused came here, if it was not built."""

from collections.abc import Collection, Iterable, Mapping

from lawnix.core.decision import Cause, Reason
from lawnix.core.digest import Digest
from lawnix.core.realization import Realization
from lawnix.engine.plan import Plan
from lawnix.store.protocol import Store


def marks_of(plan: Plan, numbers: Iterable[int]) -> Mapping[int, Reason]:
    """The marks of those nodes that are settled and were not built."""
    chosen = {
        number: settled.realization
        for number in numbers
        if (settled := plan.settled.get(number)) is not None and settled.realization is not None
    }
    words = marks_in_words(plan.session.store, chosen.values())
    return {
        number: Reason(Cause.TAKEN_OVER, (words[realization.digest],))
        for number, realization in chosen.items()
        if realization.mark
    }


def marks_in_words(store: Store, realizations: Collection[Realization]) -> Mapping[Digest, str]:
    """The marks of those realizations that were not built: adopted, assumed, verified or refuted."""
    marked = {each.digest: each.mark for each in realizations if each.mark}
    verdicts = store.verdicts([name for name, mark in marked.items() if mark == "assumed"]) if marked else {}
    return {
        name: mark if name not in verdicts else ("verified" if verdicts[name].is_same else "assumed, refuted")
        for name, mark in marked.items()
    }
