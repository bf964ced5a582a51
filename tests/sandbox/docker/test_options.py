"""What docker_args() of a task may ask for."""

import pytest

from lawnix.errors import IsolationError, SandboxError
from lawnix.sandbox.docker.options import Options


def options(*arguments: str) -> Options:
    return Options(arguments, "docker::image")


def test_they_are_passed_on(monkeypatch):
    monkeypatch.setenv("MINE", "2")
    found = options(
        *("-e", "A=1=1", "--env=MINE", "-v", "/a:/b:ro", "--volume", "/c", "-u", "1:2", "--workdir=/w", "-h", "here"),
        *("--memory", "1g", "--cpus=1.5", "--pids-limit", "9", "--shm-size=2m", "--tmpfs", "/t:size=1m", "--read-only"),
        *("--ulimit", "core=0", "--ulimit", "nofile=1:2", "--cap-drop=ALL", "--rm", "-i", "--add-host", "a:1.2.3.4"),
    )  # fmt: skip
    assert found.variables == {"A": "1=1", "MINE": "2"}
    assert found.volumes == [("/a", "/b:ro"), ("/c", "")]
    assert (found.user, found.container) == ("1:2", {"working_dir": "/w", "hostname": "here"})
    limits = [dict(each) for each in found.host.pop("ulimits")]
    assert limits == [{"Name": "core", "Soft": 0, "Hard": 0}, {"Name": "nofile", "Soft": 1, "Hard": 2}]
    assert found.host == {
        "mem_limit": "1g", "nano_cpus": 1_500_000_000, "pids_limit": 9, "shm_size": "2m", "tmpfs": {"/t": "size=1m"},
        "read_only": True, "cap_drop": ["ALL"], "extra_hosts": {"a": "1.2.3.4"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("all", {"Count": -1, "DeviceIDs": []}),
        ("2", {"Count": 2, "DeviceIDs": []}),
        ("device=0,1", {"Count": 0, "DeviceIDs": ["0", "1"]}),
    ],
)
def test_graphics_processors_are_asked_for_as_on_the_command_line(asked, wanted):
    (request,) = options("--gpus", asked).host["device_requests"]
    assert {**request, **wanted} == dict(request)


def test_nothing_asked_is_nothing_said():
    found = options()
    assert (found.variables, found.volumes, found.user, found.container, found.host) == ({}, [], None, {}, {})


@pytest.mark.parametrize("argument", ["--entrypoint=x", "-t", "--netw=host", "image", "--detach"])
def test_what_is_not_passed_on_is_refused_and_never_dropped(argument):
    with pytest.raises(SandboxError, match=r"docker_args\(\).*what can be given is --env"):
        options(argument)


def test_a_value_that_means_nothing_is_refused():
    with pytest.raises(SandboxError, match=r"docker_args\(\)"):
        options("--cpus", "many")


@pytest.mark.parametrize("argument", ["--privileged", "--network=host", "--pid=host", "--device=/dev/x", "--cap-add=ALL"])  # fmt: skip
def test_what_opens_a_container_is_refused_where_it_is_to_be_closed(argument):
    with pytest.raises(IsolationError, match=argument.partition("=")[0]):
        options(argument).check_closed()


def test_what_limits_a_container_may_be_there_where_it_is_closed():
    options("--memory", "1g", "-e", "A=1", "--cap-drop=ALL").check_closed()
