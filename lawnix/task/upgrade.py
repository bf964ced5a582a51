"""Upgrades of the method by which code is digested: what a store knows by an earlier method keeps that digest.

A release with a new method keeps the old one, in `EARLIER`. Code that a store knows by its earlier digest goes by that
digest as long as both methods say that it is what it was, so nothing is built again. The first digest by the new method
that is met for it is written down in the store: what only the new method takes for a change is one.
"""

from __future__ import annotations  # a store's types are loaded by who makes values of them

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lawnix.core.canonical import canonical
from lawnix.core.digest import Digest, digest
from lawnix.errors import StoreError
from lawnix.settings import Settings
from lawnix.task.code.code import METHOD, Code
from lawnix.task.identity import Family, family_of

if TYPE_CHECKING:
    from lawnix.store.protocol import Store

logger = logging.getLogger(__name__)

EARLIER: Final[dict[int, Callable[[Any, Settings], Digest]]] = {}
"""How earlier releases digested the code of a class, by the number of the method; such a function never changes."""


def family_in_store(cls: Any, settings: Settings, store: Store) -> Family:
    """What all tasks of `cls` share, its code being named as `store` knows it."""
    family = family_of(cls, settings)
    return family._replace(code=replace(family.code, digest=name_in_store(cls, family.code, settings, store)))


def name_in_store(cls: Any, code: Code, settings: Settings, store: Store) -> Digest:
    """The digest by which `store` knows `code`, the code of `cls`; its own one if it knows none."""
    if not EARLIER:
        return code.digest
    digests = {method: EARLIER[method](cls, settings) for method in sorted(EARLIER)}
    digests[METHOD] = code.digest
    known = store.components(set(digests.values()))
    (_, name), *later = digests.items()
    new: dict[Digest, Mapping[str, str]] = {}
    for method, by_method in later:
        mark = digest("code by another method", canonical([name, method]))
        said = store.components([mark]).get(mark, {}).get("digest")
        if said is None and name in known and by_method not in known:
            new[mark] = {"method": str(method), "digest": by_method}
        elif said != by_method:
            name = by_method
    if new:
        from lawnix.store.protocol import Facts

        try:
            store.record(Facts(new))
        except StoreError as error:  # only to be read: the next who may write will
            logger.info("the digest of the code of %s by method %d is not kept: %s", cls, METHOD, error)
    return name
