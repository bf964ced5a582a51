"""Environments that are made once, by whoever is first, whatever becomes of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lawnix.core.digest import digest
from lawnix.errors import SandboxError
from lawnix.sandbox.realized import Environment, Environments, remove

WANTED = Environment(digest("test", b"one"), "venv::list.txt", {"packages": "one 1"}, {})

MAKE = """
import logging, sys
from pathlib import Path
from lawnix.core.digest import digest
from lawnix.sandbox.realized import Environment, Environments

logging.basicConfig(level="INFO", format="%(message)s")

def make(workshop):
    workshop.run(["sh", "-c", 'echo $$ >"$1/pid"; echo begun; read line <"$1/go"; echo through', "sh", sys.argv[1]])
    (workshop.place / "thing").write_text("made")
    return {"one": "1"}

wanted = Environment(digest("test", b"one"), "venv::list.txt", {"packages": "one 1"}, {})
print(Environments(Path(sys.argv[1], "home")).realized(wanted, "list", make))
"""


@pytest.fixture
def home(tmp_path):
    os.mkfifo(tmp_path / "go")
    yield tmp_path / "home"
    if (tmp_path / "home").exists():
        remove(tmp_path / "home")


def maker(home) -> subprocess.Popen:
    """A process that makes the environment, and ends that when it is told to."""
    command = [sys.executable, "-c", MAKE, str(home.parent)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(process, words) -> None:
    """Come back when the process has said this."""
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}")


def go(home) -> None:
    """Let the program that makes it end; waits until there is one."""
    (home.parent / "go").write_text("go\n")


def write_thing(workshop):
    (workshop.place / "thing").write_text("made")
    return {"one": "1"}


def never(workshop):
    raise AssertionError("it is made again")


def test_what_is_there_is_not_made_again(home):
    environments = Environments(home)
    place = environments.realized(WANTED, "list", write_thing)
    assert environments.realized(WANTED, "list", never) == place
    assert (place / "thing").read_text() == "made"


def test_two_processes_make_it_once(home):
    first, second = maker(home), maker(home)
    until_either_waits(first, second)
    go(home)
    places = {process.communicate(timeout=60)[0] for process in (first, second)}
    assert len(places) == 1
    assert (Path(places.pop().strip()) / "log").read_text().count("\nbegun") == 1


def until_either_waits(first, second) -> None:
    said = ""
    while "another process makes" not in said:
        for process in (first, second):
            os.set_blocking(process.stderr.fileno(), False)
            try:
                said += os.read(process.stderr.fileno(), 4096).decode()
            except BlockingIOError:
                assert process.poll() is None, said
    for process in (first, second):
        os.set_blocking(process.stderr.fileno(), True)


def test_what_is_killed_in_the_middle_does_not_count_and_what_it_left_running_is_waited_for(home):
    killed = maker(home)
    until(killed, "making the environment")
    while not (home.parent / "pid").exists():
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert Environments(home).all() == {}
    after = maker(home)
    until(after, "another process makes")
    go(home)  # what the killed one has left running
    until(after, "making the environment")
    go(home)
    place = Path(after.communicate(timeout=60)[0].strip())
    assert (place / "log").read_text().count("\nbegun") == 1
    assert list(Environments(home).all()) == [place]


def test_what_fails_is_told_with_the_end_of_its_log_which_is_kept(home):
    def make(workshop):
        (workshop.place / "half").mkdir()
        workshop.run(["sh", "-c", "echo first; echo the last words >&2; exit 3"])
        return {}

    with pytest.raises(SandboxError, match=r"exit code 3;[^|]*(\n  \| .*)*\n  \| the last words") as raised:
        Environments(home).realized(WANTED, "list", make)
    (place,) = Environments(home).leftovers()
    assert [path.name for path in place.iterdir()] == ["log"]
    assert str(place / "log") in str(raised.value)
    assert Environments(home).realized(WANTED, "list", write_thing) == place


def test_a_program_that_is_not_there_is_told(home):
    with pytest.raises(SandboxError, match="no-such-program cannot be started"):
        Environments(home).realized(WANTED, "list", lambda workshop: workshop.run(["no-such-program"]))


def test_a_place_where_nothing_can_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match=r"cannot be made below .*file/home: Not a directory"):
        Environments(tmp_path / "file" / "home").realized(WANTED, "list", never)


def test_what_is_there_cannot_be_written_and_says_what_it_is(home):
    place = Environments(home).realized(WANTED, "list", write_thing)
    assert not (place / "thing").stat().st_mode & 0o222
    (found,) = Environments(home).all().values()
    assert (found.sandbox, found.versions, found.size) == ("venv::list.txt", {"one": "1"}, 4)
    assert json.loads((place / "environment.json").read_text())["parts"] == {"packages": "one 1"}


def test_what_is_removed_is_made_anew(home):
    place = Environments(home).realized(WANTED, "list", write_thing)
    remove(place)
    assert not place.exists()
    assert Environments(home).realized(WANTED, "list", write_thing) == place
