"""Instances: luigi's memory of all tasks, without those that nobody holds any more.

luigi keeps every instance for good, so that equal parameters give the same one. While a graph is walked or a task is
built, tasks are made by the hundred thousand that nobody asks for again. Here a task is remembered as long as somebody
holds it, and luigi's promise is kept. For good are only those kept that have become something which another one with
the same parameters would not be.
"""

from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakValueDictionary

from law.workflow.base import BaseWorkflow
from luigi.task_register import Register

from lawnix.task.copies import Copies, are_made_by_law
from lawnix.task.derived import DerivedTask

_CACHE: Final = "_Register__instance_cache"  # luigi's
_MANY: Final = 1000  # tasks that are held although nobody else does: who made one may not be done with it

_Key = tuple[Any, tuple[tuple[str, Any], ...]]
"""luigi's: a class, and the values of all parameters by name."""


class Examples:
    """What is known of classes, so that their tasks can be made quickly; found out once for all builds of a run."""

    def __init__(self) -> None:
        self.copies: dict[type, Copies | None] = {}  # None of those that luigi keeps
        self.quick: set[type] = set()  # those that are made here

    def learn(self, cls: type, names: Sequence[str], task: Any) -> None:
        """Find out from a task that luigi has made how others of its class are."""
        passes = are_made_by_law(cls) and not issubclass(cls, BaseWorkflow)
        self.copies[cls] = copies = Copies(task, names) if passes else None
        if copies is not None and issubclass(cls, DerivedTask) and copies.share_constants:
            self.quick.add(cls)


@contextmanager
def passing(examples: Examples) -> Iterator[None]:
    """Within, tasks that are made are remembered only as long as somebody holds them."""
    kept = getattr(Register, _CACHE)
    if not isinstance(kept, dict):  # somebody has seen to it, or luigi is not to remember any
        yield
        return
    instances = Instances(kept, examples)
    setattr(Register, _CACHE, instances)
    try:
        yield
    finally:
        if getattr(Register, _CACHE) is instances:  # else they were all forgotten meanwhile
            instances.keep_living()
            setattr(Register, _CACHE, kept)


class Instances:
    """What luigi asks of the dictionary in which it keeps instances; tasks of lawnix are made here, quickly."""

    def __init__(self, kept: dict[_Key, Any], examples: Examples) -> None:
        """Those `kept` are found, too, and stay."""
        self._kept = kept
        # a weak one as soon as a task is made: most builds make none, and such a dictionary takes long to make
        self._passing: MutableMapping[tuple[Any, ...], Any] = {}
        self._young: list[tuple[_Key, Any]] = []
        self._examples = examples
        self._found: tuple[_Key | None, Any] = None, None  # luigi asks whether it is there, and then for it

    def __contains__(self, key: _Key) -> bool:
        task = self._find(key)
        if task is None:
            task = self._made(key)
        self._found = key, task
        return task is not None

    def __getitem__(self, key: _Key) -> Any:
        known, task = self._found
        if known is not key or task is None:
            task = self._find(key)
        if task is None:
            raise KeyError(key)
        return task

    def __setitem__(self, key: _Key, task: Any) -> None:
        cls = key[0]
        if cls not in self._examples.copies:
            self._examples.learn(cls, [name for name, _ in key[1]], task)
        if self._examples.copies[cls] is None:
            self._kept[key] = task
        else:
            self._enter(key, task)

    def keep_living(self) -> None:
        """From here on luigi keeps those that somebody holds, as it keeps all."""
        self._grow_up()
        self._found = None, None
        shared: dict[tuple[str, Any], tuple[str, Any]] = {}  # most values are the same for very many
        for (cls, *values), task in self._passing.items():
            pairs = zip([name for name, _ in cls.get_params()], values, strict=True)
            self._kept[cls, tuple([shared.setdefault(pair, pair) for pair in pairs])] = task

    def _find(self, key: _Key) -> Any:
        task = self._passing.get(_short(key))
        return self._kept.get(key) if task is None else task

    def _made(self, key: _Key) -> Any:
        """A copy, if such tasks are like copies but for their parameters; else None."""
        cls, pairs = key
        copies = self._examples.copies[cls] if cls in self._examples.quick else None
        if copies is None:
            return None
        values = [value for _, value in pairs]
        for (name, parameter), value in zip(cls.get_params(), values, strict=True):
            parameter._warn_on_wrong_param_type(name, value)
        task = copies.make(values)
        self._enter(key, task)
        return task

    def _enter(self, key: _Key, task: Any) -> None:
        if not self._passing and not isinstance(self._passing, WeakValueDictionary):
            self._passing = WeakValueDictionary()
        if len(self._young) >= _MANY:
            self._grow_up()
        self._passing[_short(key)] = task
        self._young.append((key, task))

    def _grow_up(self) -> None:
        """Keep those that somebody has given attributes to, and let the others pass."""
        for key, task in self._young:
            copies = self._examples.copies[key[0]]
            if copies is not None and copies.has_more(task):
                self._kept[key] = task
        self._young.clear()


def _short(key: _Key) -> tuple[Any, ...]:
    """The same in less room: the names are those of the class."""
    cls, pairs = key
    return (cls, *[value for _, value in pairs])
