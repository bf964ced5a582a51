"""What is known of a node whose content is known."""

from collections.abc import Callable, Mapping
from functools import partial

from lawnix.core.closure import closure
from lawnix.core.derivation import group_content
from lawnix.core.digest import Digest, digest
from lawnix.core.realization import Realization

ABSENT = digest("content", b"absent")
"""The content of a member that a group does without."""


class Settled:
    """What is known of a node.

    Attributes:
        realization: The one that was chosen, of a derived node.
        groups: Of a group, the groups in it; None of others.
    """

    __slots__ = ("_content", "_find", "groups", "realization")

    def __init__(
        self,
        find: Callable[[], Digest],
        realization: Realization | None = None,
        groups: "tuple[Settled, ...] | None" = None,
    ) -> None:
        """A node whose content `find` tells."""
        self._content: Digest | None = None
        self._find = find
        self.realization = realization
        self.groups = groups

    @property
    def content(self) -> Digest:
        """What its consumers' keys are made of; found out when somebody asks, as of most roots nobody does."""
        if self._content is None:
            if self.groups:  # those at the bottom first, as groups may stand in groups at any depth
                for group in closure(self.groups, lambda one: one.groups or ()):
                    group.work_out()
            self.work_out()
        assert self._content is not None
        return self._content

    def work_out(self) -> None:
        """Find the content out, once."""
        if self._content is None:
            self._content = self._find()


def settled_group(members: Mapping[str, Settled | None]) -> Settled:
    """A group whose members are known, by role, or done without."""
    groups = (member for member in members.values() if member is not None and member.groups is not None)
    return Settled(partial(_content_of_group, members), groups=tuple(groups))


def _content_of_group(members: Mapping[str, Settled | None]) -> Digest:
    contents = {role: ABSENT if member is None else member.content for role, member in members.items()}
    return group_content(contents)
