"""What every body does, in whatever system."""

import contextlib
import functools
import json
import os
import time


@functools.cache
def _tally() -> int:
    return os.open(os.environ["BENCHMARK_TALLY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def ran() -> None:
    """One body ran: a byte, so that the harness can count them."""
    os.write(_tally(), b".")


@contextlib.contextmanager
def own_work():
    """What is done in here is the body's own, and taken off from what the system took."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    with open(os.environ["BENCHMARK_OWN"], "a") as file:
        file.write(json.dumps(spent) + "\n")


def write_large(path: str | os.PathLike[str], size: int) -> None:
    """A file of `size` bytes that no two megabytes have alike."""
    ran()
    with own_work(), open(path, "wb", buffering=0) as file:
        block = os.urandom(1 << 20)
        for start in range(0, size, len(block)):
            part = start.to_bytes(8, "big") + block[8:]
            file.write(part[: size - start])


def write_many(directory: str | os.PathLike[str], size: int) -> None:
    """A directory of `size` small files."""
    ran()
    with own_work():
        os.makedirs(directory, exist_ok=True)
        for number in range(size):
            with open(os.path.join(directory, f"{number}.txt"), "w") as file:
                file.write(str(number))


def width(size: int) -> int:
    """How many tasks a layer has, of a layered graph of `size`; there are ten layers, or as many as fit."""
    return max(2, size // 10)


def above(number: int, size: int) -> tuple[int, int]:
    """The two tasks of the layer before that a task reads."""
    return number, (number + 1) % width(size)


def layers(size: int) -> int:
    return size // width(size)
