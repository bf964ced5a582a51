"""What has been found out in this process, for as long as it holds."""

from collections.abc import Callable
from typing import Final

from lawnix.task.code.parts import Part, Thing
from lawnix.task.code.project import Project

_LIMIT: Final = 50_000  # parts; a notebook that redefines things for days starts again then


class Memo:
    """Parts of functions and classes, shared by all task classes of a project."""

    def __init__(self) -> None:
        """An empty memo."""
        self._parts: dict[tuple[Project, int], tuple[object, Part]] = {}

    def part(self, thing: Thing, project: Project, look: Callable[[Thing, Project], Part]) -> Part:
        """What `look` says of `thing`, without looking again if it is as it was."""
        place = (project, id(thing.value))
        known = self._parts.get(place)
        if known is not None and known[0] is thing.value and _holds(known[1]):
            return known[1]
        part = look(thing, project)
        if part.names is not None or part.kind == "class":  # others are named for where they were found
            if len(self._parts) >= _LIMIT:
                self._parts.clear()
            self._parts[place] = (thing.value, part)
        return part


def _holds(part: Part) -> bool:
    """Whether a part is as it was, with the plain values that were written down with it."""
    return part.holds() and all(
        lead.target.holds() for lead in part.leads if isinstance(lead.target, Part) and lead.target.can_change
    )
