"""Singularity sandboxes: `singularity::file.sif`, `::directory` and `::file.def`, with apptainer or singularity."""
