"""The work, as tasks of redun: `redun run work_redun.py wide --size N`."""

import sys

from bodies import above, layers, ran, width, write_large, write_many
from redun import Dir, File, task

redun_namespace = "work"
sys.setrecursionlimit(1_000_000)  # it follows a chain of calls by calling itself


def read(file: File) -> int:
    return int(file.read().split()[0])


def written(path: str, number: int) -> File:
    ran()
    file = File(path)
    file.write(str(number))
    return file


@task()
def start() -> File:
    return written("out/start.txt", 0)


@task()
def leaf(number: int) -> File:
    return written(f"out/leaf/{number}.txt", number)


@task()
def together(files: list[File]) -> int:
    return len(files)


@task()
def wide(size: int) -> int:
    return together([leaf(number) for number in range(size)])


@task()
def link(number: int, before: File | None) -> File:
    return written(f"out/link/{number}.txt", read(before) + 1 if before else 0)


@task()
def chain(size: int) -> File:
    last = None
    for number in range(size):
        last = link(number, last)
    return last


@task()
def node(layer: int, number: int, parts: list[File]) -> File:
    return written(f"out/node/{layer}-{number}.txt", sum(map(read, parts)))


@task()
def layered(size: int) -> int:
    last = [node(0, number, [File(f"sources/{number}.txt")]) for number in range(width(size))]
    for layer in range(1, layers(size)):
        last = [
            node(layer, number, [last[part] for part in above(number, size)]) for number in range(width(size))
        ]
    return together(last)


@task()
def branch(number: int, required: File) -> File:
    return written(f"out/branch/{number}.txt", number)


@task()
def branches(size: int) -> int:
    required = start()
    return together([branch(number, required) for number in range(size)])


@task()
def large_file(size: int) -> File:
    file = File("out/large.bin")
    with file.open("wb"):
        pass  # makes the directory, too
    write_large(file.path, size)
    file.update_hash()
    return file


@task()
def many_files(size: int) -> Dir:
    write_many("out/many", size)
    return Dir("out/many")


@task()
def square(number: int) -> int:
    ran()
    return number * number


@task()
def add(numbers: list[int]) -> int:
    ran()
    return sum(numbers)


@task()
def functions(size: int) -> int:
    return add([square(number) for number in range(size)])
