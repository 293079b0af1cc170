"""Keeps lines of the client's own log, tied to whom they name."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson

from ghl_triage.store.objects import customers_of, known_ids, write_rows
from ghl_triage.store.redact import redact
from ghl_triage.store.split import Row, fold_email
from ghl_triage.store.statements import chunks, marks

KIND = "log_line"
_TELLING = ("sub_", "in_", "pi_", "seti_", "cs_", "ch_", "pm_", "evt_")
"""Which id leads to the customer where a line names several: the nearest to a subscription first."""


class Line(Protocol):
    """A line as sources/logfile reads it."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def failed(self) -> bool: ...
    @property
    def null_secret(self) -> bool: ...
    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def emails(self) -> tuple[str, ...]: ...


def write_lines(connection: sqlite3.Connection, file: str, lines: Sequence[Line], at: int) -> tuple[int, set[str]]:
    """Keep lines of a file inside the caller's transaction; how many are new, and whose records that touches.

    A line that is there already stays as it is.
    """
    owners = _owners(connection, sorted({name for line in lines for name in line.ids}))
    rows = {line.id: _row(file, line, owners, at) for line in lines}
    for known in known_ids(connection, list(rows)):
        del rows[known]
    touched = write_rows(connection, rows, overwrite=False)
    return len(rows), touched | customers_of(connection, {row.email for row in rows.values() if row.email})


def _owners(connection: sqlite3.Connection, ids: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in chunks(ids):
        found.update(
            connection.execute(
                f"SELECT id, customer FROM objects WHERE id IN ({marks(part)}) AND customer IS NOT NULL",  # noqa: S608
                part,
            ).fetchall()
        )
    return found


def _row(file: str, line: Line, owners: Mapping[str, str], at: int) -> Row:
    ids = sorted(line.ids, key=_nearness)
    owner = next((owners[name] for name in ids if name in owners), None)
    customer = owner or next((name for name in ids if name.startswith("cus_")), None)
    content = {
        "id": line.id,
        "object": KIND,
        "file": file,
        "line": line.number,
        "at": line.at,
        "text": line.text,
        "failed": line.failed,
        # Redaction drops every key that ends in "_secret".
        "secret_was_null": line.null_secret,
        "ids": ids,
        "created": line.at,
    }
    return Row(
        id=line.id,
        kind=KIND,
        customer=customer,
        parent=next((name for name in ids if not name.startswith("cus_")), None),
        subscription=next((name for name in ids if name.startswith("sub_")), None),
        invoice=None,
        payment_intent=None,
        payment_method=None,
        email=None if customer or not line.emails else fold_email(line.emails[0]),
        status=None,
        created=line.at,
        fetched_at=at,
        deleted=False,
        json=orjson.dumps(redact(content)).decode(),
    )


def _nearness(name: str) -> int:
    return next((place for place, prefix in enumerate(_TELLING) if name.startswith(prefix)), len(_TELLING))
