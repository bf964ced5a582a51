"""What a build has read, looked at again when it has ended: by the build itself, and by the run that it belongs to.

Objects must be as they were added, and files from outside as the key says.
"""

from collections.abc import Mapping

from lawnix.core.objects import ObjectPath
from lawnix.core.realization import Outputs
from lawnix.engine.graph import ForeignNode, Graph, GroupNode
from lawnix.engine.messages import BuildRequest, BuildResult, Built, Failed, failure
from lawnix.engine.plan import Plan
from lawnix.errors import ChangedMeanwhileError, DamagedInputError
from lawnix.store.protocol import Store


def check_inputs(request: BuildRequest, graph: Graph, outputs: Mapping[int, Outputs], store: Store) -> None:
    """Look once at each object among `outputs` that a build, which has ended in whatever way, may have read.

    What is not as it was is moved away by the store: nobody reads it any more, and the next run builds it anew.

    Raises:
        DamagedInputError: One is not as it was built.
    """
    read: dict[ObjectPath, int] = {}
    for source in (*graph.nodes[request.number].reads, *(number for _, number in request.found)):
        for number in graph.derived(source):
            for path in outputs.get(number, {}).values():
                if path is not None:
                    read[path] = number
    if damaged := read.keys() - store.present(read.keys()) if read else None:
        first = min(damaged, key=lambda path: (read[path], path))
        task, owner = graph.titles([request.number, read[first]])
        raise DamagedInputError(task, owner, first.name, store.location(first))


class Inputs:
    """What the builds of a run have read, from the side of the run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._outsides: dict[int, frozenset[int]] = {}  # of groups

    def looked_after(self, result: BuildResult) -> BuildResult:
        """`result`, or a failure if a file from outside that it was made from is not what its key says any more.

        What a failed build has damaged, whose process could not look any more, the store moves away.
        """
        if isinstance(result, Failed):
            self._look(result.number)
        elif isinstance(result, Built) and result.realization is not None:
            error = self._what_changed(result.number)
            if error is not None:
                return failure(result.number, error, printed=result.printed)
        return result

    def _what_changed(self, number: int) -> Exception | None:
        graph = self._plan.graph
        for other in self._outside(number):
            source = graph.nodes[other]
            assert isinstance(source, ForeignNode)
            try:
                if source.work.content() != self._plan.settled[other].content:
                    return ChangedMeanwhileError(graph.nodes[number].work.title(), source.work.title())
            except Exception as gone:  # the author's output(), or a file that cannot be read any more
                return gone
        return None

    def _look(self, number: int) -> None:
        graph, settled = self._plan.graph, self._plan.settled
        realized = [
            realization
            for source in graph.nodes[number].reads
            for other in graph.derived(source)
            if other in settled and (realization := settled[other].realization) is not None
        ]
        self._plan.session.store.present(
            {path for each in realized for path in each.outputs.values() if path is not None}
        )

    def _outside(self, number: int) -> set[int]:
        """The foreign nodes that a node reads, itself or through groups."""
        graph = self._plan.graph
        found: set[int] = set()
        for other in graph.nodes[number].reads:
            match graph.nodes[other]:
                case ForeignNode():
                    found.add(other)
                case GroupNode():
                    if other not in self._outsides:  # a group may be read by many
                        members = graph.members(other)
                        self._outsides[other] = frozenset(
                            n for n in members if isinstance(graph.nodes[n], ForeignNode)
                        )
                    found |= self._outsides[other]
        return found
