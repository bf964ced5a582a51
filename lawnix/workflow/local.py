"""Workflows whose branches are built on this machine."""

from typing import Any

import law

from lawnix.task.branches import prepare


class LocalWorkflow(law.LocalWorkflow):
    """law's local workflow; the branches of a lawnix task join the graph as nodes of their own.

    `create_branch_map()`, `branch`, `branch_data`, `workflow_requires()` and the parameters are law's.
    """

    exclude_index = True

    def get_branch_tasks(self, **kwargs: Any) -> Any:
        """As in law, which spends about a millisecond on each of them."""
        if not kwargs and self.is_workflow():
            prepare(self)
        return super().get_branch_tasks(**kwargs)
