"""The work, as stages of Pylightnix: `python work_pylightnix.py WORKLOAD SIZE WORKERS` (it has one)."""

import os
import sys

from bodies import above, layers, ran, width, write_large, write_many
from pylightnix import (
    DRef,
    Registry,
    build_cattrs,
    build_outpath,
    build_path,
    build_wrapper,
    fsinit,
    instantiate,
    match_only,
    mkconfig,
    mkdrv,
    mkrefpath,
    realize,
)


def read(path: str) -> int:
    with open(path) as file:
        return int(file.read().split()[0])


def number(r: Registry, name: str, required: list[DRef], **more) -> DRef:
    """A stage whose artifact is one number: the sum of those that it reads, plus its own."""

    def write(b) -> None:
        ran()
        attributes = build_cattrs(b)
        parts = [read(build_path(b, path)) for path in attributes.parts]
        with open(os.path.join(build_outpath(b), "number.txt"), "w") as file:
            file.write(str(sum(parts) + int(attributes.text.split()[0])))

    parts = [mkrefpath(dref, ["number.txt"]) for dref in required]
    return mkdrv(mkconfig({"name": name, "parts": parts, **more}), match_only(), build_wrapper(write), r)


def start(size: int, r: Registry) -> list[DRef]:
    return [number(r, "start", [], text="0")]


def wide(size: int, r: Registry) -> list[DRef]:
    return [number(r, f"leaf-{i}", [], text=str(i)) for i in range(size)]


def chain(size: int, r: Registry) -> list[DRef]:
    last: list[DRef] = []
    for i in range(size):
        last = [number(r, f"link-{i}", last, text="1")]
    return last


def layered(size: int, r: Registry) -> list[DRef]:
    last: list[DRef] = []
    for layer in range(layers(size)):
        if layer:
            last = [
                number(r, f"node-{layer}-{i}", [last[j] for j in above(i, size)], text="0")
                for i in range(width(size))
            ]
        else:
            # a stage is known by its configuration: so that a file counts, what it holds stands there
            texts = [open(f"sources/{i}.txt").read() for i in range(width(size))]  # noqa: SIM115 - read at once
            last = [number(r, f"node-0-{i}", [], text=text) for i, text in enumerate(texts)]
    return last


def branches(size: int, r: Registry) -> list[DRef]:
    required = start(1, r)
    return [number(r, f"branch-{i}", required, text=str(i)) for i in range(size)]


def large_file(size: int, r: Registry) -> DRef:
    def write(b) -> None:
        write_large(os.path.join(build_outpath(b), "large.bin"), size)

    return mkdrv(mkconfig({"name": "large", "size": size}), match_only(), build_wrapper(write), r)


def many_files(size: int, r: Registry) -> DRef:
    def write(b) -> None:
        write_many(os.path.join(build_outpath(b), "many"), size)

    return mkdrv(mkconfig({"name": "many", "size": size}), match_only(), build_wrapper(write), r)


if __name__ == "__main__":
    _, workload, size, _ = sys.argv
    fsinit()
    realize(instantiate(globals()[workload.replace("-", "_")], int(size)))
