"""Which sandbox a task is built in, as law has it: by its attribute or parameter `sandbox`, and by law.cfg."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import law
from law.config import Config

from lawnix.errors import SandboxError
from lawnix.sandbox.protocol import Sandbox
from lawnix.sandbox.registry import is_known, sandbox_of
from lawnix.sandbox.spec import SandboxSpec
from lawnix.settings import Settings
from lawnix.task.contributed import load_kind
from lawnix.task.law_sandbox import LawSandbox
from lawnix.task.sandboxed import SandboxEnclosure

_HOST: Final = SandboxSpec("host", "")


class Sandboxes:
    """The enclosures of one walk: each sandbox is looked at once."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.store / "sandboxes"
        self._closed = settings.isolation == "enforce"
        self._known: dict[tuple[SandboxSpec, bool], SandboxEnclosure] = {}

    def of(self, task: Any) -> SandboxEnclosure | None:
        """What a task is built in; None for the process of the run.

        Raises:
            SandboxError: It cannot be had.
        """
        spec = spec_of(task)
        closed = self._closed and task.fixed_output is None  # what is known beforehand may come from anywhere
        if spec is None:
            if not closed:
                return None
            spec = _HOST
        if type(task).__module__ == "__main__":
            raise SandboxError(
                str(spec),
                f"{task.get_task_family()} is defined in a notebook or a script, where nothing in a sandbox finds it; "
                "move it to a module",
            )
        if (spec, closed) not in self._known:
            sandbox = self._sandbox(spec, task)
            digest = sandbox.identity() if spec is not _HOST else None
            sandbox.check(closed=closed)
            self._known[spec, closed] = SandboxEnclosure(sandbox, digest, self._home, closed=closed)
        return self._known[spec, closed]

    def _sandbox(self, spec: SandboxSpec, task: Any) -> Sandbox:
        if is_known(spec.kind):
            return sandbox_of(spec, self._home)
        return LawSandbox(spec, task.sandbox_inst)


def spec_of(task: Any) -> SandboxSpec | None:
    """The sandbox that a task asks for; None for the environment of the caller.

    Raises:
        SandboxError: There is none of this kind.
    """
    if not isinstance(task, law.SandboxTask):
        return None
    kind = str(task.sandbox).partition("::")[0]
    load_kind(kind)
    try:
        sandbox = task.sandbox_inst
    except Exception as error:  # law says so in many ways
        raise SandboxError(str(task.sandbox), str(error)) from error
    if sandbox is None:
        return None
    return replace(
        _configured(sandbox),
        user=_user(task),
        arguments=tuple(_arguments(task, sandbox.sandbox_type)),
        before=tuple(law.util.make_list(task.sandbox_pre_setup_cmds())),
        after=tuple(law.util.make_list(task.sandbox_post_setup_cmds())),
        binds=_binds(task, sandbox.get_config_section()),
    )


def sandbox_named(key: str, settings: Settings) -> Sandbox:
    """The sandbox `type::name`, as the configuration has it for a task that says nothing else.

    Raises:
        SandboxError: There is none of this kind.
    """
    load_kind(key.partition("::")[0])
    try:
        sandbox = law.sandbox.base.Sandbox.new(key)
    except Exception as error:  # law says so in many ways
        raise SandboxError(key, str(error)) from error
    return sandbox_of(_configured(sandbox), settings.store / "sandboxes")


def _configured(sandbox: Any) -> SandboxSpec:
    """A sandbox as the configuration has it."""
    config, section = Config.instance(), sandbox.get_config_section()
    return SandboxSpec(
        kind=sandbox.sandbox_type,
        name=os.path.expandvars(os.path.expanduser(sandbox.name)),
        variables=tuple(_variables(sandbox)),
        volumes=tuple(_volumes(sandbox)),
        login=bool(config.get_expanded_bool(section, "login", default=False)),
        binds=_binds(None, section),
    )


def _variables(sandbox: Any) -> Iterator[tuple[str, str]]:
    """Those of the configuration and the task; what law tells itself by the others is of this run alone."""
    said = type(sandbox)(sandbox.name)._get_env()  # for a task law looks for the root of a command line, too
    if sandbox.task is not None:
        said.update(sandbox.task.sandbox_env(said) or {})
    for name, value in said.items():
        if not name.startswith("LAW_SANDBOX"):
            yield name, str(value)


def _volumes(sandbox: Any) -> Iterator[tuple[str, str]]:
    if Config.instance().has_section(
        sandbox.get_config_section(postfix="volumes")
    ):  # law has it for containers alone
        for host, inside in sandbox._get_volumes().items():
            yield os.path.expandvars(os.path.expanduser(str(host))), str(inside or "")


def _binds(task: Any, section: str) -> bool:
    asked = getattr(task, "singularity_allow_binds", None)
    if callable(asked):
        return bool(asked())
    return bool(Config.instance().get_expanded_bool(section, "allow_binds", default=True))


def _user(task: Any) -> tuple[int, int] | None:
    user = task.sandbox_user()
    if not user:
        return None
    uid, gid = user
    return int(uid), int(gid)


def _arguments(task: Any, kind: str) -> Iterator[str]:
    asked = getattr(task, f"{kind}_args", None)
    if callable(asked):
        yield from map(str, law.util.make_list(asked()))
