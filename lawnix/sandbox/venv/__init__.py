"""Virtual environments: `venv::requirements.txt`, `venv::pyproject.toml`, `venv::uv.lock` and `venv::directory`."""
