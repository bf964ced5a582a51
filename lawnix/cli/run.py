"""`lawnix run`: `law run`, and the places of the results."""

import contextlib
import sys
from typing import Any

from lawnix.cli.asked import argv_of, as_json, say_json, task_verb
from lawnix.cli.described import outputs_of
from lawnix.task.command import family_of, task_from
from lawnix.task.run import plan_of
from lawnix.task.session import session


@task_verb("Example: lawnix run dimuon.Report --scale 0.5 --workers 2")
@as_json
def command(task: str, parameters: tuple[str, ...], as_json: bool) -> None:
    """Run TASK and what it needs.

    This is `law run`, with its options and exit codes. Parameters of the task, and luigi's options
    such as --workers 2, stand after TASK.
    """
    argv, as_json = argv_of(task, parameters, as_json=as_json)
    argv[0] = family_of(task)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        code = _run(argv)
    if as_json:
        say_json({"task": argv[0], "exit_code": code, "outputs": _outputs(argv)})
    sys.exit(code)


def _run(argv: list[str]) -> int:
    from luigi.cmdline import luigi_run

    sys.argv = ["law run", *argv]  # what law itself looks at
    try:
        luigi_run(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _outputs(argv: list[str]) -> list[dict[str, Any]]:
    """The outputs of the task, of each branch if it is a workflow."""
    here = session()
    _, plan = plan_of([task_from(argv)], here)
    found = [
        (n, s.realization)
        for root in plan.graph.roots
        for n in plan.graph.derived(root)
        if (s := plan.settled.get(n))
    ]
    return [
        {"task": plan.graph.nodes[number].work.title(), "outputs": outputs_of(here.store, realization)}
        for number, realization in found
        if realization is not None
    ]
