"""HighLevel's rows that belong to no case, and its workflows: what the audit lists of HighLevel's side."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ghl_triage.diagnosis.facts_highlevel import ListedSubscription, MappedLocation
from ghl_triage.diagnosis.parse_highlevel import listed_subscription, mapped_location
from ghl_triage.diagnosis.read import iso_moment, text
from ghl_triage.highlevel import HighLevelStranger, HighLevelWorkflow, RowKind, Strangeness
from ghl_triage.store.split import MAPPING

DAY = 86_400
READ_WHOLE = frozenset({"incomplete", "past_due", "paused", "trialing", "unpaid"})
"""Subscriptions in these states are read from Stripe whatever their age; the others for a window of days only, so that
an older one that is not in the store may be in the account all the same."""


def strangers(connection: sqlite3.Connection, *, livemode: bool, since: int | None) -> list[HighLevelStranger]:
    """The rows that belong to no case, oldest first.

    `since` is from which creation on all of Stripe's subscriptions were read (None: not yet, then nobody is unknown).
    """
    found = [*_listed(connection, livemode, since), *_mapped(connection, since)]
    return sorted(found, key=lambda row: (row.created or 0, row.id))


def _listed(connection: sqlite3.Connection, livemode: bool, since: int | None) -> Iterator[HighLevelStranger]:
    for raw in _rows(connection, "highlevel_subscription"):
        row = listed_subscription(raw)
        why = _why(row, livemode)
        if why is None and since is not None and _would_be_known(row, since):
            why = None if _known(connection, row.subscription) else Strangeness.UNKNOWN_HERE
        if why is not None:
            yield HighLevelStranger(
                id=row.id or "",
                kind=RowKind.SUBSCRIPTION,
                why=why,
                contact=row.contact,
                email=row.email,
                subscription=row.subscription,
                customer=row.customer,
                status=row.status,
                amount=row.amount,
                currency=row.currency,
                created=row.created,
            )


def _why(row: ListedSubscription, livemode: bool) -> Strangeness | None:
    if not row.through_stripe:
        return Strangeness.OTHER_PROVIDER
    return Strangeness.OTHER_MODE if row.livemode not in (None, livemode) else None


def _would_be_known(row: ListedSubscription, since: int) -> bool:
    return (row.status or "").casefold() in READ_WHOLE or (row.created or 0) > since + DAY


def _mapped(connection: sqlite3.Connection, since: int | None) -> Iterator[HighLevelStranger]:
    """A location whose subscription and customer are both unknown: one that names a known customer is his."""
    for raw in _rows(connection, MAPPING) if since is not None else ():
        row = mapped_location(raw)
        named = [each for each in (row.subscription, row.customer) if each]
        if named and _open(row) and not any(_known(connection, each) for each in named):
            yield HighLevelStranger(
                id=row.location,
                kind=RowKind.SAAS_LOCATION,
                why=Strangeness.UNKNOWN_HERE,
                contact=row.contact,
                email=row.email,
                subscription=row.subscription,
                customer=row.customer,
                status=row.status,
                amount=None,
                currency="",
                created=None,
            )


def _open(row: MappedLocation) -> bool:
    """A location has no date: only a state that is read whole says that its subscription would be known."""
    return (row.status or "").casefold() in READ_WHOLE


def _known(connection: sqlite3.Connection, identity: str | None) -> bool:
    return connection.execute("SELECT 1 FROM objects WHERE id = ?", (identity,)).fetchone() is not None


def workflows(connection: sqlite3.Connection) -> list[HighLevelWorkflow]:
    """The workflows of the location that sells, the published ones first, each group by name."""
    found = [
        HighLevelWorkflow(
            id=str(raw.get("id")),
            name=text(raw.get("name")) or "",
            status=text(raw.get("status")) or "",
            updated=iso_moment(raw.get("updatedAt")),
        )
        for raw in _rows(connection, "highlevel_workflow")
    ]
    return sorted(found, key=lambda flow: (not flow.published, flow.name.casefold(), flow.id))


def _rows(connection: sqlite3.Connection, kind: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a kind that no customer was found for: HighLevel's rows get theirs by the subscription they name."""
    rows = connection.execute(
        "SELECT CAST(json AS BLOB) FROM objects WHERE customer IS NULL AND kind = ? AND deleted = 0", (kind,)
    ).fetchall()
    return (orjson.loads(encoded) for (encoded,) in rows)
