"""The population of the sandbox: who there is, generated lazily from a seed."""
