"""Values and decisions: pure; no file, process, clock, network, law."""
