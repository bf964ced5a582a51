"""law's collections of siblings, which look at one directory for all of their targets, with store targets in them.

Those have a directory in common in their build, but none in the store. A collection of them becomes one of the store,
which answers for all of them at once, too.
"""

import functools
from collections.abc import Callable
from types import GeneratorType
from typing import Any

from law.target.collection import NestedSiblingFileCollection, SiblingFileCollection

from lawnix.errors import DeclarationError
from lawnix.task.collection import StoreCollection
from lawnix.task.structure import leaves
from lawnix.task.target import StoreTarget


def install() -> None:
    """Let law's collections of siblings take store targets; done once."""
    for cls in (SiblingFileCollection, NestedSiblingFileCollection):
        if not hasattr(cls.__init__, "__lawnix__"):
            cls.__init__ = _taking(cls, cls.__init__)  # type: ignore[method-assign]  # on purpose


def _taking(cls: Any, init: Callable[..., None]) -> Any:
    @functools.wraps(init)
    def taking(self: Any, targets: Any, *args: Any, **kwargs: Any) -> None:
        targets = list(targets) if isinstance(targets, GeneratorType) else targets
        if not any(isinstance(target, StoreTarget) for _, target in leaves(targets)):
            init(self, targets, *args, **kwargs)
        elif type(self) is cls:
            self.__class__ = StoreCollection
            self.__init__(targets, *args, **kwargs)
        else:
            raise DeclarationError(
                f"{type(self).__name__} is a {cls.__name__}, whose targets lie in one directory, but outputs in "
                "a store have none in common; derive it from law.FileCollection"
            )

    taking.__lawnix__ = True  # type: ignore[attr-defined]  # a mark, so that it is done once
    return taking
