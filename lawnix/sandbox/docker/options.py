"""What a task's `docker_args()` ask for: options of `docker run`, as the engine's SDK has them."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from lawnix.errors import IsolationError, SandboxError


class _Option(NamedTuple):
    """An option that is passed on.

    Attributes:
        names: As they are written.
        into: Its name in the SDK's `create_host_config`; none for what is said elsewhere.
        read: What the SDK takes for its text, or texts.
        many: Whether it can be given more than once.
        switch: Whether it has no text.
        opens: Whether it shows a container more, or lets it do more.
    """

    names: tuple[str, ...]
    into: str = ""
    read: Callable[[Any], Any] = str
    many: bool = False
    switch: bool = False
    opens: bool = False


class Options:
    """What the options say.

    Attributes:
        variables: Environment variables, in order.
        volumes: What they mount, as `host:inside[:ro]`.
        user: Who runs in there; None for whom the sandbox says.
        container: More for the SDK's `create_container`.
        host: More for its `create_host_config`.
    """

    def __init__(self, arguments: Sequence[str], sandbox: str) -> None:
        """Read them.

        Raises:
            SandboxError: One of them is none that is passed on.
        """
        parser = _Parser(sandbox)
        found, rest = parser.parse_known_args(list(arguments))
        if rest:
            parser.error(f"{rest[0]} is not passed on")
        given = vars(found)
        self._sandbox = sandbox
        self._opening = [each.names[0] for each in _OPTIONS if each.opens and given[_key(each)]]
        self.variables = dict(_variable(each) for each in given["env"] or ())
        self.volumes = [
            (host, inside) for host, _, inside in (each.partition(":") for each in given["volume"] or ())
        ]
        self.user = given["user"]
        named = {"hostname": given["hostname"], "working_dir": given["workdir"]}
        self.container = {name: text for name, text in named.items() if text is not None}
        try:
            self.host = {
                each.into: each.read(value) for each in _OPTIONS if each.into and (value := given[_key(each)])
            }
        except ValueError as error:
            parser.error(str(error))

    def check_closed(self) -> None:
        """Check that nothing of it opens what is to be closed.

        Raises:
            IsolationError: Something does.
        """
        if self._opening:
            raise IsolationError(
                self._sandbox,
                f"docker_args() of the task asks for {', '.join(self._opening)}",
                "leave that out",
            )


class _Parser(argparse.ArgumentParser):
    def __init__(self, sandbox: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False)
        self._sandbox = sandbox
        for option in _OPTIONS:
            if option.switch:
                self.add_argument(*option.names, action="store_true")
            else:
                self.add_argument(*option.names, action="append" if option.many else "store")

    def error(self, message: str) -> NoReturn:
        known = ", ".join(option.names[0] for option in _OPTIONS)
        raise SandboxError(
            self._sandbox, f"of what docker_args() of the task gives, {message}; what can be given is {known}"
        )


def _key(option: _Option) -> str:
    return option.names[0].removeprefix("--").replace("-", "_")


def _variable(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    return name, value if given else os.environ.get(name, "")


def _limit(text: str) -> Any:
    from docker.types import Ulimit

    name, _, limits = text.partition("=")
    soft, _, hard = limits.partition(":")
    return Ulimit(name=name, soft=int(soft), hard=int(hard or soft))


def _processors(text: str) -> Any:
    """Which ones are asked for, as `docker run --gpus` has it."""
    from docker.types import DeviceRequest

    kind, _, which = text.strip('"').partition("=")
    wanted = (
        {"device_ids": which.split(",")}
        if kind == "device"
        else {"count": -1 if kind == "all" else int(kind)}
    )
    return DeviceRequest(capabilities=[["gpu"]], **wanted)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    return dict(each.partition(":")[::2] for each in texts)


_OPTIONS: Final = (
    _Option(("--env", "-e"), many=True),
    _Option(("--volume", "-v"), many=True, opens=True),
    _Option(("--user", "-u"), opens=True),
    _Option(("--workdir", "-w")),
    _Option(("--hostname", "-h")),
    _Option(("--memory", "-m"), "mem_limit"),
    _Option(("--memory-swap",), "memswap_limit"),
    _Option(("--shm-size",), "shm_size"),
    _Option(("--cpus",), "nano_cpus", lambda text: int(float(text) * 1e9)),
    _Option(("--cpu-shares", "-c"), "cpu_shares", int),
    _Option(("--cpuset-cpus",), "cpuset_cpus"),
    _Option(("--pids-limit",), "pids_limit", int),
    _Option(("--ulimit",), "ulimits", lambda texts: [_limit(each) for each in texts], many=True),
    _Option(("--gpus",), "device_requests", lambda text: [_processors(text)]),
    _Option(("--runtime",), "runtime"),
    _Option(("--tmpfs",), "tmpfs", _pairs, many=True),
    _Option(("--read-only",), "read_only", bool, switch=True),
    _Option(("--init",), "init", bool, switch=True),
    _Option(("--cap-drop",), "cap_drop", list, many=True),
    _Option(("--cap-add",), "cap_add", list, many=True, opens=True),
    _Option(("--device",), "devices", list, many=True, opens=True),
    _Option(("--security-opt",), "security_opt", list, many=True, opens=True),
    _Option(("--add-host",), "extra_hosts", _pairs, many=True),
    _Option(("--group-add",), "group_add", list, many=True, opens=True),
    _Option(("--network", "--net"), "network_mode", opens=True),
    _Option(("--ipc",), "ipc_mode", opens=True),
    _Option(("--pid",), "pid_mode", opens=True),
    _Option(("--privileged",), "privileged", bool, switch=True, opens=True),
    _Option(("--rm",), switch=True),  # as they are anyway
    _Option(("--interactive", "-i"), switch=True),
)
