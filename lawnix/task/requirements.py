"""`Task.req()`, quickly: ten thousand branches that require one task ask for it ten thousand times.

law compares the parameters of two classes, and luigi parses those of the instance, at every call. Which parameters are
handed on depends on the two classes alone, and the same values always give the same instance.
"""

from typing import Any, Final

import luigi

from lawnix.task.copies import state_of

_MANY: Final = 1000  # instances; those that many tasks require are soon remembered again


class Requirements:
    """What was required before, while nothing else changes: as long as a graph is walked."""

    def __init__(self) -> None:
        self._names: dict[tuple[type, type], tuple[str, ...]] = {}
        self._instances: dict[Any, luigi.Task] = {}

    def req(self, cls: Any, inst: luigi.Task, kwargs: dict[str, Any]) -> Any:
        """The instance that `cls.req(inst, **kwargs)` gave before; None if it has to be asked for."""
        key = self._key(cls, inst, kwargs)
        return None if key is None else self._instances.get(key)

    def keep(self, cls: Any, inst: luigi.Task, kwargs: dict[str, Any], required: luigi.Task) -> None:
        """Remember what `cls.req(inst, **kwargs)` gave."""
        key = self._key(cls, inst, kwargs)
        if key is not None:
            if len(self._instances) >= _MANY:
                self._instances.clear()
            self._instances[key] = required

    def _key(self, cls: Any, inst: luigi.Task, kwargs: dict[str, Any]) -> Any:
        """What decides the result of `req`; None where more than values does."""
        if cls.prefer_params_cli or any(name.startswith("_") for name in kwargs):
            return None
        classes = (cls, type(inst))
        names = self._names.get(classes)
        if names is None:
            names = self._names[classes] = tuple(cls.req_params(inst))
        values = state_of(inst)
        try:
            key = (classes, tuple(values[name] for name in names), tuple(kwargs.items()))
            hash(key)
        except (KeyError, TypeError):  # not set by luigi, or a value that cannot be hashed
            return None
        return key
