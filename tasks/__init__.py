"""Analyses that are shipped with lawnix; they use its public face alone."""
