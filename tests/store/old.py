"""Stores as older programs left them, and what must still be in them whatever happens."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from ghl_triage.store import chain, schema
from ghl_triage.store.schema import migrations, open_store
from tests.store.given import NOW

KEPT = ("plans", "journal", "journal_events", "notes", "tags", "path_overrides", "objects")
_FROM_VERSION = {
    "objects": 1,
    "notes": 2,
    "tags": 2,
    "path_overrides": 2,
    "plans": 3,
    "journal": 3,
    "journal_events": 3,
}
_ROWS: Mapping[str, str] = {
    "objects": "INSERT INTO objects (id, kind, fetched_at, json) VALUES ('cus_' || :n, 'customer', 1, '{}')",
    "notes": "INSERT INTO notes (subscription, at, text) VALUES ('sub_1', :n, 'note ' || :n)",
    "tags": "INSERT INTO tags VALUES ('sub_1', 'tag ' || :n)",
    "path_overrides": "INSERT INTO path_overrides VALUES ('sub_' || :n, 'api', 1)",
    "plans": "INSERT INTO plans VALUES ('plan_' || :n, 'retry', 0, '{}', 'cli', :now + :n)",
    "journal": """INSERT INTO journal (plan, "case", action, method, path, params, idempotency_key, shown, "by",
                                       created)
                  VALUES ('plan_' || :n, 'sub_1', 'retry', 'POST', '/v1/invoices/in_1/pay', '{}', 'key-' || :n,
                          'pay', 'cli', :now)""",
    "journal_events": "INSERT INTO journal_events (entry, state, at) VALUES (:n, 'planned', :now)",
}


def make_old(path: Path, version: int, rows: int = 3) -> None:
    """A store of an older schema, with rows in all that must be kept."""
    steps = migrations()
    del steps._migrations[version:]
    with patch.object(schema, "migrations", lambda: steps), patch.object(schema, "VERSION", version):
        open_store(path)
    schema._seen.clear()
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, insert in _ROWS.items():
            if version >= _FROM_VERSION[table]:
                connection.executemany(insert, [{"n": number, "now": NOW} for number in range(1, rows + 1)])
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal_chain'").fetchone():
            chain.adopt(connection)


def kept_rows(path: Path) -> dict[str, str]:
    """What stands in the tables that must be kept, by table; only the columns that every schema has."""
    with closing(sqlite3.connect(path)) as connection:
        found = {}
        for table in KEPT:
            columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
            shown = ", ".join(f'"{name}"' for name in columns if name not in ("undo", "undoes"))
            if shown:
                found[table] = json.dumps(connection.execute(f"SELECT {shown} FROM {table} ORDER BY 1, 2").fetchall())  # noqa: S608
        return found


def version_of(path: Path) -> int:
    """The schema that SQLite finds in a file, its write-ahead log included."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_whole(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file."""
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
