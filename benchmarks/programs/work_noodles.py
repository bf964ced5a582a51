"""The work, as scheduled functions of Noodles: `python work_noodles.py WORKLOAD SIZE WORKERS forget|keep`.

With `keep`, it remembers results in a database. It knows no files: those are written on the side.
"""

import os
import sys

from bodies import above, layers, ran, width, write_large, write_many
from noodles import gather_all, run_parallel, run_single, schedule, serial
from noodles.run.single.sqlite3 import run_single as run_single_kept
from noodles.run.threading.sqlite3 import run_parallel as run_parallel_kept

for folder in ("leaf", "link", "node", "branch"):
    os.makedirs(f"out/{folder}", exist_ok=True)


def read(path: str) -> int:
    with open(path) as file:
        return int(file.read().split()[0])


@schedule
def number(name: str, paths: list[str], plus: int) -> str:
    """Write the sum of some numbers, and another; the path."""
    ran()
    with open(path := f"out/{name}.txt", "w") as file:
        file.write(str(sum(map(read, paths)) + plus))
    return path


@schedule
def together(paths: list[str]) -> int:
    return len(paths)


def wide(size: int):
    return together(gather_all(number(f"leaf/{i}", [], i) for i in range(size)))


def chain(size: int):
    last = number("link/0", [], 0)
    for i in range(1, size):
        last = number(f"link/{i}", gather_all([last]), 1)
    return last


def layered(size: int):
    last = [number(f"node/0-{i}", [f"sources/{i}.txt"], 0) for i in range(width(size))]
    for layer in range(1, layers(size)):
        last = [
            number(f"node/{layer}-{i}", gather_all(last[j] for j in above(i, size)), 0)
            for i in range(width(size))
        ]
    return together(gather_all(last))


def start(size: int):
    return number("start", [], 0)


def branches(size: int):
    required = start(1)
    return together(gather_all(number(f"branch/{i}", gather_all([required]), i) for i in range(size)))


@schedule
def square(n: int) -> int:
    ran()
    return n * n


@schedule
def add(numbers: list[int]) -> int:
    ran()
    return sum(numbers)


def functions(size: int):
    return add(gather_all(square(n) for n in range(size)))


@schedule
def large(size: int) -> str:
    write_large("out/large.bin", size)
    return "out/large.bin"


def large_file(size: int):
    return large(size)


@schedule
def many(size: int) -> str:
    write_many("out/many", size)
    return "out/many"


def many_files(size: int):
    return many(size)


if __name__ == "__main__":
    _, workload, size, workers, mode = sys.argv
    sys.setrecursionlimit(1_000_000)  # it follows a chain of calls by calling itself
    work = globals()[workload.replace("-", "_")](int(size))
    kept = {"registry": serial.base, "db_file": "results.db", "always_cache": True}
    match mode, int(workers):
        case "forget", 1:
            run_single(work)
        case "forget", count:
            run_parallel(work, n_threads=count)
        case _, 1:
            run_single_kept(work, **kept)
        case _, count:
            run_parallel_kept(work, n_threads=count, echo_log=False, **kept)
