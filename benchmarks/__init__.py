"""How fast lawnix is beside law, measured in one run on the same work."""
