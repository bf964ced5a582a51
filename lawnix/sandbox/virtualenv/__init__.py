"""Sandboxes of kind `venv`; a directory of that name is passed over by many tools, which take it for an environment."""
