"""One build: a fresh build directory, the author's own run(), and outputs that have become objects.

This runs where the task runs: in a worker, or in the process of the run itself. It touches the build directory and the
objects of the store, never the journals: what came out goes back as a value.
"""

# ruff: noqa: PTH116
# Places are strings here: a path costs more than a look at it.

import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from lawnix.core.derivation import OutputSpec
from lawnix.core.realization import Outputs, Realization
from lawnix.engine.capture import Capture, captured
from lawnix.engine.current import Build, NeedsTasks, current_build
from lawnix.engine.graph import DerivedNode, Graph, GroupNode
from lawnix.engine.inputs import check_inputs
from lawnix.engine.meanings import meanings_of
from lawnix.engine.messages import (
    NOTHING,
    TAIL,
    BuildRequest,
    BuildResult,
    Built,
    Printed,
    Suspended,
    failure,
)
from lawnix.engine.meter import Meter
from lawnix.engine.observe.declared import Declared
from lawnix.engine.observe.watch import Watch
from lawnix.engine.outputs import check_outputs
from lawnix.engine.session import Session
from lawnix.errors import LawnixError
from lawnix.store.access import is_full, room
from lawnix.store.protocol import AddedObject


def build(
    request: BuildRequest,
    graph: Graph,
    outputs: Mapping[int, Outputs],
    session: Session,
    started: Callable[[Path | None], None] = lambda directory: None,
    capture: Capture = captured,
) -> BuildResult:
    """Run one task; what it wrote has become objects when this returns a `Built`.

    Args:
        request: Which, and what the worker has to know for it.
        graph: How to run it, what it declares and what it reads.
        outputs: The chosen outputs of derived nodes, by number.
        session: Where outputs go.
        started: Told the build directory before anything runs in it.
        capture: Keeps what it prints.
    """
    node = graph.nodes[request.number]
    assert not isinstance(node, GroupNode), "a group has nothing to run"
    work = node.work
    derivation = node.derivation if isinstance(node, DerivedNode) else None
    directory = session.store.new_build() if derivation is not None else None
    log = f"{directory}/log" if directory is not None else None
    going_on = Build(work, directory and _out(directory), outputs, session, request.found)
    meter, watch = Meter(), Watch()
    around = session.surroundings if derivation is not None and derivation.fixed_output is None else None
    keep = False
    started(directory)
    try:
        try:
            with capture(log), current_build.entered(going_on):
                if around is None or directory is None:
                    work.run(going_on)
                else:
                    with watch.over(Declared(request, graph, outputs), around, directory):
                        work.run(going_on)
        finally:
            check_inputs(
                request, graph, outputs, session.store
            )  # a failure, too, leaves nothing damaged behind
        if derivation is None or directory is None or request.key is None:
            return Built(request.number, None)
        printed = _printed(log)
        written = check_outputs(work.title, derivation.outputs, f"{directory}/out")
        added = register(written, directory, session, work.label)
        objects = {
            spec.name: added[spec.name].path if spec.name in added else None for spec in derivation.outputs
        }
        sizes = {found.path: found.size for found in added.values()}
        meanings = {}
        if derivation.fixed_output is None and isinstance(node, DerivedNode):
            places = {name: found.place for name, found in added.items()}
            meanings = meanings_of(derivation.outputs, places, node.work.digest_functions)
        record = meter.record(
            size=sum(sizes.values()),
            logged=bool(printed.text),
            environment=session.environment,
            observed=watch.observed,
        )
        found, reads = tuple(going_on.read), tuple(going_on.reads)
        realization = Realization(request.key, derivation.digest, objects, found, record, meanings, reads)
        if record.logged and log is not None:
            session.store.save_log(realization.digest, Path(log))
        return Built(request.number, realization, printed, sizes)
    except NeedsTasks as needs:
        return Suspended(request.number, needs.tasks, _printed(log))
    except (Exception, SystemExit) as error:  # whatever the author's code raises fails this task alone
        if is_full(error) and not isinstance(error, LawnixError) and session.store.root is not None:
            error.add_note(
                f"{room(session.store.root)}, where the store {session.store.root} lies; `lawnix gc --dry-run` shows "
                "what can go, [lawnix] store chooses another place"
            )
        keep = session.keep_failed
        return failure(request.number, error, str(directory) if keep and directory else "", _printed(log))
    finally:
        if directory is not None and not keep:
            session.store.discard(directory)


def register(
    written: Sequence[OutputSpec], directory: Path, session: Session, task: str
) -> Mapping[str, AddedObject]:
    """Make objects of the outputs that were `written`, by their names."""
    added = session.store.add(directory, [(spec.name, spec.kind) for spec in written], task)
    return {spec.name: found for spec, found in zip(written, added, strict=True)}


@lru_cache(1)  # most builds go on where the last one did
def _out(directory: Path) -> Path:
    return directory / "out"


def _printed(log: str | None) -> Printed:
    if log is None:
        return NOTHING
    try:
        size = os.stat(log).st_size
        start = max(0, size - TAIL)
        return Printed(start, Path(log).read_bytes()[start:]) if size else NOTHING
    except FileNotFoundError:  # the build ended before anything could be printed
        return NOTHING
