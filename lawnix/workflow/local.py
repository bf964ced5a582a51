"""Workflows whose branches are built on this machine."""

from typing import Any, Final

import law
from law.task.proxy import ProxyAttributeTask

from lawnix.task.branches import prepare

_FORWARDED: Final = frozenset({"requires", "output", "complete", "run", "input"})


class LocalWorkflow(law.LocalWorkflow):
    """law's local workflow; the branches of a lawnix task join the graph as nodes of their own.

    `create_branch_map()`, `branch`, `branch_data`, `workflow_requires()` and the parameters are law's.
    """

    exclude_index = True

    def __getattribute__(self, attr: str, proxy: bool | None = None) -> Any:  # noqa: FBT001
        """As in law, which looks for a proxy at every attribute although it forwards these alone."""
        if attr in _FORWARDED:
            return super().__getattribute__(attr, proxy)
        return super(ProxyAttributeTask, self).__getattribute__(attr)

    def get_branch_tasks(self, **kwargs: Any) -> Any:
        """As in law, which spends about a millisecond on each of them."""
        if not kwargs and self.is_workflow():
            prepare(self)
        return super().get_branch_tasks(**kwargs)
