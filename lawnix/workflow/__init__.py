"""Many branches of one task: thin, over law's workflows."""
