"""What a build has read, looked at again when its run() has ended: objects must be as they were added."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Outputs
from lawnix.engine.graph import Graph
from lawnix.engine.messages import BuildRequest
from lawnix.errors import DamagedInputError
from lawnix.store.protocol import Store


@contextmanager
def guarded(
    request: BuildRequest, graph: Graph, outputs: Mapping[int, Outputs], store: Store
) -> Iterator[None]:
    """Within, the inputs of a build may be read; however that ends, none of them may be changed or gone then.

    What is not as it was is moved away by the store: nobody reads it any more, and the next run builds it anew.

    Raises:
        DamagedInputError: One is.
    """
    try:
        yield
    except (Exception, SystemExit):
        check_inputs(request, graph, outputs, store)  # else a failure would leave it behind for others
        raise
    check_inputs(request, graph, outputs, store)


def check_inputs(request: BuildRequest, graph: Graph, outputs: Mapping[int, Outputs], store: Store) -> None:
    """Look once at each object among `outputs` that a build may have read.

    Raises:
        DamagedInputError: One is not as it was built.
    """
    read: dict[ObjectPath, int] = {}
    for source in (*graph.nodes[request.number].inputs.values(), *(number for _, number in request.found)):
        for number in graph.derived(source):
            for path in outputs.get(number, {}).values():
                if path is not None:
                    read[path] = number
    damaged = read.keys() - store.present(read.keys())
    if damaged:
        first = min(damaged, key=lambda path: (read[path], path))
        task, owner = graph.titles([request.number, read[first]])
        raise DamagedInputError(task, owner, first.name, store.location(first))
