"""A shell for people in the environment of a task, with its inputs at hand and a build directory of its own."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import luigi

from lawnix.core.realization import Found, TaskName
from lawnix.engine.current import Build
from lawnix.engine.graph import DerivedNode
from lawnix.engine.plan import Plan
from lawnix.errors import DeclarationError, NotRealizedError, SandboxError
from lawnix.sandbox.attached import attach
from lawnix.sandbox.registry import sandbox_of
from lawnix.sandbox.spec import SandboxSpec
from lawnix.sandbox.worker import BOOT, DiedError
from lawnix.task.kept import kept_at
from lawnix.task.run import plan_of
from lawnix.task.sandboxed import SandboxEnclosure
from lawnix.task.session import TaskSession, session
from lawnix.task.walk import Walker
from lawnix.task.work import DerivedTaskWork

_SHELL: Final = (
    "if command -v bash >/dev/null 2>&1; then exec bash --noprofile --norc; else exec sh; fi"  # what there is
)
_START: Final = """\
import json
import os
import runpy
import sys

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "told.json"), encoding="utf-8") as file:
    told = json.load(file)
runpy.run_path(told["boot"], run_name="boot")["prepare"](told["welcome"])
if os.path.isdir(told["directory"]):
    os.chdir(told["directory"])
from lawnix.task.inside import at_hand

task, run = at_hand(told["message"])
if sys.argv[1:] == ["run"]:
    run()
"""


def shell_of(task: luigi.Task, say: Callable[[str], None]) -> int:
    """Open a shell for a task; what is written there is gone at its end. Its exit code.

    Args:
        task: Whose environment.
        say: Tells people what there is.

    Raises:
        NotRealizedError: Something that it requires is not built.
        SandboxError: Its sandbox cannot be had.
    """
    here = session()
    directory = here.store.new_build()
    try:
        return _shell(task, (), directory, here, say)
    finally:
        here.store.discard(directory)


def shell_in(directory: Path, say: Callable[[str], None]) -> int:
    """Open a shell where a build has failed, in the directory that was kept. Its exit code.

    Raises:
        UnknownNameError: None was.
    """
    kept, here = kept_at(directory), session()
    module, family, parameters = kept.task
    task = luigi.task_register.load_task(module, family, dict(parameters))
    return _shell(task, kept.found, directory, here, say)


def _shell(
    task: luigi.Task,
    names: Sequence[TaskName],
    directory: Path,
    here: TaskSession,
    say: Callable[[str], None],
) -> int:
    walker, plan = plan_of([task], here)
    found = [(name, walker.find(name)) for name in names]
    if found:
        plan.extend()
        plan.settle()
    node = plan.graph.nodes[plan.graph.roots[0]]
    if not isinstance(node, DerivedNode) or not isinstance(node.work, DerivedTaskWork):
        raise DeclarationError(
            f"{node.work.title()} has no run() of its own to look at; name a task that has, or a branch with --branch"
        )
    build = _build(plan, walker, node, [each for each in found if each[1] in plan.settled], directory)
    out = directory / "out"
    with open(os.open(directory / "log", os.O_CREAT | os.O_WRONLY, 0o600), "a"):
        enclosure = node.work.enclosure or _none(here)
        enclosure.make_ready()
        worker, welcome, message = enclosure.shell(node.work, build)
    told = {"boot": str(BOOT), "welcome": welcome, "message": message, "directory": os.getcwd()}
    programs = directory / "shell"
    programs.mkdir(exist_ok=True)
    (programs / "told.json").write_text(json.dumps(told), "utf-8")
    (programs / "start.py").write_text(_START, "utf-8")
    own = dict(os.environ) if node.work.enclosure is None else {}
    title = node.work.title()
    variables = {
        **own,
        **message["variables"],
        "TERM": os.environ.get("TERM", "dumb"),
        "PS1": f"({node.work.label}) \\w \\$ ",
    }
    say(_banner(title, str(enclosure.sandbox.spec) if node.work.enclosure else "no sandbox", out, message))
    try:
        return attach(worker.line, ["/bin/sh", "-c", _SHELL], variables, str(out), str(programs))
    except DiedError as died:
        raise SandboxError(str(enclosure.sandbox.spec), f"it ended under the shell ({died.how})") from None
    finally:
        worker.end()


def _build(
    plan: Plan, walker: Walker, node: DerivedNode, found: Sequence[tuple[TaskName, int]], directory: Path
) -> Build:
    """What goes on in the shell.

    Raises:
        NotRealizedError: Something that is required is not built.
    """
    for source in node.reads:
        for member in plan.graph.members(source):
            if member not in plan.settled:
                raise NotRealizedError(plan.graph.nodes[member].work.title())
    outputs = {
        number: settled.realization.outputs
        for number, settled in plan.settled.items()
        if settled.realization is not None
    }
    known = [(Found(name, plan.settled[number].content), number) for name, number in found]
    return Build(node.work, directory / "out", outputs, plan.session, known)


def _none(here: TaskSession) -> SandboxEnclosure:
    spec, home = SandboxSpec("host", ""), here.settings.store / "sandboxes"
    return SandboxEnclosure(sandbox_of(spec, home), None, home, closed=False)


def _banner(title: str, sandbox: str, out: Path, message: Any) -> str:
    lines = [f"{title} in {sandbox}; outputs are written to {out}"]
    for _, (_, family, _), outputs in message["told"]:
        lines += [f"  input {family}: {place}" for place in outputs.values() if place is not None]
    lines.append(
        "`run` runs its run(); `task` opens Python with `task` and `run()` at hand; `exit` ends the shell"
    )
    return "\n".join(lines)
