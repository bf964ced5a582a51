"""Builds in the process of the run itself: for debuggers, and where there is nothing to gain from another."""

from collections.abc import Sequence

from lawnix.core.realization import Outputs
from lawnix.engine.build import build
from lawnix.engine.environment import entered
from lawnix.engine.executor.protocol import Output, news
from lawnix.engine.graph import Graph
from lawnix.engine.messages import BuildRequest, BuildResult
from lawnix.engine.numbered import NumberMap
from lawnix.engine.plan import Plan
from lawnix.engine.session import Session
from lawnix.engine.settled import Settled


class InlineExecutor:
    """One build at a time, here. It cannot be ended by a time-out, and what it prints is shown at its end."""

    def __init__(self, graph: Graph, session: Session) -> None:
        self._graph = graph
        self._session = session
        self._told: NumberMap[Settled] = NumberMap()
        self._outputs: dict[int, Outputs] = {}
        self._request: BuildRequest | None = None

    @property
    def free(self) -> int:
        """1, or 0 while a build was submitted and not waited for."""
        return int(self._request is None)

    def submit(self, request: BuildRequest, plan: Plan, timeout: float) -> None:
        """Keep `request` for the next `wait`."""
        self._outputs.update(news(request, plan, self._told))
        self._request = request

    def wait(self, seconds: float) -> tuple[Sequence[BuildResult], Sequence[Output]]:
        """Build what was submitted."""
        if self._request is None:
            return [], []
        request, self._request = self._request, None
        with entered(self._session.environment):
            return [build(request, self._graph, self._outputs, self._session)], []

    def close(self) -> None:
        """End the sandbox workers: the next run may have other code."""
        self._session.sandboxes.close()
