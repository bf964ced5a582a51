"""What a task's code is: a digest over all that its `run()` can reach by name.

`locate` finds the source of a function, `normal` writes it without what does not matter, `reader` says what it speaks
of, `resolve` what these names lead to, `objects` what values are, `written` what is imported in functions, `methods`
what is reached of the class itself, `graph` makes one digest of all, and `code` tells it.
"""
