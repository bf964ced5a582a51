"""What is known of a node whose content is known."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from typing import Any

from lawnix.core.closure import closure
from lawnix.core.derivation import OutputSpec, group_content
from lawnix.core.digest import Digest, digest
from lawnix.core.kept import Kept
from lawnix.core.realization import Realization, content_of

ABSENT = digest("content", b"absent")
"""The content of a member that a group does without."""


class Settled:
    """What is known of a node.

    Attributes:
        groups: Of a group, the groups in it; None of others.
    """

    __slots__ = ("_content", "_source")
    groups: "tuple[Settled, ...] | None" = None

    def __init__(self, find: Callable[[], Digest]) -> None:
        """A node whose content `find` tells."""
        self._content: Digest | None = None
        self._source: Any = find  # what the content is found out from

    @property
    def realization(self) -> Realization | None:
        """The one that was chosen, of a derived node."""
        return None

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
            self._content = self.found_out()
            self._source = None

    def found_out(self) -> Digest:
        """The content, each time anew."""
        found: Digest = self._source()
        return found


class Realized(Settled):
    """What is known of a derived node: a realization, and how its outputs are declared.

    Attributes:
        kept: The realization, in the form in which it is kept.
        is_whole: Whether its objects are known to be there.
    """

    __slots__ = ("is_whole", "kept")

    def __init__(
        self, outputs: Sequence[OutputSpec], kept: Kept | Realization, *, is_whole: bool = False
    ) -> None:
        self._content = None
        self._source = outputs
        self.kept = kept
        self.is_whole = is_whole

    @property
    def realization(self) -> Realization:
        """The one that was chosen."""
        return self.kept.whole if isinstance(self.kept, Kept) else self.kept

    @property
    def content(self) -> Digest:
        """What its consumers' keys are made of; of very many it is found out again rather than kept."""
        return _content_of_realized(self)

    def work_out(self) -> None:
        """Nothing is kept."""

    def found_out(self) -> Digest:
        """The content, each time anew."""
        return content_of(self._source, self.kept)


@lru_cache(1024)
def _content_of_realized(one: Realized) -> Digest:
    return one.found_out()


class SettledGroup(Settled):
    """What is known of a group."""

    __slots__ = ("groups",)

    def __init__(self, find: Callable[[], Digest], groups: tuple[Settled, ...]) -> None:
        super().__init__(find)
        self.groups = groups


def settled_group(roles: Collection[str], members: Sequence[Settled | None]) -> Settled:
    """A group of whose members, by role, it is known what they hold, or that they are done without."""
    groups = (member for member in members if member is not None and member.groups is not None)
    return SettledGroup(partial(_content_of_group, roles, members), tuple(groups))


def _content_of_group(roles: Collection[str], members: Sequence[Settled | None]) -> Digest:
    contents = (ABSENT if member is None else member.content for member in members)
    return group_content(dict(zip(roles, contents, strict=True)))
