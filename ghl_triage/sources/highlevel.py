"""HighLevel for reading: what the location that sells holds; domain/highlevel.md sections 2, 3, 5.

Its Payments lists, its contacts, the names of its workflows. What the agency holds is in `highlevel_agency`.

Every page carries the location: one without it is refused. Rows may shift while paging, so pages are read until the
list's own count is reached, and rows are told apart by `_id`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from ghl_triage.clock import Clock
from ghl_triage.errors import Unreachable
from ghl_triage.model import Raw
from ghl_triage.sources.highlevel_errors import HighLevelErrors
from ghl_triage.sources.transport import SearchTransport, Transport

VERSIONS = {
    "payments": "2021-07-28",
    "contacts": "2021-07-28",
    "workflows": "2021-07-28",
    "locations": "2021-07-28",
    "companies": "2021-07-28",
    "saas": "2021-04-15",
}
"""The `Version` header of each API: required, and not the same everywhere."""
PAGE = 100
EMAILS_PER_SEARCH = 25
"""How many e-mails one contact search asks for: the largest group seen at work; the limit is not documented."""
RATE = 8.0
"""Requests a second: HighLevel allows 100 in ten seconds for each location."""


class HighLevelReader:
    """Reads one location. Rows are plain dicts as HighLevel sends them, amounts in major units."""

    def __init__(self, transport: SearchTransport, location: str) -> None:
        self.transport = transport
        self.location = location

    @property
    def requests(self) -> int:
        """How many requests left this machine, repeated tries included."""
        return self.transport.requests

    async def close(self) -> None:
        """Give the connections back."""
        await self.transport.close()

    def subscriptions(self) -> AsyncIterator[Sequence[Raw]]:
        """All rows of Payments > Subscriptions, page by page. There is no filter on changes: the list is read whole."""
        return self._pages("/payments/subscriptions", {})

    def transactions(self, since: str, until: str) -> AsyncIterator[Sequence[Raw]]:
        """The transactions from `since` to `until` (both YYYY-MM-DD), page by page."""
        return self._pages("/payments/transactions", {"startAt": since, "endAt": until})

    async def connected_account(self, kind: str, row: str) -> str | None:
        """The Stripe account that charges a row of a list (`kind` is subscriptions or transactions).

        Lists give HighLevel's own id of the connection alone; the single record has Stripe's `acct_`.
        """
        answer = await self.transport.get(
            f"/payments/{kind}/{quote(row, safe='')}",
            [("altId", self.location), ("altType", "location")],
            headers={"Version": VERSIONS["payments"]},
        )
        provider = answer.data.get("paymentProvider") if isinstance(answer.data, dict) else None
        connected = provider.get("connectedAccount") if isinstance(provider, dict) else None
        account = connected.get("accountId") if isinstance(connected, dict) else None
        return account if isinstance(account, str) and account else None

    async def workflows(self) -> Sequence[Raw]:
        """The location's workflows: name and status, never what they do."""
        answer = await self.transport.get(
            "/workflows/", [("locationId", self.location)], headers={"Version": VERSIONS["workflows"]}
        )
        return rows_of(answer.data, "workflows")

    async def company(self) -> str | None:
        """The agency to which the location belongs."""
        return await company_of(self.transport, self.location)

    async def contacts(self, emails: Sequence[str]) -> Sequence[Raw]:
        """The contacts that carry one of `emails` (at most EMAILS_PER_SEARCH of them)."""
        leaves = [{"field": "email", "operator": "eq", "value": email} for email in emails]
        found: dict[str, Raw] = {}
        page = 1
        while True:
            answer = await self.transport.search(
                "/contacts/search",
                {
                    "locationId": self.location,
                    "page": page,
                    "pageLimit": PAGE,
                    "filters": [{"group": "OR", "filters": leaves}],
                },
                headers={"Version": VERSIONS["contacts"]},
            )
            rows, known = rows_of(answer.data, "contacts"), len(found)
            found.update((str(row["id"]), row) for row in rows if row.get("id"))
            if len(rows) < PAGE or len(found) == known:
                return list(found.values())
            page += 1

    async def _pages(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Sequence[Raw]]:
        seen: set[str] = set()
        offset = 0
        while True:
            answer = await self.transport.get(
                path,
                [
                    ("altId", self.location),
                    ("altType", "location"),
                    *params.items(),
                    ("limit", str(PAGE)),
                    ("offset", str(offset)),
                ],
                headers={"Version": VERSIONS["payments"]},
            )
            rows = rows_of(answer.data, "data")
            fresh = [row for row in rows if str(row.get("_id")) not in seen]
            seen.update(str(row.get("_id")) for row in fresh)
            if fresh:
                yield fresh
            offset += len(rows)
            if not rows or offset >= _total(answer.data, offset if len(rows) < PAGE else offset + 1):
                return


def highlevel_reader(
    token: str,
    base: str,
    location: str,
    *,
    clock: Clock,
    rate: float | None = RATE,
    tries: int | None = None,
    on_request: Callable[[str, str], None] | None = None,
    handler: httpx.AsyncBaseTransport | None = None,
) -> HighLevelReader:
    """A reader of `location` with a sub-account token; `handler` stands in for the network in tests."""
    options: dict[str, Any] = {} if tries is None else {"tries": tries}
    transport = SearchTransport(
        base,
        {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "ghl-triage"},
        dialect=HighLevelErrors((token,)),
        clock=clock,
        rate=rate,
        concurrency=4,
        patient=False,
        secrets=(token,),
        on_request=on_request,
        handler=handler,
        **options,
    )
    return HighLevelReader(transport, location)


async def company_of(transport: Transport, location: str) -> str | None:
    """The agency (company) of a location; None where the record does not say."""
    answer = await transport.get(f"/locations/{quote(location, safe='')}", headers={"Version": VERSIONS["locations"]})
    record = answer.data.get("location") if isinstance(answer.data, dict) else None
    company = record.get("companyId") if isinstance(record, dict) else None
    return company if isinstance(company, str) and company else None


def rows_of(data: Any, key: str) -> list[dict[str, Any]]:
    """The rows of an answer; anything else is no answer."""
    rows = data.get(key) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise Unreachable("HighLevel answered with something that is no list.")
    return [row for row in rows if isinstance(row, dict)]


def _total(data: Mapping[str, Any], default: int) -> int:
    """The list's own count; it comes as a number, as text, or inside a list."""
    total = data.get("totalCount", default)
    if isinstance(total, list):
        total = total[0].get("total", default) if total and isinstance(total[0], dict) else default
    return int(total) if re.fullmatch(r"[0-9]{1,9}", str(total)) else default
