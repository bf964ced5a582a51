"""Containers of the real engine: what they are, what is in them, and that none is left."""

import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from lawnix.errors import IsolationError, SandboxError
from lawnix.sandbox.docker.orphans import remove_orphans
from lawnix.sandbox.docker.sandbox import DockerSandbox
from lawnix.sandbox.registry import sandbox_of
from lawnix.sandbox.spec import SandboxSpec, Surroundings
from lawnix.sandbox.worker import SandboxWorker

START = """
import os, sys
from pathlib import Path
from lawnix.sandbox.docker.sandbox import DockerSandbox
from lawnix.sandbox.spec import SandboxSpec, Surroundings

sandbox = DockerSandbox(SandboxSpec("docker", sys.argv[1]), Path(sys.argv[2]))
process = sandbox.start(["-c", sys.argv[3]], Surroundings(write=(sys.argv[2],)))
print("started", flush=True)
process.line.receive()
"""


@pytest.fixture
def sandbox(docker, tmp_path):
    """A sandbox of an image with Python, or of another."""
    (tmp_path / "home").mkdir()

    def make(name: str = docker.pythons[0], **more) -> DockerSandbox:
        return DockerSandbox(SandboxSpec("docker", name, **more), tmp_path / "home")

    return make


def containers(docker, home: Path) -> list:
    return docker.client.api.containers(all=True, filters={"label": f"lawnix.home={home}"})


def await_none(docker, home: Path) -> None:
    until = time.monotonic() + 30
    while found := containers(docker, home):
        assert time.monotonic() < until, f"{found} are left"


# ----------------------------------------------------------------------------------- what it is


def test_a_tag_that_is_given_to_another_image_is_another_sandbox(docker, sandbox):
    name = f"lawnix-test/{uuid.uuid4().hex}"
    docker.client.images.get(docker.pythons[0]).tag(name, "1")
    try:
        before = sandbox(f"{name}:1").identity()
        assert before == sandbox(docker.pythons[0]).identity()
        docker.client.images.get(docker.pythons[1]).tag(name, "1")
        assert sandbox(f"{name}:1").identity() != before
    finally:
        docker.client.images.remove(f"{name}:1", noprune=True)


def test_a_run_stays_with_the_image_that_it_has_seen(docker, sandbox, said_in):
    name = f"lawnix-test/{uuid.uuid4().hex}"
    docker.client.images.get(docker.pythons[0]).tag(name, "1")
    try:
        one = sandbox(f"{name}:1")
        one.identity()
        docker.client.images.get(docker.pythons[1]).tag(name, "1")
        assert said_in(one, "import sys; say(sys.version_info[:2])") == [3, 11]
    finally:
        docker.client.images.remove(f"{name}:1", noprune=True)


def test_variables_and_commands_around_count_and_who_runs_does_not(sandbox):
    plain = sandbox().identity()
    assert sandbox(variables=(("A", "1"),)).identity() != plain
    assert sandbox(arguments=("-e", "A=1")).identity() != plain
    assert sandbox(before=("true",)).identity() != plain
    assert sandbox(user=(5, 5), arguments=("--memory", "1g"), volumes=(("/srv", ""),)).identity() == plain


def test_an_image_that_a_registry_has_is_pulled(docker, registry, sandbox, said_in):
    name = f"{registry}/lawnix-test/{uuid.uuid4().hex}"
    from docker.errors import ImageNotFound

    docker.client.images.get(docker.pythons[0]).tag(name, "1")
    try:
        docker.client.images.push(name, "1")
        docker.client.images.remove(f"{name}:1", noprune=True)
        assert said_in(sandbox(f"{name}:1"), "say(1)") == 1
    finally:
        for each in docker.client.images.list(name):
            for left in each.attrs["RepoTags"] + each.attrs["RepoDigests"]:
                if left.startswith(name):
                    with contextlib.suppress(ImageNotFound):  # the digest goes with the tag
                        docker.client.images.remove(left, noprune=True)


# ------------------------------------------------------------------------------- what is missing


def test_an_image_that_cannot_be_had_is_told_with_the_way_out(sandbox):
    with pytest.raises(SandboxError, match="docker pull lawnix-test/nobody-made-this:1"):
        sandbox("lawnix-test/nobody-made-this:1").identity()


def test_an_engine_that_does_not_answer_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(SandboxError, match=r"nobody\.sock does not answer.*DOCKER_HOST"):
        sandbox_of(SandboxSpec("docker", "image"), tmp_path).identity()


def test_a_missing_sdk_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(SandboxError, match=r"pip install 'lawnix\[docker\]'"):
        sandbox_of(SandboxSpec("docker", "image"), tmp_path).identity()


def test_an_image_without_python_is_told(docker, sandbox):
    with pytest.raises(SandboxError, match="there is no Python in it"):
        SandboxWorker(sandbox(docker.busybox), {}, Surroundings())


# ------------------------------------------------------------------------------- what is in there


@pytest.mark.parametrize("number", [0, 1])
def test_any_python_serves(docker, sandbox, said_in, number):
    version = said_in(sandbox(docker.pythons[number]), "import platform; say(platform.python_version())")
    assert docker.pythons[number].partition(":")[2] in version


def test_places_of_the_host_are_there_as_they_lie_here(sandbox, said_in, tmp_path):
    given, made = tmp_path / "given", tmp_path / "made"
    given.mkdir()
    made.mkdir()
    (given / "number").write_text("42")
    program = f"""
        def tried(place):
            try:
                open(place, "w").write("43")
            except OSError as error:
                return error.strerror
        say([open("{given}/number").read(), tried("{given}/number"), tried("{made}/number"), os.getcwd()])
    """
    surroundings = Surroundings(read=(str(given),), write=(str(made),), directory=str(given))
    program = "\n".join(line[8:] for line in program.splitlines())
    assert said_in(sandbox(), program, surroundings) == ["42", "Read-only file system", None, str(given)]
    assert ((made / "number").stat().st_uid, (made / "number").read_text()) == (os.getuid(), "43")


def test_volumes_appear_where_they_are_asked_for(sandbox, said_in, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "thing.py").write_text("HERE = True")
    one = sandbox(volumes=((f"{tmp_path}/one", "/inside:ro"), (f"{tmp_path}/one", "{{LAW_FORWARD_PY}}:ro")))
    assert said_in(one, "import thing; say([os.listdir('/inside'), thing.HERE])") == [["thing.py"], True]


def test_variables_are_set_with_those_of_the_image(sandbox, said_in, monkeypatch):
    monkeypatch.setenv("OF_THE_CALLER", "1")
    one = sandbox(variables=(("PATH", "/first:$PATH"), ("SAID", 'a "word"')), arguments=("-e", "MORE=1"))
    path, said, more, caller = said_in(
        one, "say([os.environ.get(name) for name in ('PATH', 'SAID', 'MORE', 'OF_THE_CALLER')])"
    )
    assert (path.split(":")[0], "/usr/bin" in path, said, more, caller) == (
        "/first",
        True,
        'a "word"',
        "1",
        None,
    )


def test_commands_around_are_run_and_what_they_print_does_not_disturb(sandbox, said_in):
    one = sandbox(
        before=("echo hello; export FIRST=1", "source /dev/null"), after=('export LAST="${FIRST}2"',)
    )
    assert said_in(one, "say(os.environ['LAST'])") == "12"


def test_it_runs_as_who_is_asked_for(sandbox, said_in):
    assert said_in(sandbox(user=(12345, 54321)), "say([os.getuid(), os.getgid()])") == [12345, 54321]


@pytest.mark.parametrize(
    "more", [{"user": (os.getuid() + 1234, 0)}, {"arguments": ["--user", f"{os.getuid() + 1234}"]}]
)
def test_another_user_who_cannot_write_what_is_built_is_refused(sandbox, more):
    with pytest.raises(SandboxError, match=f"as user {os.getuid() + 1234}, who cannot write"):
        sandbox(**more).check(closed=False)
    sandbox(user=(os.getuid(), 1234)).check(closed=False)
    sandbox(arguments=["--user", "somebody"]).check(closed=False)


def test_a_closed_one_has_no_network_no_rights_and_its_own_root(sandbox, said_in, monkeypatch):
    monkeypatch.setenv("LAW_SOMETHING", "1")
    program = """
import socket
def tried(act):
    try:
        return act()
    except OSError as error:
        return error.strerror
rights = [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))]
networks = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
say([rights, networks, tried(lambda: open("/usr/new", "w")), os.listdir(os.environ["HOME"]), tried(lambda: open("/tmp/new", "w").write("1")), "LAW_SOMETHING" in os.environ, os.environ["TZ"]])
"""
    said = said_in(sandbox(), program, Surroundings(closed=True))
    assert said == [
        ["0000000000000000", "0000000000000000", "1"],
        ["lo"],
        "Read-only file system",
        [],
        1,
        False,
        "UTC",
    ]


@pytest.mark.parametrize("more", [{"volumes": (("/srv", ""),)}, {"arguments": ("--network=host",)}, {"arguments": ("-v", "/srv:/srv")}])  # fmt: skip
def test_what_would_open_a_closed_one_is_refused(sandbox, more):
    sandbox(**more).check(closed=False)
    with pytest.raises(IsolationError):
        sandbox(**more).check(closed=True)


# ------------------------------------------------------------------------------ that none is left


def test_how_it_ended_is_told(docker, sandbox, tmp_path):
    for end, told in (("sys.exit(7)", "exit code 7"), ("os.kill(1, 15)", "SIGTERM")):
        program = f"import os, signal, sys; signal.signal(15, lambda *a: sys.exit(143)); {end}"
        process = sandbox().start(["-c", program], Surroundings())
        with pytest.raises(EOFError):
            process.line.receive()
        assert told in process.ended()
    await_none(docker, tmp_path / "home")


def test_it_is_gone_when_it_is_ended(docker, sandbox, tmp_path):
    process = sandbox().start(["-c", "import time; time.sleep(600)"], Surroundings())
    assert len(containers(docker, tmp_path / "home")) == 1
    process.end()
    await_none(docker, tmp_path / "home")


def test_its_input_ends_with_the_process_that_started_it(docker, sandbox, tmp_path):
    program = "import sys; sys.stdin.read()"
    command = [sys.executable, "-c", START, docker.pythons[0], str(tmp_path / "home"), program]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "started\n"
    assert len(containers(docker, tmp_path / "home")) == 1
    run.kill()
    run.wait()
    await_none(docker, tmp_path / "home")
    run.stdout.close()


def test_what_was_made_and_never_started_is_removed_by_the_next_run(docker, sandbox, tmp_path):
    home = tmp_path / "home"
    program = "from lawnix.sandbox.docker.orphans import label; import json, sys, pathlib; print(json.dumps(label('docker::x', pathlib.Path(sys.argv[1]))))"
    of_the_dead = json.loads(subprocess.check_output([sys.executable, "-c", program, str(home)]))
    of_another_host = {**of_the_dead, "lawnix.owner": "elsewhere/pid:[1] 2:3"}
    dead, elsewhere = (
        docker.client.api.create_container(docker.busybox, "true", labels=labels)["Id"]
        for labels in (of_the_dead, of_another_host)
    )
    try:
        living = sandbox().start(["-c", "import sys; sys.stdin.read()"], Surroundings())
        assert {each["Id"] for each in containers(docker, home)} == {elsewhere, living._container}
        assert remove_orphans(docker.client.api, home) == []
        living.end()
    finally:
        docker.client.api.remove_container(elsewhere)
    with pytest.raises(Exception, match="No such container"):
        docker.client.api.inspect_container(dead)
