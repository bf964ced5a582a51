"""luigi's history of a run: what its summary and return codes are made from."""

from collections.abc import Callable, Iterator
from typing import Any

Said = tuple[Any, str, bool]
"""A task, its status, and whether it can run."""


class History(list[Said]):
    """luigi's history of a run; what is told of very many tasks is put into luigi's words when somebody reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._further: list[Callable[[], Iterator[Said]]] = []

    def go_on(self, further: Callable[[], Iterator[Said]]) -> None:
        """Let `further` come behind what is there."""
        self._further.append(further)

    def __iter__(self) -> Iterator[Said]:
        yield from super().__iter__()
        for further in self._further:
            yield from further()
