"""Data in: one module a system, each turns an API into plain dicts, and nothing else."""
