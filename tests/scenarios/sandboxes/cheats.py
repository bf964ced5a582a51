"""Ways to get at what a task does not declare, or to change what is not its own. This file becomes a part of a project.

Each way comes back with what it got, or raises. What `PLACES` names is made by `test_cheats.py`, which writes it.
"""

import glob
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from proj.places import PLACES

SECRET = "the secret"
CHEATS = {}


def cheat(function):
    CHEATS[function.__name__] = function
    return function


def said(text):
    """`text`, if it is what nobody was to know."""
    assert SECRET in text, f"only {text[:40]!r} was found"
    return text


def first(ways):
    """What the first of several ways gives that gives anything."""
    reasons = {}
    for way in ways:
        try:
            return said(way())
        except (OSError, AssertionError) as error:
            reasons[str(error)] = None
    raise PermissionError("; ".join(list(reasons)[:3]) or "there is no way at all")


def through(pattern, rest=""):
    """What lies behind some file of /proc."""
    return first(
        lambda path=path: Path(path + rest).read_text(errors="replace") for path in glob.glob(pattern)
    )


def written(path):
    """What was put at the end of a file."""
    with open(path, "a") as file:
        file.write(SECRET)
    return said(Path(path).read_text())


# --------------------------------------------------------------------------------------- reading


@cheat
def read_by_an_absolute_path(task):
    return said(Path(PLACES["undeclared"]).read_text())


@cheat
def read_by_a_relative_path(task):
    return said(Path("undeclared.txt").read_text())


@cheat
def read_by_climbing_up(task):
    return said(Path(os.path.dirname(task.output().path), *[".."] * 20, PLACES["undeclared"][1:]).read_text())


@cheat
def read_through_a_link_in_the_build_directory(task):
    link = task.output().path + "-link"
    os.symlink(PLACES["undeclared"], link)
    try:
        return said(Path(link).read_text())
    finally:
        os.unlink(link)


@cheat
def read_through_a_root_in_proc(task):
    return through("/proc/[0-9]*/root", PLACES["undeclared"])


@cheat
def read_through_a_descriptor_in_proc(task):
    return through(f"/proc/{PLACES['victim']}/fd/0")


@cheat
def read_through_an_inherited_descriptor(task):
    return said(os.pread(PLACES["descriptor"], 100, 0).decode())


@cheat
def read_beside_the_code(task):
    return said(Path(__file__).with_name("beside.txt").read_text())


@cheat
def read_a_module_that_is_not_used(task):
    return said(Path(__file__).with_name("unused.py").read_text())


@cheat
def read_the_object_of_another_task(task):
    return said(Path(PLACES["sibling"]).read_text())


@cheat
def list_the_objects_of_the_store(task):
    path = Path(task.input().path)
    names = {each.name for each in path.parents[1].glob("*/*")} - {path.name}
    return said(f"{SECRET} are {names}" if names else "nothing")


@cheat
def read_the_journal_of_the_store(task):
    store = Path(task.input().path).parents[2]
    return said(SECRET if any(each.read_bytes() for each in store.glob("journal/*")) else "nothing")


@cheat
def read_the_home_of_the_user(task):
    return first(
        [
            (lambda place=place: Path(place, "of-home.txt").read_text())
            for place in (os.path.expanduser("~"), PLACES["home"])
        ]
    )


@cheat
def read_shared_memory(task):
    return said(Path(PLACES["memory"]).read_text())


@cheat
def read_an_undeclared_variable(task):
    return said(os.environ.get("UNDECLARED", "nothing"))


@cheat
def read_the_environment_of_another_process(task):
    return through("/proc/[0-9]*/environ")


# --------------------------------------------------------------------------------------- writing


@cheat
def write_outside(task):
    return written(PLACES["outside"])


@cheat
def write_into_an_input(task):
    os.chmod(task.input().path, 0o644)
    return written(task.input().path)


@cheat
def change_the_mode_of_an_input(task):
    os.chmod(task.input().path, 0o666)
    return SECRET


@cheat
def write_through_a_hard_link_to_an_input(task):
    link = task.output().path + "-link"
    os.link(task.input().path, link)
    try:
        os.chmod(link, 0o644)
        return written(link)
    finally:
        os.unlink(link)


@cheat
def put_something_in_the_place_of_an_input(task):
    path = task.input().path
    os.chmod(os.path.dirname(path), 0o755)
    os.rename(path, path + "-moved")
    return written(path)


@cheat
def write_into_the_code(task):
    return written(__file__)


@cheat
def put_a_module_beside_the_code(task):
    return written(Path(__file__).with_name(f"more_{os.getpid()}.py"))


# --------------------------------------------------------------------------------------- network


def asked(kind, family, address):
    with socket.socket(family, kind) as connection:
        connection.settimeout(20)
        connection.connect(address)
        connection.send(b"?")
        return said(connection.recv(100).decode())


@cheat
def connect_to_loopback(task):
    return asked(socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", PLACES["tcp"]))


@cheat
def send_to_loopback(task):
    return asked(socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.1", PLACES["udp"]))


@cheat
def connect_to_an_abstract_socket(task):
    return asked(socket.SOCK_STREAM, socket.AF_UNIX, "\0" + PLACES["abstract"])


@cheat
def connect_to_a_socket_of_the_file_system(task):
    return asked(socket.SOCK_STREAM, socket.AF_UNIX, PLACES["socket"])


@cheat
def resolve_a_name(task):
    return said(f"{SECRET} is {socket.getaddrinfo(PLACES['name'], 80)}")


# ------------------------------------------------------------------------------------- processes


@cheat
def send_a_signal_to_another_process(task):
    os.kill(PLACES["victim"], signal.SIGCONT)
    return SECRET


@cheat
def see_another_process(task):
    return said(Path(f"/proc/{PLACES['victim']}/cmdline").read_text().replace("\0", " "))


@cheat
def leave_a_process_behind(task):
    left = subprocess.Popen(
        ["sleep", "1000"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    print("left behind:", left.pid)
    return SECRET


@cheat
def leave_a_process_behind_that_hides(task):
    reading, writing = os.pipe()
    if not os.fork():
        os.setsid()
        if left := os.fork():
            os.write(writing, str(left).encode())
            os._exit(0)
        os.closerange(0, 3)
        time.sleep(1000)
    os.wait()
    print("left behind:", os.read(reading, 100).decode())
    return SECRET
