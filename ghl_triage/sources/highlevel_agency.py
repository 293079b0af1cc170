"""HighLevel's agency for reading: which of the customers' own locations is mapped to what in Stripe.

domain/highlevel.md sections 1 and 9: the token is the agency's, not that of the location that sells.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from ghl_triage.clock import Clock
from ghl_triage.model import Raw
from ghl_triage.sources.highlevel import RATE, VERSIONS, company_of, rows_of
from ghl_triage.sources.highlevel_errors import AGENCY, HighLevelErrors
from ghl_triage.sources.transport import Transport

MOST_PAGES = 1_000
"""Ten locations a page: an agency of more than ten thousand customers is read in part."""


class HighLevelAgency:
    """Reads one agency."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    @property
    def requests(self) -> int:
        """How many requests left this machine, repeated tries included."""
        return self.transport.requests

    async def close(self) -> None:
        """Give the connections back."""
        await self.transport.close()

    async def company_of(self, location: str) -> str | None:
        """The agency's own id, by one of its locations."""
        return await company_of(self.transport, location)

    async def stripe_account(self, company: str) -> str | None:
        """The Stripe account that the agency is connected to."""
        answer = await self.transport.get(
            f"/companies/{quote(company, safe='')}", headers={"Version": VERSIONS["companies"]}
        )
        record = answer.data.get("company") if isinstance(answer.data, dict) else None
        account = record.get("stripeConnectId") if isinstance(record, dict) else None
        return account if isinstance(account, str) and account.startswith("acct_") else None

    async def locations(self, company: str) -> AsyncIterator[Sequence[Raw]]:
        """The locations of SaaS mode, page by page; locations may shift while paging, so each comes once."""
        seen: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            answer = await self.transport.get(
                f"/saas/saas-locations/{quote(company, safe='')}",
                [("page", str(page))],
                headers={"Version": VERSIONS["saas"]},
            )
            rows = rows_of(answer.data, "locations")
            fresh = [row for row in rows if row.get("locationId") and row["locationId"] not in seen]
            seen.update(str(row["locationId"]) for row in fresh)
            if fresh:
                yield fresh
            if not rows or not _has_next(answer.data, page):
                return

    async def mapping(self, company: str, location: str) -> Raw:
        """A location's own record of its mapping: it may say what the list leaves out."""
        answer = await self.transport.get(
            f"/saas/get-saas-subscription/{quote(location, safe='')}",
            [("companyId", company)],
            headers={"Version": VERSIONS["saas"]},
        )
        return answer.data if isinstance(answer.data, dict) else {}


def _has_next(data: dict[str, Any], page: int) -> bool:
    """Whether a further page is told of; where nothing is said, an empty page ends the list."""
    told = data.get("pagination")
    if not isinstance(told, dict):
        return True
    if isinstance(told.get("hasNext"), bool):
        return bool(told["hasNext"])
    pages = told.get("totalPages")
    return not isinstance(pages, int) or page < pages


def highlevel_agency(
    token: str,
    base: str,
    *,
    clock: Clock,
    rate: float | None = RATE,
    tries: int | None = None,
    handler: httpx.AsyncBaseTransport | None = None,
) -> HighLevelAgency:
    """A reader with an agency's token; `handler` stands in for the network in tests."""
    options: dict[str, Any] = {} if tries is None else {"tries": tries}
    transport = Transport(
        base,
        {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "ghl-triage"},
        dialect=HighLevelErrors((token,), token=AGENCY),
        clock=clock,
        rate=rate,
        concurrency=2,
        patient=False,
        secrets=(token,),
        handler=handler,
        **options,
    )
    return HighLevelAgency(transport)
