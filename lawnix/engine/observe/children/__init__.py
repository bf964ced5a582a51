"""On `PYTHONPATH` of what a watched build starts: its `sitecustomize` watches Python children."""
