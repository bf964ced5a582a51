"""Executors: where builds happen."""
