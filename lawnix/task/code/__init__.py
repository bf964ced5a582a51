"""What a task's code is: a digest over all that its `run()` can reach by name.

`locate` finds the source of a function, `normal` writes it without what does not matter, `reader` says what it speaks
of, `resolve` what these names lead to, `objects` what values are, `written` what is imported in functions, `methods`
what is reached of the class itself, and `graph` makes one digest of all.
"""

from lawnix.task.code.code import Code, Component, code_of, code_of_function
from lawnix.task.code.faces import tracked
from lawnix.task.code.tracked import tracked_file
from lawnix.task.code.untracked import untracked

__all__ = ["Code", "Component", "code_of", "code_of_function", "tracked", "tracked_file", "untracked"]
