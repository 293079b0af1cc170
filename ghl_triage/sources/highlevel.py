"""HighLevel for reading: the Payments lists of one location, and its contacts; domain/highlevel.md sections 2, 3, 5.

Every page carries the location: one without it is refused. Rows may shift while paging, so pages are read until the
list's own count is reached, and rows are told apart by `_id`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx

from ghl_triage.clock import Clock
from ghl_triage.errors import (
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RateLimited,
    RequestRefused,
    SourceError,
    Unreachable,
)
from ghl_triage.model import Raw
from ghl_triage.sources.secrets import mask
from ghl_triage.sources.transport import Transport

VERSIONS = {"payments": "2021-07-28", "contacts": "2021-07-28"}
"""The `Version` header of each API: required, and not the same everywhere."""
PAGE = 100
EMAILS_PER_SEARCH = 25
"""How many e-mails one contact search asks for: the largest group seen at work; the limit is not documented."""
RATE = 8.0
"""Requests a second: HighLevel allows 100 in ten seconds for each location."""


class HighLevelReader:
    """Reads one location. Rows are plain dicts as HighLevel sends them, amounts in major units."""

    def __init__(self, transport: Transport, location: str) -> None:
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

    async def contacts(self, emails: Sequence[str]) -> Sequence[Raw]:
        """The contacts that carry one of `emails` (at most EMAILS_PER_SEARCH of them)."""
        leaves = [{"field": "email", "operator": "eq", "value": email} for email in emails]
        found: dict[str, Raw] = {}
        page = 1
        while True:
            answer = await self.transport.read(
                "POST",
                "/contacts/search",
                json={
                    "locationId": self.location,
                    "page": page,
                    "pageLimit": PAGE,
                    "filters": [{"group": "OR", "filters": leaves}],
                },
                headers={"Version": VERSIONS["contacts"]},
            )
            rows = _rows(answer.data, "contacts")
            found.update((str(row["id"]), row) for row in rows if row.get("id"))
            if len(rows) < PAGE:
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
            rows = _rows(answer.data, "data")
            fresh = [row for row in rows if str(row.get("_id")) not in seen]
            seen.update(str(row.get("_id")) for row in fresh)
            if fresh:
                yield fresh
            offset += len(rows)
            if not rows or offset >= _total(answer.data, offset if len(rows) < PAGE else offset + 1):
                return


class HighLevelErrors:
    """HighLevel's errors in our words; domain/highlevel.md section 8."""

    name = "HighLevel"

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def error(self, status: int, headers: Mapping[str, str], body: Any) -> SourceError:
        """The exception that this answer means; its text is masked."""
        fault = body if isinstance(body, dict) else {}
        message = fault.get("message") or ""
        said = mask("; ".join(map(str, message)) if isinstance(message, list) else str(message), secrets=self._secrets)
        trace = str(fault["traceId"]) if fault.get("traceId") else headers.get("x-trace-id")
        if status == 401:
            return NotAuthenticated(
                "HighLevel does not accept the token.",
                hint="Check HIGHLEVEL_TOKEN; tokens are made under Settings > Private Integrations.",
                status=status,
                request_id=trace,
            )
        if status == 403:
            return NotPermitted(
                f"The HighLevel token may not do this{f': {said}' if said else '.'}",
                hint="Check the token's scopes, and that HIGHLEVEL_LOCATION_ID is its location.",
                status=status,
                request_id=trace,
            )
        if status == 404:
            return NotFound(said or "HighLevel does not know this.", status=status, request_id=trace)
        if status == 429:
            return RateLimited("HighLevel is limiting this token's requests.", status=status, request_id=trace)
        if status >= 500 or not fault:
            return Unreachable(f"HighLevel answered {status} and nothing usable.", status=status, request_id=trace)
        return RequestRefused(said or f"HighLevel refused the request ({status}).", status=status, request_id=trace)

    def limited_by(self, headers: Mapping[str, str], body: Any) -> str:  # noqa: ARG002 - the header says it all
        """Why a 429 was given: with nothing left of the day, waiting is of no use."""
        left = headers.get("x-ratelimit-daily-remaining", "")
        return "stop" if re.fullmatch(r"-?\d+", left) and int(left) <= 0 else "rate"


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
    transport = Transport(
        base,
        {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "ghl-triage"},
        dialect=HighLevelErrors((token,)),
        clock=clock,
        rate=rate,
        concurrency=4,
        secrets=(token,),
        on_request=on_request,
        handler=handler,
        **options,
    )
    return HighLevelReader(transport, location)


def _rows(data: Any, key: str) -> list[dict[str, Any]]:
    rows = data.get(key) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise Unreachable("HighLevel answered with something that is no list.")
    return [row for row in rows if isinstance(row, dict)]


def _total(data: Mapping[str, Any], default: int) -> int:
    """The list's own count; it comes as a number, as text, or inside a list."""
    total = data.get("totalCount", default)
    if isinstance(total, list):
        total = total[0].get("total", default) if total and isinstance(total[0], dict) else default
    return int(total) if str(total).isdigit() else default
