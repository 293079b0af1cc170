"""HighLevel's contacts: by id, by e-mail, and by its search.

The search body is not in HighLevel's documents; its form here (filters, an OR group, `pageLimit`, `searchAfter`) is
that of public programs which run against real accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ghl_triage.sandbox.highlevel.payments import check_location
from ghl_triage.sandbox.highlevel.rules import bad_request, check_query, unprocessable
from ghl_triage.sandbox.world.api import HighLevelSide, Row

MOST = 500

_BODY = frozenset({"locationId", "page", "pageLimit", "filters", "query", "sort", "searchAfter"})


def contact(side: HighLevelSide, contact_id: str) -> dict[str, Row]:
    """One contact with its do-not-disturb settings."""
    found = side.get("contact", contact_id)
    if found is None:
        raise bad_request(f"Contact with id {contact_id} not found")
    return {"contact": _whole(found)}


def _whole(row: Row) -> Row:
    """A contact of its own: what the search calls `contactName` is its `name`."""
    return {("name" if name == "contactName" else name): value for name, value in row.items()}


def duplicate(side: HighLevelSide, query: Mapping[str, str]) -> dict[str, Row | None]:
    """The contact that has this e-mail or number, null where there is none."""
    check_query(query, frozenset({"locationId", "email", "number"}), ("locationId",))
    check_location(side, query)
    if not (query.get("email") or query.get("number")):
        raise unprocessable("email or number must be given")
    rows = side.rows("contact", email=query["email"]) if query.get("email") else _by_phone(side, query["number"])
    return {"contact": _whole(rows[0]) if rows else None}


def _by_phone(side: HighLevelSide, number: str) -> Sequence[Row]:
    return [row for row in side.rows("contact") if row.get("phone") == number][:1]


def search(side: HighLevelSide, body: Any) -> dict[str, Any]:
    """A page of contacts that pass all filters."""
    if not isinstance(body, dict):
        raise bad_request("Unexpected end of JSON input")
    complaints = [f"{name} should not be empty" for name in ("locationId", "pageLimit") if not body.get(name)]
    complaints += [f"property {name} should not exist" for name in body if name not in _BODY]
    limit = body.get("pageLimit")
    if limit is not None and not (isinstance(limit, int) and 0 < limit <= MOST):
        complaints.append(f"pageLimit must be a number between 1 and {MOST}")
    if complaints:
        raise unprocessable(*complaints)
    check_location(side, {"locationId": body["locationId"]})
    found = list(_passing(side, body.get("filters", [])))
    start = (int(body.get("page", 1)) - 1) * body["pageLimit"]
    if after := body.get("searchAfter"):
        start = next((place + 1 for place, row in enumerate(found) if row["id"] == after[-1]), len(found))
    page = [{**row, "searchAfter": [place, row["id"]]} for place, row in enumerate(found)]
    return {"contacts": page[start : start + body["pageLimit"]], "total": len(found)}


def _passing(side: HighLevelSide, filters: list[Mapping[str, Any]]) -> Iterator[Row]:
    emails = _wanted_emails(filters)
    if emails is None:
        rows: Iterator[Row] = iter(side.rows("contact"))
    else:
        rows = (row for email in emails for row in side.rows("contact", email=email))
    seen = set()
    for row in rows:
        if row["id"] not in seen and all(_passes(row, condition) for condition in filters):
            seen.add(row["id"])
            yield row


def _wanted_emails(filters: list[Mapping[str, Any]]) -> list[str] | None:
    """The e-mails to which the filters narrow the search; None where they do not."""
    for condition in filters:
        leaves = condition.get("filters", [condition]) if condition.get("group", "OR") == "OR" else []
        if leaves and all(leaf.get("field") == "email" and leaf.get("operator") == "eq" for leaf in leaves):
            return [str(leaf["value"]) for leaf in leaves]
    return None


def _passes(row: Row, condition: Mapping[str, Any]) -> bool:
    if "group" in condition:
        verdicts = [_passes(row, below) for below in condition.get("filters", [])]
        return any(verdicts) if condition["group"] == "OR" else all(verdicts)
    value, wanted = row.get(condition.get("field", "")), condition.get("value")
    match condition.get("operator"):
        case "eq":
            return bool(_folded(value) == _folded(wanted))
        case "not_eq":
            return bool(_folded(value) != _folded(wanted))
        case "exists":
            return value not in (None, "")
        case "not_exists":
            return value in (None, "")
        case other:
            raise unprocessable(f"operator {other} is not supported")


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
