"""Writes and reads the `objects` table: raw API objects with the links between them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ghl_triage.store.split import Row
from ghl_triage.store.statements import chunks, marks

_UPSERT = """
INSERT INTO objects (id, kind, customer, parent, subscription, invoice, payment_intent, payment_method, email, status,
                     created, fetched_at, deleted, json)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind,
    customer = coalesce(excluded.customer, customer),
    parent = coalesce(excluded.parent, parent),
    subscription = coalesce(excluded.subscription, subscription),
    invoice = coalesce(excluded.invoice, invoice),
    payment_intent = coalesce(excluded.payment_intent, payment_intent),
    payment_method = coalesce(excluded.payment_method, payment_method),
    email = CASE WHEN excluded.deleted THEN email ELSE excluded.email END,
    status = CASE WHEN excluded.deleted THEN status ELSE excluded.status END,
    created = coalesce(excluded.created, created),
    fetched_at = excluded.fetched_at,
    deleted = excluded.deleted,
    -- What is deleted comes as its id alone: keep what was known.
    json = CASE WHEN excluded.deleted THEN json_set(json, '$.deleted', json('true')) ELSE excluded.json END
WHERE excluded.fetched_at >= fetched_at
"""
_INSERT = _UPSERT.split("ON CONFLICT", maxsplit=1)[0] + "ON CONFLICT (id) DO NOTHING"


def write_rows(connection: sqlite3.Connection, rows: Mapping[str, Row], *, overwrite: bool = True) -> set[str]:
    """Store a batch inside the caller's transaction; the customers whose records it touched.

    A row that was read later than the one offered stays. Without `overwrite` any row that is there stays.
    """
    owned = dict(_with_owners(rows))
    connection.executemany(_UPSERT if overwrite else _INSERT, [_values(row, owned[row.id]) for row in rows.values()])
    touched = {owner for owner in owned.values() if owner}
    return touched | _adopt(connection, owned)


def _with_owners(rows: Mapping[str, Row]) -> Iterator[tuple[str, str | None]]:
    """Each row's customer, where it or one of its parents in this batch names him."""
    for row in rows.values():
        at: Row | None = row
        seen: set[str] = set()
        while at is not None and at.customer is None and at.parent and at.id not in seen:
            seen.add(at.id)
            at = rows.get(at.parent)
        yield row.id, at.customer if at else None


def _values(row: Row, customer: str | None) -> tuple[Any, ...]:
    return (
        row.id, row.kind, customer, row.parent, row.subscription, row.invoice, row.payment_intent, row.payment_method,
        row.email, row.status, row.created, row.fetched_at, row.deleted, row.json,
    )  # fmt: skip


def _adopt(connection: sqlite3.Connection, owned: Mapping[str, str | None]) -> set[str]:
    """Finds customers for rows that name none: those of this batch by stored parents, stored ones by this batch."""
    touched: set[str] = set()
    lost = [identity for identity, owner in owned.items() if owner is None]
    known = [identity for identity, owner in owned.items() if owner is not None]
    found = _link(connection, "id", lost)
    while found or known:
        touched.update(customer for _, customer in found)
        known.extend(identity for identity, _ in found)
        found = _link(connection, "parent", known)
        known = []
    return touched


def _link(connection: sqlite3.Connection, column: str, values: Sequence[str]) -> list[tuple[str, str]]:
    linked: list[tuple[str, str]] = []
    for part in chunks(values):
        linked += connection.execute(
            f"""UPDATE objects SET customer = (SELECT p.customer FROM objects AS p WHERE p.id = objects.parent)
                WHERE customer IS NULL AND parent IS NOT NULL AND {column} IN ({marks(part)})
                  AND EXISTS (SELECT 1 FROM objects AS p WHERE p.id = objects.parent AND p.customer IS NOT NULL)
                RETURNING id, customer""",  # noqa: S608
            part,
        ).fetchall()
    return linked


def mark_deleted(connection: sqlite3.Connection, kind: str, ids: Iterable[str]) -> set[str]:
    """These objects are gone at their source; the customers whose records that touches."""
    touched: set[str] = set()
    for part in chunks(list(ids)):
        found = connection.execute(
            f"""UPDATE objects SET deleted = 1, json = json_set(json, '$.deleted', json('true'))
                WHERE kind = ? AND id IN ({marks(part)}) RETURNING customer""",  # noqa: S608
            (kind, *part),
        ).fetchall()
        touched.update(customer for (customer,) in found if customer)
    return touched


def mark_detached(connection: sqlite3.Connection, customer: str, *, attached: Iterable[str], at: int) -> None:
    """A whole list of a customer's payment methods was read at `at`: those stored but not listed are detached."""
    kept = set(attached)
    rows = connection.execute(
        "SELECT id FROM objects WHERE customer = ? AND kind = 'payment_method' AND fetched_at < ?", (customer, at)
    ).fetchall()
    connection.executemany(
        "UPDATE objects SET json = json_set(json, '$.customer', NULL), fetched_at = ? WHERE id = ?",
        [(at, identity) for (identity,) in rows if identity not in kept],
    )


def known_ids(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Those of these ids that the store holds."""
    return {
        identity
        for part in chunks(ids)
        for (identity,) in connection.execute(f"SELECT id FROM objects WHERE id IN ({marks(part)})", part)  # noqa: S608
    }


def customers_of(connection: sqlite3.Connection, emails: Iterable[str]) -> set[str]:
    """The customers with one of these e-mails, as they are compared."""
    return {
        customer
        for part in chunks(sorted(emails))
        for (customer,) in connection.execute(
            f"SELECT id FROM objects WHERE kind = 'customer' AND email IN ({marks(part)})",  # noqa: S608
            part,
        )
    }
