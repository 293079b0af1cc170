"""Ledger A: what HighLevel's Payments pages list. Pages by limit and offset; no order is promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ghl_triage.sandbox.highlevel.rules import Refused, check_query, forbidden, unprocessable, whole
from ghl_triage.sandbox.world.api import HighLevelSide, Row, RowKind

MOST = 100
"""The largest page. Not documented; 100 is what public clients use against real accounts."""

_PAGED = frozenset({"altId", "altType", "limit", "offset", "contactId", "startAt", "endAt", "search", "paymentMode"})
_KNOWN: Mapping[RowKind, frozenset[str]] = {
    "subscription": _PAGED | {"entityId", "entitySourceType", "id", "getPaymentsCollectedCount"},
    "transaction": _PAGED | {"locationId", "entityId", "entitySourceType", "entitySourceSubType", "subscriptionId"},
    "order": (_PAGED - {"altType"}) | {"locationId", "status", "paymentStatus", "funnelProductIds", "sourceId"},
}
_SOURCE: Mapping[str, str] = {
    "entitySourceType": "type",
    "entitySourceSubType": "subType",
    "entitySourceId": "id",
    "entitySourceName": "name",
    "entitySourceMeta": "meta",
}
_LISTED_ONLY = frozenset(_SOURCE) | {
    "contactName",
    "contactEmail",
    "paymentProviderType",
    "paymentProviderConnectedAccount",
    "trialEndDate",
}
_EQUAL: Mapping[str, str] = {
    "entityId": "entityId",
    "entitySourceType": "entitySourceType",
    "entitySourceSubType": "entitySourceSubType",
    "id": "_id",
    "sourceId": "sourceId",
    "status": "status",
}


def listed(side: HighLevelSide, kind: RowKind, query: Mapping[str, str]) -> dict[str, Any]:
    """One page of a list: `{data, totalCount}`."""
    check_query(query, _KNOWN[kind], ("altId",) if kind == "order" else ("altId", "altType"))
    check_location(side, query)
    limit, offset = min(MOST, whole(query, "limit", 10, least=1)), whole(query, "offset", 0)
    rows = side.rows(
        kind,
        contact=query.get("contactId"),
        subscription=query.get("subscriptionId"),
        since=_day(query, "startAt", 0),
        until=_day(query, "endAt", 1),
    )
    rows = _narrowed(rows, query)
    return {"data": list(rows[offset : offset + limit]), "totalCount": len(rows)}


def single(side: HighLevelSide, kind: RowKind, row_id: str, query: Mapping[str, str]) -> Row:
    """One record by HighLevel's own id, with what lists leave out."""
    check_query(query, frozenset({"altId", "altType"}), ("altId", "altType"))
    check_location(side, query)
    row = side.get(kind, row_id)
    if row is None:
        raise Refused(404, f"{kind.capitalize()} not found", "Not Found")
    return _whole(row)


def _whole(row: Row) -> Row:
    """A record of its own: it groups what a list's row holds side by side, and leaves out what is not there."""
    source = {_SOURCE[name]: value for name, value in row.items() if name in _SOURCE}
    contact = {"id": row["contactId"], "name": row["contactName"], "email": row["contactEmail"]}
    kept = {name: value for name, value in row.items() if name not in _LISTED_ONLY and value is not None}
    return {**kept, "entitySource": source, "contactSnapshot": contact}


def check_location(side: HighLevelSide, query: Mapping[str, str]) -> None:
    """The token belongs to one location: another's data is forbidden."""
    if query.get("altType", "location") != "location":
        raise unprocessable("altType must be one of the following values: location")
    for name in ("altId", "locationId"):
        if query.get(name, side.location_id) != side.location_id:
            raise forbidden("The token does not have access to this location.")


def _narrowed(rows: Sequence[Row], query: Mapping[str, str]) -> Sequence[Row]:
    """The rows that the rarer filters leave; the whole list is read only where one is given."""
    equal = {_EQUAL[name]: value for name, value in query.items() if name in _EQUAL}
    if equal:
        rows = [row for row in rows if all(str(row.get(key)) == value for key, value in equal.items())]
    if mode := query.get("paymentMode"):
        rows = [row for row in rows if row.get("liveMode") is (mode == "live")]
    if text := query.get("search", "").lower():
        names = ("contactName", "contactEmail", "entitySourceName", "sourceName")
        rows = [row for row in rows if any(text in str(row.get(name, "")).lower() for name in names)]
    return rows


def _day(query: Mapping[str, str], name: str, days: int) -> int | None:
    """The start of a day (YYYY-MM-DD, UTC), or its last second where `days` is 1."""
    if name not in query:
        return None
    try:
        day = datetime.strptime(query[name], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise unprocessable(f"{name} must be a valid date (YYYY-MM-DD)") from None
    return int((day + timedelta(days=days)).timestamp()) - days
