"""The same trip as root, or whoever runs the tests, and as an ordinary user."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services import OrdinaryUser


@dataclass(frozen=True)
class Traveller:
    """Who goes: `run` gives what a command prints that ends well.

    Attributes:
        given: A directory of theirs with a file `number`.
        made: An empty one.
    """

    uid: int
    gid: int
    given: Path
    made: Path
    run: Callable[..., str]


@pytest.fixture(params=["oneself", "ordinary user"])
def traveller(request: pytest.FixtureRequest, tmp_path: Path) -> Traveller:
    if request.param == "oneself":
        uid, gid, top = os.getuid(), os.getgid(), tmp_path

        def start(*command: str | Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120
            )  # fmt: skip

    else:
        user: OrdinaryUser = request.getfixturevalue("ordinary_user")
        uid, gid, top, start = user.uid, user.gid, user.directory, user.run
    for name in ("given", "made"):
        (top / name).mkdir()
        os.chown(top / name, uid, gid)
    (top / "given" / "number").write_text("42\n")

    def run(*command: str | Path) -> str:
        done = start(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return Traveller(uid, gid, top / "given", top / "made", run)
