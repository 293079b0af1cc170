"""When to read what: full load, tick, reconcile, look-ups, cursors, progress."""
