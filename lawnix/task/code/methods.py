"""Methods: what a task's `run()` reaches of its own class, on the order of bases of that class."""

import builtins
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Final

from lawnix.errors import NoSourceError
from lawnix.task.code.files import nested
from lawnix.task.code.graph import Graph
from lawnix.task.code.names import Chain, Names
from lawnix.task.code.parts import Lead, foreign_name, named, target
from lawnix.task.code.project import TOOLS, Project, is_function, is_parameter, is_tool, unveiled, unwrapped
from lawnix.task.code.resolve import ABSENT, static_attribute
from lawnix.task.code.setters import Method, mangled, methods_of, setters_of
from lawnix.task.code.untracked import is_untracked
from lawnix.task.code.wrappers import closure, functions_in

# what these decide is in the derivation, or decides no result, unless they set attributes that are read
NOT_OF_THE_BUILDER: Final = frozenset(
    [
        "__init__",
        "complete",
        "create_branch_map",
        "deps",
        "disabled",
        "get_task_family",
        "on_failure",
        "on_success",
        "output",
        "priority",
        "requires",
        "resources",
        "retry_count",
        "task_family",
        "task_namespace",
        "worker_timeout",
        "workflow_complete",
        "workflow_output",
        "workflow_requires",
    ]
)


@dataclass(slots=True)
class Reached:
    """What `run()` reaches of its class.

    Attributes:
        leads: To what the project gives, by attribute.
        methods: The places in memory of the functions among them.
        reads: Names of all attributes of the task that are read.
        warnings: What a person should know.
        found: Each attribute with the base that was asked to go beyond, and what was found, to look again.
    """

    leads: list[Lead] = field(default_factory=list)
    methods: set[int] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    found: list[tuple[str, type | None, object]] = field(default_factory=list)

    def holds(self, cls: type) -> bool:
        """Whether all attributes of `cls` are still what they were."""
        return all(
            unveiled(static_attribute(cls, name, above)[1]) is value for name, above, value in self.found
        )


class _Walk:
    def __init__(self, cls: type, graph: Graph, project: Project) -> None:
        self._cls, self._graph, self._project = cls, graph, project
        self.reached = Reached()
        self._seen: set[tuple[str, type | None]] = set()
        self._todo: list[tuple[str, type | None]] = []
        self._own: list[FunctionType] = []  # methods of the project that were met
        self._root = ""
        self._is_spread = False  # whether a whole task was handed to a function of the project
        self._read_elsewhere: set[str] = set()  # attributes that such functions read of anything
        self._methods: Sequence[Method] | None = None

    def walk(self, root: str) -> Reached:
        self._root = root
        for base in [*self._cls.__mro__, *inspect.getmro(type(self._cls))]:
            self._of_library(base)  # whatever of it is asked; __init__, too, makes what run() reads
        self._todo.append((root, None))
        while self._todo or self._take_setters():
            self._drain()
            self._is_spread = self._is_spread or any(
                self._hands_on(each, self._names_of(each)) for each in self._own
            )
            if self._is_spread:
                self._spread()
        return self.reached

    def _drain(self) -> None:
        while self._todo:
            name, above = self._todo.pop()
            if (name, above) not in self._seen:
                self._seen.add((name, above))
                self._reach(name, above)

    def _reach(self, name: str, above: type | None) -> None:
        is_root = name == self._root and above is None
        owner, value = static_attribute(self._cls, name, above)
        self.reached.found.append((name, above, unveiled(value)))
        if (
            owner is None
            or value is None
            or (name in NOT_OF_THE_BUILDER and not is_root)
            or is_parameter(value)
        ):
            return
        functions = [] if isinstance(value, staticmethod) else functions_in(unveiled(value))
        if self._project.owns_class(owner):
            if not self._take(f"{'super' if above else 'own'} {name}", name, owner, value):
                return
        elif is_root:
            self.reached.leads.append(Lead(f"own {name}", named(foreign_name(unwrapped(value)))))
            if owner.__module__ != "luigi.task":  # where run() does nothing
                self._all_of_the_project()
        for function in functions:
            if is_untracked(function):
                continue
            if self._project.owns_function(function):
                self._method(function, owner)
            elif not (self._project.owns_class(owner) or is_tool(owner)):
                self._of_library(function)
                # of a library: what it calls of this class is reached, what it reads is its own affair
                words = {word for code in nested(function.__code__) for word in code.co_names}
                self._todo += [(word, None) for word in sorted(words)]

    def _take(self, label: str, name: str, owner: type, value: object) -> bool:
        """Let an attribute that the project gives count; whether what is in it counts, too."""
        end = target(unveiled(value), f"{owner.__qualname__}.{name}", self._project)
        self.reached.leads.append(Lead(label, end))
        if is_untracked(value) or is_untracked(unwrapped(value)):
            return False
        self._graph.add(end)
        own = f"{owner.__qualname__}."
        functions = [] if isinstance(value, staticmethod) else functions_in(unveiled(value))
        self.reached.methods.update(
            id(each) for each in functions if each.__code__.co_qualname.startswith(own)
        )
        return True

    def _take_setters(self) -> bool:
        """Let the methods count that set what is read, though `run()` does not call them; whether there are more."""
        if self._methods is None:
            self._methods = methods_of(self._cls, self._project)
        walked = {id(each) for each in self._own}
        wanted = self.reached.reads | self._read_elsewhere
        more = setters_of(wanted, self._methods, self._cls, walked=walked, hands_on=self._hands_on)
        for each in more:
            value = vars(each.owner)[each.name]
            self.reached.found.append((each.name, each.above, unveiled(value)))
            self._own.append(each.function)
            if self._take(f"set {each.name}", each.name, each.owner, value):
                self._method(each.function, each.owner)
        return bool(more)

    def _of_library(self, thing: type | FunctionType) -> None:
        """Let the package of a base, or of what it was given, be among those that are used."""
        is_own = (
            self._project.owns_class(thing) if isinstance(thing, type) else self._project.owns_function(thing)
        )
        top = foreign_name(thing).partition(".")[0]
        if not is_own and top not in TOOLS and top not in sys.stdlib_module_names:
            self._graph.add(named(top))

    def _method(self, function: FunctionType, owner: type) -> None:
        names = self._names_of(function)
        self._own.append(function)
        for name in names.own:
            self._read(mangled(name, owner), None)
        for name in names.above:
            self._read(name, owner)
        if names.opaque_self:
            self.reached.reads.add("*")
            self.reached.warnings.append(
                f"all attributes of {self._cls.__qualname__} count, since {function.__qualname__} looks at them in a "
                "way that cannot be followed (getattr() with a computed name, vars(), exec, eval or globals())"
            )
            self._all_of_the_project()

    def _read(self, name: str, above: type | None) -> None:
        self.reached.reads.add(name)
        self._todo.append((name, above))

    def _all_of_the_project(self) -> None:
        for base in self._cls.__mro__:
            if self._project.owns_class(base):
                self._todo += [
                    (name, None) for name in sorted(vars(base)) if not name.startswith(("__", "_abc_"))
                ]

    def _names_of(self, function: FunctionType) -> Names:
        part = self._graph.add(target(function, "", self._project))
        assert part.names is not None
        return part.names

    # ------------------------------------------------------------------ a task that is handed to others

    def _hands_on(self, function: FunctionType, names: Names) -> bool:
        return any(self._is_of_the_project(callee, function) for callee in names.hands_on)

    def _is_of_the_project(self, callee: Chain, function: FunctionType) -> bool:
        if not callee:
            return True  # kept in a variable, put in a list: it may go anywhere
        for variable, value in closure(function):
            if variable == callee[0]:  # a decorator calls what it decorates, which was met
                return not any(each in self._own for each in functions_in(value))
        value = function.__globals__.get(callee[0], ABSENT)
        if value is ABSENT:
            return not hasattr(builtins, callee[0])
        if is_function(value):
            return self._project.owns_function(value)
        if isinstance(value, type):
            return self._project.owns_class(value)
        module = getattr(value, "__name__", None) or type(value).__module__
        return self._project.owns(module, getattr(value, "__file__", None))

    def _spread(self) -> None:
        """Take each attribute that any function in the graph reads of anything as read of the task."""
        words = {word for part in self._graph.parts.values() if part.names for word in part.names.attributes}
        self._read_elsewhere |= words
        for word in sorted(words):
            if static_attribute(self._cls, word)[0] is not None:
                self._read(word, None)
        self._todo = [each for each in self._todo if each not in self._seen]


def reach(cls: type, root: str, graph: Graph, project: Project) -> Reached:
    """What `root`, a method of `cls`, reaches of `cls`; `graph` has all of it afterwards.

    Raises:
        NoSourceError: The class has nothing to run.
    """
    value = static_attribute(cls, root)[1]
    if value is not None and not callable(unwrapped(value)):
        raise NoSourceError(cls.__qualname__, root)
    return _Walk(cls, graph, project).walk(root)
