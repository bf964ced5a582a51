"""`python -m benchmarks.correctness`: 29 edits, in each system; fresh processes, each with a hash seed of its own."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks import peers
from benchmarks.correctness.project import EDITS, Edit, edited
from benchmarks.correctness.systems import SYSTEMS, System

TOP = Path(__file__).parents[2]
CONFIG = "[lawnix]\nstore: store\nresults: none\n\n[luigi_core]\nlocal_scheduler: True\nno_lock: True\n"


@dataclass(frozen=True)
class Verdicts:
    """What one system did.

    Attributes:
        system: Its name and version.
        ran: Whether the step ran after each edit, by the edit's name.
    """

    system: str
    ran: Mapping[str, bool]

    @property
    def missed(self) -> int:
        """Edits that matter, after which it kept the old result."""
        return sum(edit.matters and not self.ran[edit.name] for edit in EDITS)

    @property
    def needless(self) -> int:
        """Edits that do not matter, after which it ran all the same."""
        return sum(self.ran[edit.name] and not edit.matters for edit in EDITS)


class Place:
    """A directory with the project as one system's, to which it can be put back after a cold run."""

    def __init__(self, system: System, python: Path, directory: Path) -> None:
        self._python, self._system = python, system
        self._directory, self._kept = directory / "project", directory / "kept"
        self._directory.mkdir()
        self._write({"law.cfg": CONFIG, **system.files})

    def _write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self._directory / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def keep(self) -> None:
        """Remember all files as they are."""
        shutil.copytree(self._directory, self._kept, symlinks=True)

    def put_back(self) -> None:
        """Have all files as they were kept."""
        remove(self._directory)
        shutil.copytree(self._kept, self._directory, symlinks=True)

    def edit(self, edit: Edit) -> None:
        before, after = self._system.files, edited(self._system.files, edit)
        self._write({name: text for name, text in after.items() if text != before[name]})

    def runs(self) -> bool:
        """Ask for the result in a fresh process; whether the step ran."""
        ran = self._directory / "ran"
        ran.unlink(missing_ok=True)
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("LAW", "PYTHON"))
        }
        environment |= {
            "RAN": str(ran),
            "PYTHONPATH": f"{self._directory}{os.pathsep}{TOP if self._python == Path(sys.executable) else ''}",
            "PYTHONHASHSEED": "random",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAW_HOME": str(self._directory / ".law"),
            "LAW_CONFIG_FILE": str(self._directory / "law.cfg"),
        }
        done = subprocess.run(
            [self._python, "main.py"],
            cwd=self._directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            raise SystemExit(f"{self._python} main.py failed:\n{done.stdout}\n{done.stderr}")
        return ran.exists()


def python_of(system: System, environments: Path) -> Path:
    """The interpreter of an environment that has the system; lawnix and law are in this one."""
    if system.package in {"lawnix", "law"}:
        return Path(sys.executable)
    return peers.PEERS[system.package].interpreter(environments)


def remove(directory: Path) -> None:
    subprocess.run(["chmod", "-R", "u+w", directory], check=True)  # what is frozen cannot be removed
    shutil.rmtree(directory)


def tried(system: System, python: Path) -> Verdicts:
    """Each edit alone, after one cold run."""
    ran = {}
    with tempfile.TemporaryDirectory(prefix="correctness-", ignore_cleanup_errors=True) as directory:
        place = Place(system, python, Path(directory))
        if not place.runs() or place.runs():
            raise SystemExit(f"{system.name} does not run the step once, as it is")
        place.keep()
        for edit in track(EDITS, system.name, console=Console(stderr=True)):
            place.edit(edit)
            ran[edit.name] = place.runs()
            place.put_back()
        for part in Path(directory).iterdir():
            remove(part)
    return Verdicts(f"{system.name} {peers.version(system.package, python)}", ran)


def table(verdicts: list[Verdicts]) -> str:
    """What each system did, for a page."""
    lines = [f"| edit | {' | '.join(each.system for each in verdicts)} |", "|---" * (len(verdicts) + 1) + "|"]
    for matters, title in ((True, "**must run**"), (False, "**need not run**")):
        lines.append(f"| {title} {'| ' * len(verdicts)}|")
        for edit in EDITS:
            if edit.matters == matters:
                wrong = "**stale**" if matters else "runs"
                marks = [wrong if each.ran[edit.name] != matters else "" for each in verdicts]
                lines.append(f"| {edit.name} | {' | '.join(marks)} |")
    for name, count in (
        ("misses of 16", [each.missed for each in verdicts]),
        ("needless of 13", [each.needless for each in verdicts]),
        ("right of 29", [len(EDITS) - each.missed - each.needless for each in verdicts]),
    ):
        lines.append(f"| **{name}** | {' | '.join(map(str, count))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "systems", nargs="*", default=[system.name for system in SYSTEMS], help="all by default"
    )
    parser.add_argument(
        "--environments",
        type=Path,
        default=peers.ENVIRONMENTS,
        help="where the others are installed",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()
    verdicts = [
        tried(system, python_of(system, options.environments))
        for system in SYSTEMS
        if system.name in options.systems
    ]
    if options.json:
        print(json.dumps({each.system: each.ran for each in verdicts}, indent=1))
    else:
        print(table(verdicts))


if __name__ == "__main__":
    main()
