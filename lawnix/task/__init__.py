"""law on one side, derivations on the other: tasks, targets, parameters, code, and luigi's worker."""

from lawnix.task.worker import install

install()
