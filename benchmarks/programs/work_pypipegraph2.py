"""The work, as jobs of pypipegraph2: files below out/.

`python work_pypipegraph2.py WORKLOAD SIZE WORKERS here|fork`: jobs that run in this process, or each in
a fork of its own, as pypipegraph2 does by itself.
"""

import sys
from pathlib import Path

import pypipegraph2 as ppg
from bodies import above, layers, ran, width, write_large, write_many

OUT = Path("out")


def number(name: str, write) -> ppg.FileGeneratingJob:
    """A job whose output is one number."""
    return ppg.FileGeneratingJob(OUT / f"{name}.txt", write, resources=RESOURCES)


def read(path: str | Path) -> int:
    return int(Path(path).read_text().split()[0])


def constant(value: int):
    def write(path):
        ran()
        path.write_text(str(value))

    return write


def total(*names: str, plus: int = 0):
    """What adds up the numbers of other files."""

    def write(path):
        ran()
        path.write_text(str(sum(read(name) for name in names) + plus))

    return write


def start():
    return number("start", constant(0))


def wide(size: int) -> None:
    for i in range(size):
        number(f"leaf/{i}", constant(i))


def chain(size: int) -> None:
    before = number("link/0", constant(0))
    for i in range(1, size):
        after = number(f"link/{i}", total(f"out/link/{i - 1}.txt", plus=1))
        after.depends_on(before)
        before = after


def layered(size: int) -> None:
    before = []
    for layer in range(layers(size)):
        after = []
        for i in range(width(size)):
            if layer:
                pair = above(i, size)
                job = number(f"node/{layer}-{i}", total(*(f"out/node/{layer - 1}-{j}.txt" for j in pair)))
                job.depends_on(*(before[j] for j in pair))
            else:
                job = number(f"node/0-{i}", total(f"sources/{i}.txt"))
                job.depends_on(ppg.FileInvariant(f"sources/{i}.txt"))
            after.append(job)
        before = after


def branches(size: int) -> None:
    required = start()
    for i in range(size):
        number(f"branch/{i}", constant(i)).depends_on(required)


def large_file(size: int) -> None:
    ppg.FileGeneratingJob(OUT / "large.bin", lambda path: write_large(path, size), resources=RESOURCES)


def many_files(size: int) -> None:
    files = [OUT / "many" / f"{i}.txt" for i in range(size)]
    ppg.MultiFileGeneratingJob(files, lambda paths: write_many("out/many", size), resources=RESOURCES)


if __name__ == "__main__":
    _, workload, size, workers, mode = sys.argv
    RESOURCES = ppg.Resources.RunsHere if mode == "here" else ppg.Resources.SingleCore
    for folder in ("leaf", "link", "node", "branch", "many"):
        (OUT / folder).mkdir(parents=True, exist_ok=True)
    # no console, no log, as few reports as can be
    ppg.new(cores=int(workers), run_mode=ppg.RunMode.NONINTERACTIVE, log_level=40, report_done_filter=10**9)
    if workload == "start":
        start()
    else:
        globals()[workload.replace("-", "_")](int(size))
    ppg.run()
