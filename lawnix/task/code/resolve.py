"""Resolution: from a name that a function speaks of to what it ends in, never more than that."""

import builtins
import enum
import inspect
import types
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lawnix.errors import LawnixError
from lawnix.task.code.names import Chain
from lawnix.task.code.parts import Part, Target, foreign_name, missing, named, target, unknown
from lawnix.task.code.project import Project, family_of, is_function, is_parameter, is_task_class, unveiled
from lawnix.task.code.untracked import is_untracked

Binding = tuple[Mapping[str, Any], str, object]

ABSENT: Final = object()
# what Python itself says of a module; where it lies does not count
OF_THE_MODULE: Final = frozenset(
    {
        "__builtins__",
        "__debug__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
    }
)


def resolve(chain: Chain, module: Mapping[str, Any], project: Project) -> tuple[Target, list[Binding]]:
    """What `chain` ends in, seen from the globals `module`, and the bindings that lead there."""
    name = chain[0]
    value = module.get(name, ABSENT)
    bindings: list[Binding] = [(module, name, value)]
    if name in OF_THE_MODULE:
        return named(f"builtins.{name}"), []
    shown = f"{module.get('__name__', '?')}.{name}"
    if value is ABSENT:
        found = named(f"builtins.{name}") if hasattr(builtins, name) else missing(shown)
        return found, bindings
    try:
        return _follow(value, list(chain[1:]), shown, project, bindings), bindings
    except LawnixError:
        raise
    except Exception as error:  # objects of all libraries come here; none of them may stop a run
        return unknown(shown, value, error), bindings


def _follow(value: Any, rest: list[str], shown: str, project: Project, bindings: list[Binding]) -> Target:
    while True:
        value = unveiled(value)
        if is_untracked(value) or is_parameter(value):
            return target(value, shown, project)
        if issubclass(
            type(value), types.ModuleType
        ):  # not isinstance(), which asks a proxy what it stands for
            if not project.owns(value.__name__, getattr(value, "__file__", None)):
                return named(".".join([value.__name__, *rest]))
            step = _of_module(value, rest)
        elif issubclass(type(value), type):
            if not project.owns_class(value):
                return named(".".join([foreign_name(value), *rest]))
            step = _of_class(value, rest, project)
        else:
            step = _of_instance(value, rest, project)
        if step is None:
            return target(value, shown, project)
        if isinstance(step, Part):
            return step
        binding, value = step
        bindings.append(binding)
        attribute = rest.pop(0)
        shown = f"{shown}.{attribute}"
        if value is ABSENT:
            return missing(shown)


_Step = tuple[Binding, Any] | Part | None  # one attribute further, all there is to know, or: this is the end


def _of_module(module: types.ModuleType, rest: list[str]) -> _Step:
    if not rest:
        return None
    if rest[0] in OF_THE_MODULE:
        return named(f"builtins.{rest[0]}")
    value = vars(module).get(rest[0], ABSENT)
    binding = (vars(module), rest[0], value)
    if value is ABSENT and "__getattr__" in vars(module):
        try:
            value = getattr(module, rest[0])
        except Exception:  # whatever the author's __getattr__ raises, the name leads nowhere
            value = ABSENT
    return binding, value


def _of_class(cls: type, rest: list[str], project: Project) -> _Step:
    """Constants and static methods of a class are followed; whatever may reach others of its attributes is not."""
    owner, value = static_attribute(cls, rest[0]) if rest else (None, ABSENT)
    is_plain = value is not ABSENT and not (is_function(value) or isinstance(value, classmethod | property))
    if isinstance(cls, enum.EnumMeta):
        member = cls._member_map_.get(rest[0]) if rest else None
        return None if member is None else ((cls._member_map_, rest[0], member), member)
    if is_task_class(cls) and (owner is None or not project.owns_class(owner)):
        return Part("value", "", b"task " + family_of(cls).encode())
    if owner is None or not (is_plain or is_task_class(cls)):
        return None
    binding = (vars(owner), rest[0], value)
    return binding, value.__func__ if isinstance(value, staticmethod) else value


def _of_instance(value: Any, rest: list[str], project: Project) -> _Step:
    if not rest or isinstance(value, type):
        return None
    if not (project.owns_class(type(value)) or is_function(value) or type(value) is types.SimpleNamespace):
        return None
    state = getattr(value, "__dict__", None)
    if not isinstance(state, dict) or rest[0] not in state:
        return None
    if inspect.isdatadescriptor(static_attribute(type(value), rest[0])[1]):
        return None
    return (state, rest[0], state[rest[0]]), state[rest[0]]


def static_attribute(cls: type, name: str, above: type | None = None) -> tuple[type | None, Any]:
    """The class that gives `name` to `cls`, and what stands there; nothing is called.

    Args:
        cls: A class.
        name: An attribute.
        above: Only look beyond this base, as `super()` does.
    """
    for base in _bases(cls, above):
        if name in vars(base):
            return base, vars(base)[name]
    return None, ABSENT


def _bases(cls: type, above: type | None) -> Iterator[type]:
    order = cls.__mro__
    yield from order if above is None or above not in order else order[order.index(above) + 1 :]
