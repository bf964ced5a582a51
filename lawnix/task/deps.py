"""law's walk over requirements, linear on diamonds."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import luigi


def walk_deps(root: luigi.Task, max_depth: int, order: str, *, yield_last_flag: bool) -> Iterator[Any]:
    """As `law.Task.walk_deps`, except that a task which was met before comes without its requirements.

    Args:
        root: Where to begin.
        max_depth: How far to go; negative for all the way.
        order: `level` or `pre`.
        yield_last_flag: Whether each item also says if the task is the last one at its depth; in `pre` order only.

    Yields:
        The task, the list of what it requires (whoever empties it stops there), the depth, and the flag.

    Raises:
        ValueError: `order` is another, or the flag is asked for in another order than `pre`.
    """
    if order not in ("level", "pre"):
        raise ValueError(f"unknown traversal order {order!r}, use 'level' or 'pre'")
    if order != "pre" and yield_last_flag:
        raise ValueError(f"yielding the last flag is only possible in 'pre' order, but got {order!r}")
    seen: set[luigi.Task] = set()
    waiting: deque[tuple[luigi.Task, int]] = deque([(root, 0)])
    while waiting:
        task, depth = waiting.popleft()
        requirements = [] if task in seen else luigi.task.flatten(task.requires())
        seen.add(task)
        if yield_last_flag:
            yield task, requirements, depth, not waiting or waiting[0][1] < depth
        else:
            yield task, requirements, depth
        if max_depth < 0 or depth < max_depth:
            below = [(requirement, depth + 1) for requirement in requirements]
            if order == "level":
                waiting.extend(below)
            else:
                waiting.extendleft(reversed(below))
