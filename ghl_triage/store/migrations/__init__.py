"""The tables, as migrations: each a name and its statements. Append only; a landed migration is never edited."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from ghl_triage.store.migrations.cases import CASES, POSSIBLE, SIGNATURES, TRIALS
from ghl_triage.store.migrations.journal import JOURNAL, JOURNAL_CHAIN
from ghl_triage.store.migrations.objects import CARD_CHARGES, DUPLICATES, OBJECTS
from ghl_triage.store.version import VERSION

MIGRATIONS = (OBJECTS, CASES, JOURNAL, DUPLICATES, SIGNATURES, TRIALS, POSSIBLE, JOURNAL_CHAIN, CARD_CHARGES)


def shapes(version: int = VERSION) -> frozenset[tuple[str, str]]:
    """The tables, indexes and triggers of a schema, each as its kind and name."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for migration in MIGRATIONS[:version]:
            for statement in migration.statements:
                fresh.execute(statement)
        return found_shapes(fresh)


def found_shapes(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    """The same of a file, as far as it has them."""
    return frozenset(connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
