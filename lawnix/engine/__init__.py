"""What lawnix does, one verb a module; it knows nodes, stores and processes, and nothing of law."""
