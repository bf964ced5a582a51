"""Setters: the methods of a task that give it the attributes that `run()` reads, as `__init__` does."""

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from types import FunctionType

from lawnix.task.code.functions import names_of
from lawnix.task.code.names import Names
from lawnix.task.code.project import Project, unveiled
from lawnix.task.code.resolve import static_attribute
from lawnix.task.code.wrappers import functions_in


@dataclass(frozen=True, slots=True)
class Method:
    """A function of the project that stands in a class, among its bases or itself.

    Attributes:
        name: The attribute that it is reached by, also as the property that it belongs to.
        owner: The class that it stands in.
        above: The base that `owner` comes after, if any, so that the attribute can be found again.
        function: The function itself.
        names: What it speaks of.
    """

    name: str
    owner: type
    above: type | None
    function: FunctionType
    names: Names

    @property
    def sets(self) -> frozenset[str]:
        """The attributes that it assigns or changes, as they are kept."""
        return frozenset(mangled(each, self.owner) for each in self.names.sets)

    @property
    def calls(self) -> frozenset[str]:
        """What it may call of its own class."""
        by_name = {chain[-1] for chain in self.names.free if len(chain) > 1}  # Base.__init__(self)
        own = {mangled(each, self.owner) for each in self.names.own}
        return frozenset(own | self.names.above | by_name)


def methods_of(cls: type, project: Project) -> Sequence[Method]:
    """All methods that the project gives to `cls`, also those that others override."""
    found: list[Method] = []
    above: type | None = None
    for base in cls.__mro__:
        if project.owns_class(base):
            for name, value in sorted(vars(base).items()):
                functions = functions_in(unveiled(value))
                found += [
                    Method(name, base, above, each, names_of(each))
                    for each in functions
                    if project.owns_function(each)
                ]
        above = base
    return found


def setters_of(
    wanted: Set[str],
    methods: Sequence[Method],
    cls: type,
    *,
    walked: Collection[int],
    hands_on: Callable[[FunctionType, Names], bool],
) -> Sequence[Method]:
    """Those of `methods` that decide what the attributes `wanted` of a task are, less those `walked`.

    These are the ones that assign them, and what calls these: it may say with what. What `run()` reaches it calls
    itself; of the callers of that only `__init__` counts, which is always called before.
    """
    explicit = {name for each in methods for name in each.sets}
    is_hidden = any(name not in explicit and static_attribute(cls, name)[0] is None for name in wanted)

    def assigns(each: Method) -> bool:
        return (
            not wanted.isdisjoint(each.sets - {"*"})
            or ("*" in wanted and bool(each.sets))
            or (is_hidden and ("*" in each.sets or hands_on(each.function, each.names)))
        )

    assigning = [each for each in methods if assigns(each)]
    found = {id(each.function): each for each in assigning if id(each.function) not in walked}
    reached = {each.name for each in assigning}
    while True:
        asked = {each.name for each in found.values()}
        more = {
            id(each.function): each
            for each in methods
            if id(each.function) not in found
            and id(each.function) not in walked
            and not each.calls.isdisjoint(reached | asked if each.name == "__init__" else asked)
        }
        if not more:
            return list(found.values())
        found.update(more)


def mangled(name: str, owner: type) -> str:
    """`self.__x` as it is kept in the class that writes it."""
    if name.startswith("__") and not name.endswith("__"):
        return f"_{owner.__name__.lstrip('_')}{name}"
    return name
