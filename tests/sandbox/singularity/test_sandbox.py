"""Containers of the real Apptainer: what they are, and what is in them."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from lawnix.errors import IsolationError, SandboxError
from lawnix.sandbox.singularity.sandbox import SingularitySandbox
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import SandboxWorker
from tests.scenarios.conftest import session_of

SAY = """
import json, os, struct
def say(thing):
    data = json.dumps(thing).encode()
    os.write(1, struct.pack("<4sI", b"lnx:", len(data)) + data)
"""

START = """
import sys
from pathlib import Path
from lawnix.sandbox.singularity.sandbox import SingularitySandbox
from lawnix.sandbox.spec import SandboxSpec, Surroundings

sandbox = SingularitySandbox(SandboxSpec("singularity", sys.argv[1]), Path(sys.argv[2]))
program = "import os, sys; os.write(1, b'there'); sys.stdin.read()"
process = sandbox.start(["-c", program], Surroundings(closed=sys.argv[3] == "1"))
process.line._read(5)
print(process._process.pid, flush=True)
process.line.receive()
"""


@pytest.fixture
def sandbox(apptainer, tmp_path):
    """A sandbox of an image with Python, or of another."""

    def make(name=None, **more) -> SingularitySandbox:
        name = name or apptainer.file("python3.11")
        return SingularitySandbox(SandboxSpec("singularity", str(name), **more), tmp_path / "home")

    return make


def test_an_image_is_what_its_file_holds(apptainer, sandbox, tmp_path):
    before = sandbox().identity()
    shutil.copyfile(apptainer.file("python3.11"), tmp_path / "other.sif")
    assert sandbox(tmp_path / "other.sif").identity() == before
    shutil.copyfile(apptainer.file("busybox"), tmp_path / "other.sif")
    assert sandbox(tmp_path / "other.sif").identity() != before


def test_a_directory_is_what_it_holds(apptainer, sandbox, tmp_path):
    shutil.copytree(apptainer.directory("busybox"), tmp_path / "image", symlinks=True)
    before = sandbox(tmp_path / "image").identity()
    assert before == sandbox(apptainer.directory("busybox")).identity()
    (tmp_path / "image" / "new").touch()
    assert sandbox(tmp_path / "image").identity() != before


@pytest.mark.parametrize("version", ["3.11", "3.13"])
@pytest.mark.parametrize("form", ["file", "directory"])
def test_any_python_serves_of_a_file_and_of_a_directory(apptainer, sandbox, said_in, form, version):
    image = getattr(apptainer, form)(f"python{version}")
    assert said_in(sandbox(image), "import platform; say(platform.python_version())").startswith(version)


def test_what_is_missing_is_told(apptainer, sandbox, monkeypatch, tmp_path):
    with pytest.raises(SandboxError, match=r"there is no image .*nowhere\.sif"):
        sandbox(tmp_path / "nowhere.sif").identity()
    with pytest.raises(SandboxError, match="there is no Python in it"):
        SandboxWorker(sandbox(apptainer.file("busybox")), {}, Surroundings())
    monkeypatch.setenv("PATH", "/usr/bin")
    with pytest.raises(SandboxError, match="neither apptainer nor singularity"):
        sandbox().identity()


@pytest.mark.parametrize("closed", [False, True])
def test_places_of_the_host_are_there_as_they_lie_here(sandbox, said_in, tmp_path, closed):
    given, made = tmp_path / 'given, "and: more', tmp_path / "made"
    given.mkdir()
    made.mkdir()
    (given / "number").write_text("42")
    program = f"""
given, made = {str(given)!r}, {str(made)!r}
def tried(place):
    try:
        open(place, "w").write("43")
    except OSError as error:
        return error.strerror
say([open(given + "/number").read(), tried(given + "/number"), tried(made + "/number"), os.getcwd()])
"""
    surroundings = Surroundings(read=(str(given),), write=(str(made),), directory=str(made), closed=closed)
    assert said_in(sandbox(), program, surroundings) == ["42", "Read-only file system", None, str(made)]
    assert ((made / "number").stat().st_uid, (made / "number").read_text()) == (os.getuid(), "43")


def test_variables_are_set_with_those_of_the_image(sandbox, said_in, monkeypatch):
    monkeypatch.setenv("OF_THE_CALLER", "1")
    monkeypatch.setenv("APPTAINERENV_OF_THE_CALLER", "1")
    monkeypatch.setenv("LAW__a__b", "$HOME, and more")
    one = sandbox(variables=(("PATH", "/first:$PATH"), ("SAID", 'a "word"')), arguments=("--env", "MORE=1"))
    names = ("PATH", "SAID", "MORE", "OF_THE_CALLER", "LAW__a__b")
    path, said, more, caller, law = said_in(one, f"say([os.environ.get(name) for name in {names}])")
    assert (path.split(":")[0], "/usr/bin" in path, said, more, caller) == (
        "/first",
        True,
        'a "word"',
        "1",
        None,
    )
    assert law == "$HOME, and more"


def test_a_closed_one_has_no_network_no_rights_and_its_own_root(sandbox, said_in, monkeypatch):
    monkeypatch.setenv("LAW_SOMETHING", "1")
    program = """
def tried(act):
    try:
        return act()
    except OSError as error:
        return error.strerror
rights = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "NoNewPrivs"))]
networks = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
say([rights, networks, tried(lambda: open("/usr/new", "w")), os.listdir(os.environ["HOME"]), tried(lambda: open("/tmp/new", "w").write("1")), "LAW_SOMETHING" in os.environ, os.environ["TZ"], os.listdir("/sys")])
"""
    said = said_in(sandbox(), program, Surroundings(closed=True))
    assert said == [["0000000000000000", "1"], ["lo"], "Read-only file system", [], 1, False, "UTC", []]


@pytest.mark.parametrize(
    "more",
    [
        {"volumes": (("/srv", ""),)},
        {"arguments": ("--bind", "/srv")},
        {"arguments": ("--writable",)},
        {"binds": False},
    ],
)
def test_what_would_open_a_closed_one_is_refused(sandbox, more):
    sandbox(**more).check(closed=False)
    with pytest.raises(IsolationError):
        sandbox(**more).check(closed=True)


def test_volumes_and_no_binds_do_not_go_together(sandbox, said_in):
    with pytest.raises(SandboxError, match="allow_binds"):
        said_in(sandbox(volumes=(("/srv", ""),), binds=False), "say(1)")


def test_without_binds_the_host_is_there_as_the_site_has_set_it(sandbox, said_in, tmp_path):
    (tmp_path / "number").write_text("42")
    surroundings = Surroundings(read=(str(tmp_path),))
    assert said_in(sandbox(binds=False), f"say(open('{tmp_path}/number').read())", surroundings) == "42"


def test_what_it_started_ends_with_it(sandbox):
    number = str(os.getpid() + 0.25)  # s; nobody else sleeps just as long
    program = f"""
import subprocess
subprocess.Popen(["sleep", "{number}"], start_new_session=True)
say(1)
input()
"""
    process = sandbox().start(["-c", SAY + program], Surroundings())
    assert process.line.receive() == 1
    assert sleeping(number)
    process.end()
    assert not sleeping(number)


def sleeping(number: str) -> bool:
    return (
        subprocess.run(["pgrep", "-xf", f"sleep {number}"], stdout=subprocess.DEVNULL, check=False).returncode
        == 0
    )


def test_nothing_is_left_that_mounts_its_image(sandbox):
    process = sandbox().start(["-c", SAY + "say(1); input()"], Surroundings())
    assert process.line.receive() == 1
    session = process._process.pid
    assert session_of(session)
    process.end()
    assert not session_of(session)


@pytest.mark.parametrize("closed", [False, True])
def test_nothing_is_left_when_the_run_is_killed(apptainer, tmp_path, closed):
    command = [
        sys.executable,
        "-c",
        START,
        str(apptainer.file("python3.11")),
        str(tmp_path / "home"),
        str(int(closed)),
    ]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    session = int(run.stdout.readline())
    assert session_of(session)
    run.kill()
    run.wait()
    run.stdout.close()
    until = time.monotonic() + 30
    while left := session_of(session):
        assert time.monotonic() < until, f"{left} are left"
