"""law on one side, derivations on the other: tasks, targets, parameters, code, and luigi's worker."""

from lawnix.task import arguments, factory, siblings, summary

factory.install()
summary.install()
siblings.install()
arguments.install()  # last: what lawnix's worker raises, too, is told
