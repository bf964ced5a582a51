"""Workflows whose branches are built on this machine."""

import law


class LocalWorkflow(law.LocalWorkflow):
    """law's local workflow; the branches of a lawnix task join the graph as nodes of their own.

    `create_branch_map()`, `branch`, `branch_data`, `workflow_requires()` and the parameters are law's.
    """

    exclude_index = True
