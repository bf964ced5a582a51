"""Closure: everything that a set of things reaches."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def closure(roots: Iterable[T], references: Callable[[T], Iterable[T]]) -> list[T]:
    """`roots` and all that they reach through `references`, each once, what is referred to before what refers to it.

    Works on graphs of any depth.

    Raises:
        Circle: Things refer to each other in a circle; `Circle.path` names it.
    """
    done: dict[T, None] = {}
    open_: dict[T, None] = {}
    for root in roots:
        stack = [(root, iter(references(root)))] if root not in done else []
        open_.update((item, None) for item, _ in stack)
        while stack:
            item, rest = stack[-1]
            following = next((other for other in rest if other not in done), None)
            if following is None:
                stack.pop()
                del open_[item]
                done[item] = None
            elif following in open_:
                path = list(open_)
                raise Circle([*path[path.index(following) :], following])
            else:
                open_[following] = None
                stack.append((following, iter(references(following))))
    return list(done)


class Circle(Exception):
    """Things refer to each other in a circle; whoever knows what they are turns this into a CycleError."""

    def __init__(self, path: list[T]) -> None:
        self.path = path
        super().__init__(" -> ".join(map(str, path)))
