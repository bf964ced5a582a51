"""Notebooks: a class in a cell takes the place of the one that an earlier cell, or the same one, defined."""

import sys
from typing import Any

import luigi

from lawnix.task.session import renew_session


def in_notebook() -> bool:
    """Whether this process runs cells: a Jupyter kernel, or IPython in a terminal."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


class ReplacedInNotebooks:
    """law's `update_register`, the switch that lets a class replace others of its family, for what notebooks redefine.

    That is a class in a cell, or in a module that was loaded again. In a script two classes of one family stay an
    error: nobody could say which one `law run` means.
    """

    def __get__(self, task: object, cls: type) -> bool:
        if not in_notebook():
            return False
        return cls.__module__ == "__main__" or any(
            (other.__module__, other.__qualname__) == (cls.__module__, cls.__qualname__)
            for other in luigi.task_register.Register._reg
        )


def forget_at_each_cell() -> None:
    """Let what is known of tasks be found out anew in each cell; done once.

    A cell may change a function that tasks use, or a file that a branch map is made of, and luigi would go on serving
    the instances of before.
    """
    if in_notebook():
        events: Any = sys.modules["IPython"].get_ipython().events
        events.register("pre_run_cell", forget_tasks)


def forget_tasks(*_: object) -> None:
    """Forget luigi's instances and what lawnix knows of them."""
    luigi.task_register.Register.clear_instance_cache()
    renew_session()
