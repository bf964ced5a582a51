"""Sandboxes: environments that builds run in, what they are, and the processes that serve in them."""
