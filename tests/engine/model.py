"""What must run: a model of the engine, so small that it is obviously right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One task of a graph: what it reads, and what decides what it writes.

    Attributes:
        reads: The tasks that it requires, all of which come before it.
        code, parameter: Versions of them.
        says: What it writes of its own.
        passes_on: Whether what it writes depends on what it reads.
        fails: Whether its code raises.
        file: The version of the file from outside that it reads beside, "gone" if there should be one; None for none.
    """

    reads: tuple[int, ...]
    code: int = 0
    parameter: int = 0
    says: int = 0
    passes_on: bool = True
    fails: bool = False
    file: int | str | None = None


Tasks = tuple[Task, ...]


def written(tasks: Tasks) -> list[str | None]:
    """What each task writes, None if it cannot; no two write the same."""
    texts: list[str | None] = []
    for number, task in enumerate(tasks):
        read = [texts[other] for other in task.reads]
        if task.fails or task.file == "gone" or None in read:
            texts.append(None)
        else:
            texts.append(f"{number}.{task.says}({'|'.join(map(str, read)) if task.passes_on else ''})")
    return texts


def keys(tasks: Tasks) -> list[object]:
    """What each task is found by: all that is its own, and the content of what it reads; None if it reads nothing that is."""
    texts = written(tasks)
    found: list[object] = []
    for number, task in enumerate(tasks):
        read = tuple(texts[other] for other in task.reads)
        lacks = task.file == "gone" or None in read
        found.append(None if lacks else (number, task.code, task.parameter, task.file, read))
    return found


def needed(tasks: Tasks, roots: Iterable[int]) -> set[int]:
    """The roots and all that is below them."""
    below = set(roots)
    for number in range(len(tasks) - 1, -1, -1):
        if number in below:
            below.update(tasks[number].reads)
    return below


def must_run(tasks: Tasks, known: set[object], removed: set[int], roots: Iterable[int] = ()) -> set[int]:
    """What a run of `roots` (or of the last task) must run.

    Args:
        tasks: The graph.
        known: The keys under which results exist.
        removed: Tasks whose results exist, but for their files.
        roots: What is asked for.
    """
    asked = set(roots) or {len(tasks) - 1}
    key = keys(tasks)
    running = {n for n in needed(tasks, asked) if key[n] is not None and key[n] not in known}
    while True:
        read = asked | {other for number in running for other in tasks[number].reads}
        lost = (read & removed) - running
        if not lost:
            return running
        running |= lost


def sinks(tasks: Tasks) -> set[int]:
    """The tasks that nobody reads."""
    return set(range(len(tasks))) - {other for task in tasks for other in task.reads}
