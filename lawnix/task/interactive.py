"""What `--print-plan` and `--why` print."""

import luigi


def print_plan(task: luigi.Task, limit: str = "5") -> None:
    """Print what would run, and why."""
    raise NotImplementedError


def print_why(task: luigi.Task, depth: str = "0") -> None:
    """Print what would happen to the task, and the reason."""
    raise NotImplementedError
