"""`isolation: enforce`: what a task does not declare is not there, and what is not its own stays as it is.

All ways of `cheats.py` are tried in one run for each kind of sandbox. The same ways succeed under `trust`, so that it is the isolation
that they fail from.
"""

import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenarios.conftest import Project

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
WAYS = re.findall(r"^@cheat\ndef (\w+)", (HERE / "cheats.py").read_text(), re.MULTILINE)
WRITING = ("write_outside", "write_into_the_code", "put_a_module_beside_the_code")
SECRET = "the secret"

TASKS = """
import sys
from proj.cheats import CHEATS
from proj.places import PLACES

if sys.argv[0] != "-c":  # the run itself has something open
    os.dup2(os.open(PLACES["undeclared"], os.O_RDONLY), PLACES["descriptor"], inheritable=True)

class Sibling(lawnix.Task):
    def output(self):
        return self.target("s.txt")

    def run(self):
        self.output().dump("the secret", formatter="text")

class Numbers(lawnix.Task, lawnix.LocalWorkflow):
    def create_branch_map(self):
        return dict(enumerate(sorted(CHEATS)))

    def output(self):
        return self.target("n.txt")

    def run(self):
        self.output().dump(self.branch_data, formatter="text")

class Tried({bases}):
    {sandbox}

    def create_branch_map(self):
        return dict(enumerate(sorted(CHEATS)))

    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("t.txt")

    def run(self):
        name = self.branch_data
        try:
            CHEATS[name](self)
        except Exception as error:
            print(f"{{name}} has failed: {{type(error).__name__}}: {{error}}")
        else:
            print(f"{{name}} has succeeded")
        self.output().dump(name, formatter="text")
"""


@dataclass(frozen=True)
class Told:
    """What became of all ways.

    Attributes:
        output: What the run printed.
        found: Those whose tasks failed in the end.
        hurt: What is not as it was, outside.
    """

    output: str
    found: frozenset[str]
    hurt: tuple[str, ...]

    def succeeded(self, way: str) -> bool:
        return f"{way} has succeeded\n" in self.output

    def failed(self, way: str) -> bool:
        return f"{way} has failed: " in self.output


# ---------------------------------------------------------------------------------- the world outside


@contextmanager
def answering(server: socketserver.BaseServer) -> Iterator[None]:
    """Within, who asks is answered."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        if isinstance(self.request, tuple):
            self.request[1].sendto(SECRET.encode(), self.client_address)
        else:
            self.request.recv(10)
            self.request.sendall(SECRET.encode())


@contextmanager
def world(root: Path) -> Iterator[dict[str, object]]:
    """What there is to be got at, by name."""
    secret, home, elsewhere = root / "undeclared.txt", root.parent / "home", root.parent / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    for place in (secret, home / "of-home.txt", elsewhere / "outside.txt", root / "proj" / "beside.txt"):
        place.write_text(SECRET)
    (root / "proj" / "unused.py").write_text(f"# {SECRET}\n")
    abstract, unix = f"lawnix-{root}", root.parent / "socket"
    memory = Path("/dev/shm", f"lawnix-{os.getpid()}-{root.parent.name}")
    memory.write_text(SECRET)
    tcp, udp = (cls(("127.0.0.1", 0), Answer) for cls in (socketserver.TCPServer, socketserver.UDPServer))
    with ExitStack() as stack:
        stack.callback(memory.unlink)
        for server in (
            tcp,
            udp,
            *(socketserver.UnixStreamServer(at, Answer) for at in ("\0" + abstract, str(unix))),
        ):
            stack.enter_context(answering(server))
        command = ["sh", "-c", "sleep 1000; : the secret"]
        stdin = stack.enter_context(secret.open())
        victim = stack.enter_context(subprocess.Popen(command, stdin=stdin, start_new_session=True))
        stack.callback(os.killpg, victim.pid, signal.SIGKILL)
        yield {
            "undeclared": str(secret),
            "descriptor": 77,
            "home": str(home),
            "outside": str(elsewhere / "outside.txt"),
            "memory": str(memory),
            "tcp": tcp.server_address[1],
            "udp": udp.server_address[1],
            "abstract": abstract,
            "socket": str(unix),
            "victim": victim.pid,
            "name": socket.gethostname(),
            "sibling": "",
        }


def hurt(project, places) -> Iterator[str]:
    """What is not as it was."""
    for path in (places["undeclared"], places["outside"], project.root / "proj" / "beside.txt"):
        if Path(path).read_text() != SECRET:
            yield str(path)
    if SECRET in (project.root / "proj" / "cheats.py").read_text().removeprefix(CHEATS):
        yield "the code"
    yield from map(str, (project.root / "proj").glob("more_*"))
    yield from map(str, project.verify().corrupt)


# ---------------------------------------------------------------------------------------- the tries

CHEATS = (HERE / "cheats.py").read_text()


def tried(project, kind, isolation: str, law) -> Told:
    """What becomes of all ways in a sandbox of this kind; none where that is None."""
    key = None if kind is None else kind.make(project)
    config = (
        project.root / "law.cfg"
    ).read_text()  # what a test lets tasks see beside their inputs is not for this one
    project.write("law.cfg", re.sub(r"^\[\w+_sandbox_volumes\]\n[^\[]*", "", config, flags=re.MULTILINE))
    bases = "lawnix.Task, lawnix.LocalWorkflow" + ("" if key is None else ", law.SandboxTask")
    project.tasks(TASKS.format(bases=bases, sandbox="pass" if key is None else f"sandbox = {key!r}"))
    project.write("proj/cheats.py", CHEATS)
    project.configure("lawnix", "durability", "none")
    with world(project.root) as places:
        say_places(project, places)
        law("run", "proj.tasks.Sibling", LAW__lawnix__isolation="trust")
        law("run", "proj.tasks.Numbers", LAW__lawnix__isolation="trust")
        (sibling,) = project.results.glob("**/s.txt")
        say_places(project, {**places, "sibling": str(sibling.resolve())})
        output = law(
            "run",
            "proj.tasks.Tried",
            "--workers",
            "2",
            HOME=str(places["home"]),
            UNDECLARED=SECRET,
            LAW__lawnix__isolation=isolation,
        )
        for pid in re.findall(r"^left behind: (\d+)$", output, re.MULTILINE):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        ways = sorted(WAYS)
        failed = re.findall(r"^ERROR: Tried\(.*?branch=(\d+)\b.*failed", output, re.MULTILINE)
        return Told(output, frozenset(ways[int(number)] for number in failed), tuple(hurt(project, places)))


def say_places(project, places) -> None:
    project.write("proj/places.py", f"PLACES = {places!r}\n")


@pytest.fixture(scope="module")
def tries(tmp_path_factory, warm) -> Iterator:
    """What becomes of all ways in a kind of sandbox; each is tried once."""
    known, roots = {}, []

    def ask(kind, isolation: str) -> Told:
        name = kind and kind.name
        if (name, isolation) not in known:
            project = Project(tmp_path_factory.mktemp("cheats") / "project", warm)
            project.patience *= 10  # each task starts a Python of its own
            roots.append(project.root.parent)
            law = lambda *argv, **more: project.law(*argv, code=None, **more).output  # noqa: E731
            known[name, isolation] = tried(project, kind, isolation, law)
        return known[name, isolation]

    yield ask
    for root in roots:
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)
        shutil.rmtree(root)


@pytest.fixture
def as_ordinary_user(ordinary_user, warm) -> Iterator:
    """What becomes of all ways in a kind of sandbox if somebody tries who is not root."""
    python = python_of(ordinary_user)
    project = Project(ordinary_user.directory / "project", warm)

    def law(*argv: str, **more: str) -> str:
        for directory, _, names in os.walk(ordinary_user.directory):
            for name in ("", *names):
                os.chown(Path(directory, name), ordinary_user.uid, ordinary_user.gid, follow_symlinks=False)
        packages = [project.root, REPOSITORY, sysconfig.get_path("purelib")]
        environment = {**project.environment, **more, "PYTHONPATH": os.pathsep.join(map(str, packages))}
        told = {name: environment[name] for name in environment.keys() - {"PATH", "VIRTUAL_ENV"}}
        run = ordinary_user.run(
            "sh",
            "-c",
            'cd "$1"; shift; exec "$@" 2>&1',
            "-",
            project.root,
            python,
            "-m",
            "law",
            *argv,
            **told,
        )
        return run.stdout + run.stderr

    yield lambda kind, isolation: tried(project, kind, isolation, law)
    subprocess.run(["chmod", "-R", "u+w", str(ordinary_user.directory)], check=True)


def python_of(user) -> str:
    """A Python that the user may run, with what is installed for this one."""
    there = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = [str(REPOSITORY), sysconfig.get_path("purelib")]
    for python in (sys.executable, f"/usr/bin/python{there}"):
        with suppress(OSError):
            if (
                user.run(python, "-c", "import law, lawnix", PYTHONPATH=os.pathsep.join(packages)).returncode
                == 0
            ):
                return python
    pytest.skip(
        f"the ordinary user may run no Python {there}: `sudo site/as-user pytest {HERE}` has one of its own"
    )


# ---------------------------------------------------------------------------------------- the tests


def check(told: Told, way: str) -> None:
    """That a way has failed, or was found, or has come to nothing; and was tried at all."""
    came_to_nothing = way in WRITING and told.hurt == ()  # in a place of its own, which nobody keeps
    assert told.failed(way) or (told.succeeded(way) and (way in told.found or came_to_nothing)), told.output


def test_there_are_twenty_ways_at_least():
    assert len(WAYS) >= 20
    assert all(f"def {way}(task)" in CHEATS for way in WAYS)


@pytest.mark.parametrize("way", WAYS)
def test_where_a_task_is_trusted_it_succeeds(tries, way):
    assert tries(None, "trust").succeeded(way), tries(None, "trust").output


@pytest.mark.parametrize("way", WAYS)
def test_where_isolation_is_enforced_it_fails_or_is_found_without_a_sandbox(bubblewrap, tries, way):
    check(tries(None, "enforce"), way)


@pytest.mark.parametrize("way", WAYS)
def test_where_isolation_is_enforced_it_fails_or_is_found(bubblewrap, kind, tries, way):
    check(tries(kind, "enforce"), way)


def test_nothing_outside_is_changed(bubblewrap, kind, tries):
    assert tries(kind, "enforce").hurt == ()
    assert tries(None, "enforce").hurt == ()
    assert tries(None, "trust").hurt != ()


def test_an_ordinary_user_does_not_get_further_without_a_sandbox(bubblewrap, as_ordinary_user):
    told = as_ordinary_user(None, "enforce")
    for way in WAYS:
        check(told, way)
    assert told.hurt == ()


def test_an_ordinary_user_does_not_get_further(bubblewrap, kind, as_ordinary_user):
    told = as_ordinary_user(kind, "enforce")
    for way in WAYS:
        check(told, way)
    assert told.hurt == ()


def test_a_task_that_may_have_a_sandbox_and_has_none_is_closed_in(bubblewrap, project):
    project.configure("lawnix", "isolation", "enforce")
    project.write("undeclared.txt", SECRET)
    project.tasks("""
        class Inside(lawnix.Task, law.SandboxTask):
            allow_empty_sandbox = True

            def output(self):
                return self.target("i.txt")

            def run(self):
                there = os.path.exists("undeclared.txt")
                self.output().dump(f"{there} {self.sandbox}", formatter="text")
    """)
    project.run("Inside")
    assert project.text("**/i.txt") == "False NO_STR"
