"""What belongs to the agency: its record, its locations, and Ledger B, which maps customers' own locations to Stripe.

domain/highlevel.md section 9; the published documents give the SaaS lists no schema under their present paths, so that
they are answered as the deprecated paths of the same name describe them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl_triage.sandbox.highlevel.rules import Refused, check_query, forbidden, unprocessable
from ghl_triage.sandbox.world.api import HighLevelSide, Row

PAGE = 10


def company(side: HighLevelSide, company_id: str) -> dict[str, Row]:
    """The agency's record, with the Stripe account that it is connected to."""
    _check_company(side, company_id)
    return {"company": side.company()}


def location(side: HighLevelSide, location_id: str) -> dict[str, Row]:
    """The record of the location that sells: it names its agency."""
    if location_id != side.location_id:
        raise forbidden("The token does not have access to this location.")
    return {"location": side.location()}


def workflows(side: HighLevelSide, query: Mapping[str, str]) -> dict[str, Any]:
    """All workflows of the location."""
    check_query(query, frozenset({"locationId"}), ("locationId",))
    if query["locationId"] != side.location_id:
        raise forbidden("The token does not have access to this location.")
    return {"workflows": list(side.workflows())}


def saas_locations(side: HighLevelSide, company_id: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Which of the customers' own locations is mapped to which Stripe subscription. Ten a page."""
    check_query(query, frozenset({"page"}), ("page",))
    _check_company(side, company_id)
    if not query["page"].isdigit() or int(query["page"]) < 1:
        raise unprocessable("page must not be less than 1")
    rows, page = side.saas_locations(), int(query["page"])
    pages = max(1, -(-len(rows) // PAGE))
    return {
        "locations": list(rows[(page - 1) * PAGE : page * PAGE]),
        "pagination": {
            "page": page,
            "limit": PAGE,
            "total": len(rows),
            "totalPages": pages,
            "hasNext": page < pages,
            "hasPrev": page > 1,
        },
    }


def saas_subscription(side: HighLevelSide, location_id: str, query: Mapping[str, str]) -> Row:
    """A location's own record of its mapping."""
    check_query(query, frozenset({"companyId"}), ("companyId",))
    _check_company(side, query["companyId"])
    found = side.get("saas_location", location_id)
    if found is None:
        raise Refused(404, "Location not found", "Not Found")
    return found


def _check_company(side: HighLevelSide, company_id: str) -> None:
    if company_id != side.company_id:
        raise forbidden("The token does not have access to this company.")
