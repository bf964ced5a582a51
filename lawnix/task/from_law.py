"""Where plain law tasks have put what lawnix tasks of today would build.

A task says it with `law_output()`, which is the `output()` that it had; or by the method `local_path()` that most
analyses with law have; or one pattern says it for all.
"""

import inspect
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import law
import luigi

from lawnix.core.derivation import OutputSpec
from lawnix.engine.graph import DerivedNode
from lawnix.engine.plan import Plan
from lawnix.engine.survey import Source, SourcesOf, Survey
from lawnix.errors import LawOutputError, NotAdoptedError, ParameterValueError
from lawnix.store.intake import LocalSource
from lawnix.task.copies import own
from lawnix.task.structure import leaves
from lawnix.task.target import StoreTarget
from lawnix.task.work import TaskWork


def survey(plan: Plan, pattern: str | None) -> Survey:
    """What law has left of the nodes of `plan`; nothing has been looked for yet.

    Args:
        plan: Where they stand.
        pattern: A path with the names of attributes in braces; None to ask each task.

    Raises:
        ParameterValueError: The pattern names one path for everything.
    """
    return Survey(plan, _by_task(plan) if pattern is None else _by_pattern(plan, pattern))


def _by_task(plan: Plan) -> SourcesOf:
    def sources_of(number: int) -> Mapping[str, Source] | None:
        task, specs = _task(plan, number)
        declared = own(task, "law_output")()
        if declared is None:
            return _by_local_path(task, specs)
        targets = dict(leaves(declared))
        roles = [spec.role for spec in specs]
        if set(targets) != set(roles):
            raise LawOutputError(repr(task), roles, list(targets))
        return {spec.name: source_of(targets[spec.role]) for spec in specs}

    return sources_of


def _by_local_path(task: Any, specs: Sequence[OutputSpec]) -> Mapping[str, Source] | None:
    local_path = getattr(task, "local_path", None)
    if local_path is None:
        return None
    return {spec.name: source_of(law.LocalFileTarget(local_path(spec.name))) for spec in specs}


def _by_pattern(plan: Plan, pattern: str) -> SourcesOf:
    try:
        names = [name for _, name, _, _ in Formatter().parse(pattern) if name is not None]
    except ValueError:  # a brace that is not closed
        names = []
    if not {"name", "stem"} & set(names) or not all(re.match(r"[^\W\d]", name) for name in names):
        raise ParameterValueError(
            "lawnix adopt", "at", pattern, "a path with {name} in it, e.g. '/data/{family}/{version}/{name}'"
        )

    def sources_of(number: int) -> Mapping[str, Source] | None:
        task, specs = _task(plan, number)
        found = {}
        for spec in specs:
            try:
                path = pattern.format_map(_Words(task, spec))
            except AttributeError:  # a task without one of these: not of this layout
                return None
            found[spec.name] = LocalSource(Path(os.path.expandvars(path)).expanduser().absolute())
        return found

    return sources_of


class _Words(dict[str, Any]):
    """What stands in braces: an output, or an attribute of its task."""

    def __init__(self, task: Any, spec: OutputSpec) -> None:
        stem, dot, ending = spec.name.partition(".")
        super().__init__(family=task.get_task_family(), name=spec.name, stem=stem, suffix=dot + ending)
        self._task = task

    def __missing__(self, name: str) -> Any:
        value = getattr(self._task, name)
        if not inspect.ismethod(value):
            return value
        parts = value()  # store_parts(), in most layouts
        return "/".join(map(str, parts)) if isinstance(parts, list | tuple) else parts


def source_of(target: Any) -> Source:
    """The target of law as something that can be taken over.

    Raises:
        NotAdoptedError: It is of a kind that cannot be copied.
    """
    if isinstance(target, StoreTarget):
        raise NotAdoptedError(
            repr(target), "it lies in the store already; law_output() returns law's own targets"
        )
    if isinstance(target, luigi.LocalTarget):
        return LocalSource(Path(getattr(target, "abspath", target.path)).absolute())
    if hasattr(target, "copy_to_local"):
        return TargetSource(target)
    raise NotAdoptedError(repr(target), "it is no target of law that can be copied")


@dataclass(frozen=True, slots=True)
class TargetSource:
    """A target that is not on this machine, or not there alone.

    Attributes:
        target: One of law's.
    """

    target: Any

    @property
    def place(self) -> str:
        """Where it lies; two sources with one place are one."""
        return str(self.target.uri() if hasattr(self.target, "uri") else self.target.path)

    def size(self) -> int | None:
        """As the remote tells."""
        found = self.target.exists(stat=True)
        return int(found.st_size) if found else None

    def written(self) -> float:
        """As the remote tells."""
        return float(getattr(self.target.exists(stat=True), "st_mtime", 0.0))

    def bring(self, to: Path, *, link: bool) -> None:
        """Copy it here, as law does.

        Raises:
            NotAdoptedError: It was to be linked.
        """
        if link:
            raise NotAdoptedError(
                self.place, "what is not on this machine cannot be linked; leave out --link"
            )
        self.target.copy_to_local(str(to))


def _task(plan: Plan, number: int) -> tuple[Any, tuple[OutputSpec, ...]]:
    node = plan.graph.nodes[number]
    assert isinstance(node, DerivedNode)
    assert node.derivation is not None
    assert isinstance(node.work, TaskWork)
    return node.work.task, node.derivation.outputs
