"""Pure rules: scoring, workflow and permissions, with the standard library and nothing else."""
