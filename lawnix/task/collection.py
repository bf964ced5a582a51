"""The outputs of all branches of a workflow, as one target."""

from collections.abc import Iterator
from typing import Any

import law

from lawnix.engine.current import current_build
from lawnix.task.session import session
from lawnix.task.target import StoreTarget, is_fetching


class StoreCollection(law.FileCollection):
    """Store targets, and what is there of them.

    An optional output that a build left out is not missing: what has been realized is there as it is.
    """

    optional_existing: bool | None

    def __init__(self, targets: Any, **kwargs: Any) -> None:
        law.TargetCollection.__init__(
            self, targets, **kwargs
        )  # law's file collection refuses other collections

    @property
    def _flat_target_list(self) -> list[Any]:
        """All targets; of those that are to be copied, the ones that are there."""
        return [target for target in self._all if not is_fetching() or target.exists()]

    @_flat_target_list.setter
    def _flat_target_list(self, targets: list[Any]) -> None:
        self._all = targets

    def _iter_state(self, existing: bool | None = True, **kwargs: Any) -> Iterator[Any]:
        """As in law, with another idea of what exists."""
        own = (
            kwargs.get("exists_func") is None
            and kwargs.get("optional_existing", self.optional_existing) is None
        )
        if existing is not None and own:
            kwargs["exists_func"] = _is_there
            if current_build.get() is None:  # there, what is read was told with the request
                session().view.numbers(self._tasks())  # once for all: each target would ask for itself
        return super()._iter_state(existing=existing, **kwargs)

    def remove(self, silent: bool = True, threads: int | None = None, **kwargs: Any) -> None:
        """Forget what was realized for these outputs, all at once; other targets are removed as in law."""
        session().view.forget(self._tasks(), "outputs removed")
        others = [target for target in self._flat_target_list if not isinstance(target, StoreTarget)]
        if others:
            law.TargetCollection(others).remove(silent=silent, threads=threads, **kwargs)

    def _tasks(self) -> list[Any]:
        """Whose outputs these are."""
        ours: dict[int, Any] = {
            id(target.task): target.task for target in self._all if isinstance(target, StoreTarget)
        }
        return list(ours.values())


def _is_there(target: Any) -> bool:
    return bool(target.exists()) or (isinstance(target, StoreTarget) and target.is_left_out())
