"""Verdicts: what a check shows about results that were assumed, written down with them."""

import getpass
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lawnix.core.realization import Realization, Verdict
from lawnix.engine.check import Checked
from lawnix.engine.plan import Plan
from lawnix.store.protocol import Facts


def judge(
    plan: Plan, checked: Mapping[int, Checked], among: Mapping[int, Realization]
) -> Mapping[int, Verdict]:
    """Record what a check has shown about those nodes that were assumed.

    What came out the same is verified; and if all that was built of a family did, so is the rest of it. If anything
    differs, nothing of the rest is believed more than before, and a verdict that it had from an earlier sample is taken
    back.

    Args:
        plan: Where the nodes stand.
        checked: Those that were built again.
        among: All of which they are a sample.
    """
    families: dict[str, list[int]] = defaultdict(list)
    for number, realization in among.items():
        if realization.mark == "assumed":
            families[plan.graph.nodes[number].work.label].append(number)
    earlier = plan.session.store.verdicts({among[n].digest for numbers in families.values() for n in numbers})
    known = {number: earlier[r.digest] for number, r in among.items() if r.digest in earlier}
    verdicts: dict[int, Verdict] = {}
    for numbers in families.values():
        verdicts |= _judged(numbers, checked, known)
    if verdicts:
        facts = {among[number].digest: verdict for number, verdict in verdicts.items()}
        plan.session.store.record(Facts(verdicts=facts))
        plan.session.store.flush()
    return verdicts


def _judged(
    numbers: Sequence[int], checked: Mapping[int, Checked], known: Mapping[int, Verdict]
) -> dict[int, Verdict]:
    """The verdicts on the assumed tasks of one family."""
    by, at = getpass.getuser(), round(time.time())
    built = {
        number: Verdict(by, at, checked[number].is_same, was_built=True, words=_words(checked[number]))
        for number in numbers
        if number in checked and not checked[number].failure
    }
    if not built:
        return {}
    own = {number: each for number, each in known.items() if number in numbers and each.was_built} | built
    same = sum(verdict.is_same for verdict in own.values())
    words = f"{same} of {len(own)} that were built, of {len(numbers)}, came out the same"
    rest = Verdict(by, at, same == len(own), was_built=False, words=words)
    return built | {number: rest for number in numbers if number not in own}


def _words(checked: Checked) -> str:
    if checked.is_same:
        return "it was built, and came out the same"
    places = [f"{each.output}: {each.places[0]}" for each in checked.differences if each.places]
    return f"it was built, and came out otherwise: {'; '.join(places)}"
