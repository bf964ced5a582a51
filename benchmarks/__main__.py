"""Lawnix beside its peers: the same work in each, in turn, as one table with medians, spreads and ratios.

Each system runs in an environment of its own below .nox/peers, which is made where it is missing; each measurement in a
fresh directory and in a process of its own. CPU time is that of the process and its children. Ratios are to lawnix,
round by round: 2 x means twice as much as lawnix.
"""

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import peers
from benchmarks.figures import Figures
from benchmarks.report import Report, markdown, show
from benchmarks.rounds import Measured, Run, stories
from benchmarks.systems import SYSTEMS, System
from benchmarks.workloads import WORKLOADS, Row

EPILOG = """\
workloads:
{workloads}

systems:
{systems}

All of it takes some hours. A part of it, in minutes:
  python -m benchmarks --systems lawnix law "pypipegraph2, fork" --workloads wide --sizes 100 1000 --rounds 1
"""
SMALL = {"sizes": [10, 100], "rounds": 1, "limit": 30}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG.format(
            workloads=_listed((name, workload.about) for name, workload in WORKLOADS.items()),
            systems=_listed((name, system.mode) for name, system in SYSTEMS.items()),
        ),
    )
    add = found.add_argument
    add(
        "--workloads",
        nargs="+",
        choices=WORKLOADS,
        default=list(WORKLOADS),
        metavar="NAME",
        help="only these",
    )
    add("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="NAME", help="only these")
    add(
        "--sizes",
        nargs="+",
        type=_at_least_one,
        default=[],
        metavar="N",
        help="instead of 100, 1000 and 10000",
    )
    add("--huge", action="store_true", help="100,000 tasks, too")
    add(
        "--workers",
        nargs="+",
        type=_at_least_one,
        default=[],
        metavar="K",
        help="cold runs with so many; by default 1 and 2",
    )
    add("--rounds", type=_at_least_one, default=3, help="how often each is measured (default: 3)")
    add(
        "--limit",
        type=_at_least_one,
        default=300,
        metavar="S",
        help="seconds after which a command is stopped (default: 300)",
    )
    add(
        "--small",
        action="store_true",
        help="once, 10 and 100 tasks, unless it is said otherwise: to see in minutes that everything runs",
    )
    add("--directory", type=Path, help="where the work is done (default: the system's for temporary files)")
    add(
        "--environments",
        type=Path,
        default=peers.ENVIRONMENTS,
        help="where the systems are (default: %(default)s)",
    )
    add("--json", type=Path, metavar="FILE", help="keep all measurements, written again after each story")
    add(
        "--from",
        type=_kept_run,
        metavar="FILE",
        dest="kept",
        help="measure nothing: tell of a run that --json kept",
    )
    add("--markdown", type=Path, metavar="FILE", help="write the report to this file, too")
    add("--plots", type=Path, metavar="DIRECTORY", help="draw how the time grows with the size")
    return found


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"has to be 1 or more, not {text}")
    return number


def _kept_run(file: str) -> Any:
    """What `--json` kept of a run."""
    try:
        found = json.loads(Path(file).read_text("utf-8"))
        return {part: found[part] for part in ("about", "measured", "missing")}
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise argparse.ArgumentTypeError(f"{file} is nothing that --json has kept") from error


def asked(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for; what it says itself goes before what --small stands for."""
    found = parser()
    if found.parse_args(words).small:
        found.set_defaults(**SMALL)
    return found.parse_args(words)


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"  {name:<20} {about}" for name, about in pairs)


def machine() -> str:
    """What this runs on."""
    text = Path("/proc/cpuinfo")
    lines = text.read_text().splitlines() if text.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return (
        f"{os.cpu_count()} cores {model}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    )


def about(
    systems: Sequence[System], programs: Mapping[str, Path], options: argparse.Namespace
) -> Mapping[str, Any]:
    """What has to be known of a run beside its numbers."""
    return {
        "machine": machine(),
        "day": time.strftime("%Y-%m-%d"),
        "rounds": options.rounds,
        "limit": options.limit,
        "load": os.getloadavg()[0],
        "systems": {
            system.name: {"version": system.version(programs[system.name]), "mode": system.mode}
            for system in systems
        },
    }


def measure(options: argparse.Namespace) -> Mapping[str, Any]:
    """A whole run, as it is kept."""
    systems = [SYSTEMS[name] for name in options.systems]
    wanted = [WORKLOADS[name] for name in options.workloads]
    told = list(stories(wanted, options.sizes, options.workers, huge=options.huge))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("environments", total=len(told) * options.rounds * len(systems))
        programs = {}
        for system in systems:
            try:
                programs[system.name] = system.programs(options.environments)
            except (OSError, subprocess.CalledProcessError) as error:
                progress.console.print(f"{system.name} is left out: {error}")
        systems = [system for system in systems if system.name in programs]
        found: dict[str, Any] = {"about": about(systems, programs, options)}

        def tell(text: str) -> None:
            progress.update(bar, description=text, advance=1)

        with closing(Run(systems, programs, options.directory, options.limit)) as run:
            for story in told:
                run.measure([story], options.rounds, tell)
                found["measured"] = [each.as_json() for each in run.measured]
                found["missing"] = [
                    {"row": vars(row), "system": system, "reason": reason}
                    for (row, system), reason in run.missing.items()
                ]
                if options.json:
                    options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
            progress.update(bar, description="removing what was made")
    return found


def caption(about: Mapping[str, Any]) -> str:
    """What stands above the table."""
    lines = [
        f"{about['machine']}",
        f"{about['day']}; rounds: {about['rounds']}; limit: {about['limit']:g} s; load: {about['load']:.1f}",
    ]
    lines += [f"{name} {each['version']}: {each['mode']}" for name, each in about["systems"].items()]
    return "\n".join(lines)


def main() -> None:
    options = asked()
    found = options.kept or measure(options)
    figures = Figures([Measured.from_json(each) for each in found["measured"]])
    missing = {(Row(**each["row"]), each["system"]): each["reason"] for each in found["missing"]}
    systems = list(found["about"]["systems"])
    report = Report(figures, missing, systems)
    show(report, caption(found["about"]))
    if options.markdown:
        options.markdown.write_text(markdown(report, caption(found["about"])), "utf-8")
    if options.plots:
        from benchmarks.plots import draw

        draw(figures, systems, options.plots)


if __name__ == "__main__":
    main()
