"""Rehashing: what was built before a release changed how a meaning is found out gets that meaning as well.

Nothing is rebuilt for it, and nothing forgotten: keys are made with the meaning that the build found out, and the
other one tells which of today's results say the same, see `senses`. It is found out when a result is used and its
object is still there; of others the earlier meaning is all that will ever be known.
"""

import logging
from collections.abc import Iterable

from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Meaning, Realization
from lawnix.engine.plan import Plan
from lawnix.engine.settled import Realized
from lawnix.errors import StoreAccessError, StoreFullError
from lawnix.store.meaning import is_current, parts_of
from lawnix.store.protocol import Facts, Store

logger = logging.getLogger(__name__)


def rehash_used(plan: Plan) -> None:
    """Rehash what was read in a run, as far as somebody could ask for it by today's meaning."""
    used = (
        settled.realization
        for number, settled in plan.settled.items()
        if isinstance(settled, Realized) and settled.kept.meanings and plan.graph.consumers[number]
    )
    rehash(plan.session.store, used)


def rehash(store: Store, realizations: Iterable[Realization]) -> int:
    """Find out by today's methods what outputs mean whose meaning is by an earlier one; how many there were."""
    stale: dict[ObjectPath, Meaning] = {}
    for realization in realizations:
        for name, meaning in realization.meanings.items():
            path = realization.outputs[name]
            if path is not None and not is_current(meaning.method):
                stale[path] = meaning
    if not stale:
        return 0
    known = store.meanings(stale)
    unknown = store.present(
        [path for path in stale if not any(is_current(m.method) for m in known.get(path, ()))]
    )
    found: dict[ObjectPath, list[Meaning]] = {}
    for path in sorted(unknown):
        parts = parts_of(store.location(path), path.name)
        if parts is not None:
            found[path] = [stale[path], Meaning(parts.methods, parts.digest())]
    try:
        store.record(Facts(meanings=found))
    except (StoreAccessError, StoreFullError) as error:  # it is only for later
        logger.info("what is meant by today's methods is not kept: %s", error)
    logger.info("rehashed %d outputs whose meaning was found out by an earlier method", len(found))
    return len(found)
